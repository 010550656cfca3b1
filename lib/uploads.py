"""A photo of a visitor's own: plain pixels of what they send, or one word for why it cannot be.

A file from outside is taken for an attack on whoever decodes it. So a server has that done by `read_apart`: in a
process that ends with the file, may take little memory and time, and writes nothing. What comes back are pixels and
nothing else of the file: no names, places, profiles or bytes that an image only hides.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from os import environ
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

log = logging.getLogger("horizon.uploads")
ROOT = Path(__file__).parents[1]
LARGEST = 5_000_000  # bytes of a file
PIXELS = 25_000_000  # of a file, before it is made smaller
LONGEST, SHORTEST = 640, 32  # pixels: what is kept of the longer side at most, and of the shorter at least
MEMORY = 640 * 2**20  # bytes of addresses for a decoder: 25 million pixels of four bytes twice, and its libraries
SECONDS = 10  # of a processor, for a decoder; a photo of a phone takes half of one
HANGING = 60.0  # seconds after which one that does not even compute is ended
AT_ONCE = 2  # decoders; the others wait
PATIENCE = 60.0  # seconds, then they are told so
SIDE = 0x3FFF  # 14 bits, in which WebP keeps width and height

Fault = Literal["kind", "heavy", "large", "small", "moving", "broken", "costly", "busy"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
"""Why a photo is refused: another kind of file, too many bytes, too many pixels, too few, more than one picture,
damaged, beyond what a decoder may take, or too many are being read."""


class PhotoError(ValueError):
    """A photo that is refused; `code` says why, and nothing says what was in it."""

    def __init__(self, code: Fault) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, repr=False)
class Photo:
    """A picture as a value: equal to another where all pixels are, named by a digest that tells nothing of them.

    rgb: `height` rows of `width` pixels, a byte for red, green and blue each. Raises ValueError if they are not so
    many, or a side is longer than is kept.
    """

    height: int
    width: int
    rgb: bytes

    def __post_init__(self) -> None:
        if not (0 < self.height <= LONGEST and 0 < self.width <= LONGEST):
            raise ValueError(f"photo: got {self.height} × {self.width} pixels, make both sides 1 to {LONGEST}")
        if len(self.rgb) != 3 * self.height * self.width:
            raise ValueError(
                f"photo: got {len(self.rgb)} bytes for {self.height} × {self.width} pixels, give three for each"
            )

    @classmethod
    def of(cls, pixels: np.ndarray) -> Photo:
        """The photo of these pixels, (height, width, 3) uint8. Raises ValueError if they are something else."""
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(f"photo: got {pixels.dtype} {pixels.shape}, give uint8 (height, width, 3)")
        return cls(pixels.shape[0], pixels.shape[1], pixels.tobytes())

    @property
    def pixels(self) -> np.ndarray:
        """(height, width, 3) uint8, not to be written."""
        return np.frombuffer(self.rgb, np.uint8).reshape(self.height, self.width, 3)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.height}x{self.width}|".encode() + self.rgb).hexdigest()[:20]

    def __repr__(self) -> str:
        return f"Photo({self.digest})"

    def jpeg(self) -> bytes:
        """To be shown: a fifteenth of the bytes, hardly to be told from it by eye."""
        from PIL import Image

        out = io.BytesIO()
        Image.fromarray(self.pixels).save(out, "JPEG", quality=90)
        return out.getvalue()


def read_apart(data: bytes) -> Photo:
    """The photo in a file's bytes, decoded in a process of its own. Waits while others are read. Raises PhotoError."""
    if len(data) > LARGEST:
        raise PhotoError("heavy")
    if not _decoders.acquire(timeout=PATIENCE):
        raise PhotoError("busy")
    try:
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # each would have addresses of its own
        command = [sys.executable, "-m", "lib.uploads"]
        done = subprocess.run(
            command, input=data, capture_output=True, timeout=HANGING, cwd=ROOT, env=environ | one_thread, check=False
        )
        told, _, rgb = done.stdout.partition(b"\n")
        found = json.loads(told)
        if found["fault"] in FAULTS:
            raise PhotoError(found["fault"])
        return Photo(found["height"], found["width"], rgb)
    except (OSError, subprocess.TimeoutExpired) as fault:
        log.warning("a photo could not be read", extra={"error": type(fault).__name__})
    except (ValueError, KeyError, TypeError) as fault:  # it was ended before it could say anything
        if isinstance(fault, PhotoError):
            raise
        log.warning("a photo could not be read", extra={"error": "its decoder ended early"})
    finally:
        _decoders.release()
    raise PhotoError("costly")


_decoders = threading.BoundedSemaphore(AT_ONCE)


def read_photo(data: bytes) -> Photo:
    """The photo in a file's bytes, decoded here: a whole PNG, JPEG or WebP with one picture in it.

    It stands upright, is no larger than LONGEST, in sRGB, on white where it was transparent. Raises PhotoError.
    """
    if len(data) > LARGEST:
        raise PhotoError("heavy")
    kind = _kind(data)
    if kind is None:
        raise PhotoError("kind")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Pillow thinks of sizes and of odd notes in a file: see below
            return Photo.of(np.asarray(_plain(_small(_checked(data, kind)))))
    except PhotoError:
        raise
    except MemoryError:
        raise PhotoError("costly") from None
    except Exception:  # decoders have many for the same news
        raise PhotoError("broken") from None


def _kind(data: bytes) -> str | None:
    """What a file's first bytes say that it is, whatever its name says."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "WEBP" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None


def _checked(data: bytes, kind: str) -> Image:
    """The picture, not decoded yet: it has one frame, and so many pixels as may be decoded."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # we look ourselves, and say so in our words
    if kind == "WEBP" and np.prod(_webp_size(data), dtype=float) > PIXELS:  # opened, it takes the memory at once
        raise PhotoError("large")
    image = Image.open(io.BytesIO(data), formats=[kind])
    if image.width * image.height > PIXELS:
        raise PhotoError("large")
    if kind != "JPEG" and getattr(image, "n_frames", 1) > 1:  # phones put depth and light behind a JPEG's picture
        raise PhotoError("moving")
    if kind != "PNG":  # the others are verified as they are decoded
        return image
    image.verify()
    return Image.open(io.BytesIO(data), formats=[kind])  # one that was verified so cannot be decoded


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP's canvas (RFC 9649, sections 2.5 to 2.7)."""
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & SIDE), 1 + (bits >> 14 & SIDE)
    return int.from_bytes(data[26:28], "little") & SIDE, int.from_bytes(data[28:30], "little") & SIDE


def _small(image: Image) -> Image:
    """Decoded, no larger than is kept, and upright."""
    from PIL import Image, ImageOps

    if image.mode.startswith("I"):  # 16 bits of grey; Pillow would cut off what is above 255
        grey = Image.fromarray((np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8))
        grey.info = image.info
        image = grey
    elif image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    image.load()
    if min(image.size) < SHORTEST:
        raise PhotoError("small")
    with suppress(Exception):  # notes of any kind: where they cannot be read the picture stays as it lies
        image = ImageOps.exif_transpose(image)
    return image


def _plain(image: Image) -> Image:
    """In sRGB, on white."""
    from PIL import Image, ImageCms

    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    if profile:
        with suppress(Exception):  # a broken profile, or one for other colours than the picture's
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    return image.convert("RGB")


def _bind() -> None:
    """This process has little to take, nothing to write to or leave behind, and is the first that the system ends."""
    with suppress(OSError):  # it is Linux's
        Path("/proc/self/oom_score_adj").write_text("1000")
    try:
        import resource
    except ImportError:  # it is not Windows's
        return
    limits = {"RLIMIT_AS": MEMORY, "RLIMIT_CPU": SECONDS, "RLIMIT_FSIZE": 0, "RLIMIT_CORE": 0}
    for name, most in limits.items():
        with suppress(ValueError, OSError):  # a system that knows it and cannot keep it
            resource.setrlimit(getattr(resource, name), (most, most))


def _decode() -> None:
    """A file from the standard input; to the standard output a line of JSON, and the pixels if there are any."""
    _bind()
    out, rgb = sys.stdout.buffer, b""
    told: dict[str, str | int | None] = {"fault": None}
    try:
        photo = read_photo(sys.stdin.buffer.read())
        told |= {"height": photo.height, "width": photo.width}
        rgb = photo.rgb
    except PhotoError as fault:
        told["fault"] = fault.code
    out.write(json.dumps(told).encode() + b"\n" + rgb)


if __name__ == "__main__":
    _decode()
