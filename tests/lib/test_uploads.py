"""What may come as a photo, and what comes of it: known pictures, and files that nobody should send."""

from __future__ import annotations

import io
import logging
import os
import pickle
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from lib import uploads
from lib.uploads import LARGEST, LONGEST, PIXELS, SHORTEST, Photo, PhotoError, read_apart, read_photo

RED, GREEN, BLUE, WHITE = (220, 30, 20), (20, 200, 40), (30, 40, 230), (255, 255, 255)
NEAR = 12  # grey levels that JPEG and WebP may be off in a field of one colour


def quarters() -> Image.Image:
    """Red and green above blue and white, 80 × 48: upright it is told from all its turns and mirrors."""
    picture = Image.new("RGB", (80, 48), WHITE)
    for colour, place in ((RED, (0, 0)), (GREEN, (40, 0)), (BLUE, (0, 24))):
        picture.paste(colour, (*place, place[0] + 40, place[1] + 24))
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def corners(photo: Photo) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters, row by row."""
    high, wide = photo.height // 4, photo.width // 4
    return [tuple(map(int, photo.pixels[y, x])) for y in (high, 3 * high) for x in (wide, 3 * wide)]


def near(photo: Photo, *colours: tuple[int, ...]) -> bool:
    return bool(np.abs(np.subtract(corners(photo), colours)).max() <= NEAR)


def refusal(data: bytes, read: Callable[[bytes], Photo] = read_photo) -> str:
    with pytest.raises(PhotoError) as fault:
        read(data)
    assert fault.value.__context__ is None or fault.value.__suppress_context__  # no trace quotes the file
    return fault.value.code


# What is taken


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_photo_is_its_pixels(kind: str) -> None:
    photo = read_photo(saved(quarters(), kind))
    assert (photo.height, photo.width) == (48, 80)
    assert near(photo, RED, GREEN, BLUE, WHITE)
    assert kind != "PNG" or (photo.pixels == np.asarray(quarters())).all()
    assert read_apart(saved(quarters(), kind)) == photo


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_it_stands_upright_however_the_camera_was_held(kind: str, turn: int) -> None:
    back: dict[int, list[Image.Transpose]] = {  # the picture as a camera would have laid it (EXIF 2.32, 4.6.4 A)
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    lying = quarters()
    for step in back[turn]:
        lying = lying.transpose(step)
    note = Image.Exif()
    note[0x0112] = turn
    photo = read_photo(saved(lying, kind, exif=note))
    assert (photo.height, photo.width) == (48, 80)
    assert near(photo, RED, GREEN, BLUE, WHITE)


def test_notes_that_cannot_be_read_turn_nothing() -> None:
    photo = read_photo(saved(quarters(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff"))
    assert near(photo, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(3000, 2000), (900, 2100), (640, 100), (641, 640)])
def test_a_large_one_is_made_smaller_and_keeps_its_shape(kind: str, size: tuple[int, int]) -> None:
    photo = read_photo(saved(quarters().resize(size, Image.Resampling.NEAREST), kind))
    assert max(photo.height, photo.width) == LONGEST
    assert abs(photo.width / photo.height - size[0] / size[1]) < 0.02 * size[0] / size[1]
    assert near(photo, RED, GREEN, BLUE, WHITE)


def test_grey_is_grey_in_eight_bits_in_sixteen_and_in_one() -> None:
    steps = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None], 64, 0)
    for picture in (Image.fromarray(steps), Image.fromarray(steps.astype(np.uint16) * 257)):
        told = read_photo(saved(picture)).pixels
        assert (told == steps[..., None]).all(), picture.mode
    told = read_photo(saved(Image.fromarray(steps > 127))).pixels
    assert (told == 255 * (steps > 127)[..., None]).all()
    alpha = Image.merge("LA", (Image.fromarray(steps), Image.new("L", (64, 64), 255)))
    assert (read_photo(saved(alpha)).pixels == steps[..., None]).all()


def test_sixteen_bits_of_colour_lose_their_lower_half() -> None:
    rows = b"".join(b"\x00" + struct.pack(">3H", 0xDC00, 0x1EFF, 0x1480) * 40 for _ in range(40))
    photo = read_photo(png((40, 40), 16, 2, rows))
    assert (photo.pixels == (0xDC, 0x1E, 0x14)).all()


def png(size: tuple[int, int], depth: int, colour: int, rows: bytes, *more: bytes) -> bytes:
    """A PNG as the standard writes it (ISO/IEC 15948, 11.2), whatever it says of its size."""

    def chunk(name: bytes, held: bytes) -> bytes:
        return struct.pack(">I", len(held)) + name + held + struct.pack(">I", zlib.crc32(name + held))

    head = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", rows_of(rows)) + END


@cache
def bomb() -> bytes:
    """60,000 × 60,000 pixels in half a megabyte, and all of them are there."""
    return png((60_000, 60_000), 1, 0, bytes(60_000 * 7501))


def rows_of(rows: bytes) -> bytes:
    return zlib.compress(rows, 9)


END = b"\x00\x00\x00\x00IEND\xaeB`\x82"


def test_print_colours_are_read_as_colours() -> None:
    assert near(read_photo(saved(quarters().convert("CMYK"), "JPEG")), RED, GREEN, BLUE, WHITE)


def test_a_palette_is_looked_up() -> None:
    photo = read_photo(saved(quarters().quantize(4)))
    assert near(photo, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_lies_on_white(kind: str) -> None:
    glass = quarters().convert("RGBA")
    glass.paste((*RED, 0), (0, 0, 40, 24))
    glass.paste((*GREEN, 128), (40, 0, 80, 24))
    half = tuple(round((one + 255) / 2) for one in GREEN)
    assert near(
        read_photo(saved(glass, kind, **({"lossless": True} if kind == "WEBP" else {}))), WHITE, half, BLUE, WHITE
    )


def test_a_transparent_colour_of_a_palette_and_of_a_plain_picture_lies_on_white() -> None:
    flat = quarters().quantize(4)
    index = int(np.asarray(flat)[10, 10])
    assert near(read_photo(saved(flat, transparency=index)), WHITE, GREEN, BLUE, WHITE)
    assert near(read_photo(saved(quarters(), transparency=BLUE)), RED, GREEN, WHITE, WHITE)


def test_colours_of_another_space_become_those_of_screens() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(read_photo(saved(quarters(), icc_profile=lab)), RED, GREEN, BLUE, WHITE)
    assert near(read_photo(saved(quarters(), icc_profile=b"no profile")), RED, GREEN, BLUE, WHITE)
    swapped = [colour[::-1] for colour in (RED, GREEN, BLUE, WHITE)]
    assert near(read_photo(saved(quarters(), icc_profile=swapped_profile(lab))), *swapped)


def swapped_profile(profile: bytes) -> bytes:
    """sRGB, but red is called blue: the tags rXYZ and bXYZ have changed their places (ICC.1:2022, 7.3)."""
    return profile.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)


def test_a_phones_photo_with_more_behind_it_is_its_first_picture() -> None:
    photo = read_photo(saved(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (80, 48))]))
    assert near(photo, RED, GREEN, BLUE, WHITE)


def test_nothing_of_a_file_is_left_but_pixels() -> None:
    note, notes = Image.Exif(), PngImagePlugin.PngInfo()
    note[0x010E] = "where I live"
    notes.add_text("Comment", "where I live")
    for data in (saved(quarters(), "JPEG", exif=note), saved(quarters(), pnginfo=notes, exif=note) + b"where I live"):
        photo = read_photo(data)
        assert b"where I live" in data
        assert b"where I live" not in pickle.dumps(photo)
        assert b"where I live" not in photo.jpeg()


# What is refused


def test_what_is_no_photo_is_none_whatever_its_name() -> None:
    drawn = quarters()
    others = [b"", b"hello", b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF\x00\x00\x00\x00WAVEfmt "]
    others += [saved(drawn, kind) for kind in ("GIF", "BMP", "TIFF", "ICO", "JPEG2000", "PPM", "EPS")]
    assert {refusal(data) for data in others} == {"kind"}


def test_five_megabytes_are_taken_and_a_byte_more_is_not() -> None:
    data = saved(quarters())
    padded = data[:-12] + bytes(LARGEST - len(data)) + data[-12:]
    assert refusal(padded + b"\x00") == "heavy"
    assert refusal(padded + b"\x00", read_apart) == "heavy"
    tail = data + bytes(LARGEST - len(data))  # what stands behind the end of a PNG is nothing
    assert read_photo(tail) == read_photo(data)


@pytest.mark.parametrize("read", [read_photo, read_apart])
def test_a_bomb_does_not_go_off(read: Callable[[bytes], Photo]) -> None:
    """Few bytes, many pixels: what counts is what the file says of its size, before it is decoded."""
    side = int(PIXELS**0.5)
    webp = b"RIFF\xff\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"
    bombs = [
        png((side + 1, side + 1), 8, 2, b""),
        bomb(),
        png((2**31 - 1, 2**31 - 1), 8, 6, b""),
        webp + struct.pack("<I", 16_382)[:3] + struct.pack("<I", 16_382)[:3] + bytes(50),
        jpeg_of(65_500, 65_500),
    ]
    assert {refusal(data, read) for data in bombs} == {"large"}


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG that says that it is so large."""
    data = saved(Image.new("RGB", (64, 64)), "JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def test_as_many_pixels_as_may_be_are_read_within_the_memory_of_a_decoder() -> None:
    """The costliest: colours, transparency, and nothing that could be skipped on the way."""
    sheet = Image.new("RGBA", (5000, 5000), (*RED, 255))
    for data in (saved(sheet, compress_level=1), saved(sheet, "WEBP", method=0)):
        photo = read_apart(data)
        assert near(photo, RED, RED, RED, RED)
        assert photo.height == LONGEST


def test_a_decoder_that_takes_too_much_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = saved(Image.new("RGBA", (5000, 5000)), compress_level=1)
    run = subprocess.run

    def scarce(command: list[str], **how: Any) -> Any:
        code = f"from lib import uploads; uploads.MEMORY = {180 * 2**20}; uploads._decode()"
        return run([command[0], "-c", code], **how)

    monkeypatch.setattr(subprocess, "run", scarce)
    assert read_apart(saved(quarters())) == read_photo(saved(quarters()))
    assert refusal(sheet, read_apart) == "costly"


@pytest.mark.parametrize("code", ["import os; os.abort()", "import sys; sys.exit(3)", "print('{}')", "print('[]')"])
def test_a_decoder_that_ends_early_is_a_sentence_and_a_line_in_the_log(
    code: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **how: run([command[0], "-c", code], **how))
    with caplog.at_level(logging.WARNING, "horizon.uploads"):
        assert refusal(saved(quarters()), read_apart) == "costly"
    assert [one.message for one in caplog.records] == ["a photo could not be read"]


def test_a_decoder_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    run = subprocess.run
    code = "import time; time.sleep(1000)"
    monkeypatch.setattr(uploads, "HANGING", 0.5)
    monkeypatch.setattr(subprocess, "run", lambda command, **how: run([command[0], "-c", code], **how))
    assert refusal(saved(quarters()), read_apart) == "costly"


def test_who_finds_all_decoders_busy_for_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PATIENCE", 0.0)
    for _ in range(uploads.AT_ONCE):
        uploads._decoders.acquire()
    try:
        assert refusal(saved(quarters()), read_apart) == "busy"
    finally:
        for _ in range(uploads.AT_ONCE):
            uploads._decoders.release()
    assert read_apart(saved(quarters())) == read_photo(saved(quarters()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are not Windows's")
def test_a_decoder_can_write_no_file_and_leaves_none() -> None:
    code = "from lib import uploads; uploads._bind(); open('photo', 'w').write('x' * 9999)"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os, tempfile, sys; sys.path.insert(0, os.getcwd()); os.chdir(tempfile.mkdtemp()); {code}",
        ],
        cwd=uploads.ROOT,
        capture_output=True,
        text=True,
    )
    assert "File too large" in done.stderr


def moving() -> list[bytes]:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, GREEN)]
    return [saved(frames[0], kind, save_all=True, append_images=frames[1:]) for kind in ("PNG", "WEBP")]


def test_what_moves_is_refused() -> None:
    assert {refusal(data) for data in moving()} == {"moving"}


@pytest.mark.parametrize("size", [(1, 1), (SHORTEST - 1, 400), (10_000, 40)])
def test_what_is_too_small_or_too_narrow_to_see_is_refused(size: tuple[int, int]) -> None:
    assert refusal(saved(Image.new("RGB", size))) == "small"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_was_cut_short_is_refused_wherever_it_ends(kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    data = saved(noise, kind)
    told = {refusal(data[: round(share * len(data))]) for share in (0.02, 0.3, 0.7, 0.95)}
    assert told <= {"broken", "kind"}
    assert "broken" in told


def test_a_flipped_bit_in_a_png_is_noticed() -> None:
    data = bytearray(saved(quarters()))
    data[data.index(b"IDAT") + 12] ^= 4
    assert refusal(bytes(data)) == "broken"


@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1))
def test_whatever_is_changed_in_a_file_it_is_a_photo_or_is_refused(kind: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(saved(quarters(), kind))
    for place, byte in changes:
        data[round(place * (len(data) - 1))] = byte
    with suppress(PhotoError):
        photo = read_photo(bytes(data))
        assert photo.pixels.shape == (photo.height, photo.width, 3)


def test_a_note_that_unpacks_to_gigabytes_is_not_unpacked() -> None:
    text = b"Comment\x00\x00" + zlib.compress(bytes(200_000_000), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    data = png((40, 40), 8, 0, b"".join(b"\x00" + bytes(40) for _ in range(40)), chunk)
    assert refusal(data) == "broken"


# What it is


def test_a_photo_is_a_value_that_tells_nothing_of_its_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    one, same, other = Photo.of(pixels), Photo.of(pixels.copy()), Photo.of(pixels[::-1])
    assert one == same
    assert hash(one) == hash(same)
    assert repr(one) == repr(same) == str(one)
    assert other not in (one,)
    assert repr(other) != repr(one)
    assert len(repr(one)) == len("Photo()") + 20
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
    assert not one.pixels.flags.writeable
    assert repr(Photo(70, 50, one.rgb)) != repr(one)  # the same bytes in another shape


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((40, 40, 3)),
        np.zeros((40, 40), np.uint8),
        np.zeros((40, 40, 4), np.uint8),
        np.zeros((0, 40, 3), np.uint8),
        np.zeros((LONGEST + 1, 40, 3), np.uint8),
    ],
)
def test_other_arrays_are_no_photo(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="photo: got"):
        Photo.of(pixels)


def test_other_bytes_are_no_photo() -> None:
    with pytest.raises(ValueError, match="give three for each"):
        replace(Photo.of(np.zeros((40, 40, 3), np.uint8)), width=39)


def test_what_is_shown_of_a_photo_is_like_it() -> None:
    photo = read_photo(saved(quarters().resize((400, 240), Image.Resampling.NEAREST)))
    assert near(read_photo(photo.jpeg()), RED, GREEN, BLUE, WHITE)
