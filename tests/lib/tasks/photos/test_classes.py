from __future__ import annotations

from pathlib import Path

import pytest

from lib.tasks.photos import classes
from lib.tasks.photos.classes import GIBBON, PANDA, has_chinese, name, names, search
from lib.tasks.photos.shipped import CLASS

KNOWN = """
0 tench 丁鱥, 1 goldfish 金鱼, 2 great white shark 大白鲨, 7 rooster 公鸡, 8 hen 母鸡, 9 ostrich 鸵鸟,
22 bald eagle 白头海雕, 24 great grey owl 乌林鸮, 29 axolotl 美西钝口螈, 48 Komodo dragon 科莫多巨蜥,
71 scorpion 蝎子, 84 peacock 孔雀, 88 macaw 金刚鹦鹉, 94 hummingbird 蜂鸟, 104 wallaby 沙袋鼠, 105 koala 考拉,
130 flamingo 火烈鸟, 144 pelican 鹈鹕, 145 king penguin 王企鹅, 151 Chihuahua 吉娃娃, 162 beagle 比格犬,
207 golden retriever 金毛寻回犬, 235 German shepherd 德国牧羊犬, 254 pug 巴哥犬, 258 Samoyed 萨摩耶犬,
269 grey wolf 灰狼, 281 tabby cat 虎斑猫, 285 Egyptian cat 埃及猫, 288 leopard 豹, 290 jaguar 美洲豹, 291 lion 狮子,
292 tiger 老虎, 293 cheetah 猎豹, 296 polar bear 北极熊, 301 ladybird 瓢虫, 309 bee 蜜蜂,
323 monarch butterfly 帝王蝶, 327 starfish 海星, 334 porcupine 豪猪, 340 zebra 斑马, 347 bison 美洲野牛,
354 dromedary 单峰骆驼, 362 badger 獾, 365 orangutan 红毛猩猩, 366 gorilla 大猩猩, 368 gibbon 长臂猿,
383 ring-tailed lemur 环尾狐猴, 386 African elephant 非洲象, 387 red panda 小熊猫, 388 giant panda 大熊猫,
398 abacus 算盘, 407 ambulance 救护车, 430 basketball 篮球, 463 bucket 水桶, 504 coffee mug 马克杯,
508 computer keyboard 电脑键盘, 555 fire engine 消防车, 579 grand piano 三角钢琴, 620 laptop 笔记本电脑,
673 computer mouse 鼠标, 701 parachute 降落伞, 779 school bus 校车, 817 sports car 跑车, 859 toaster 烤面包机,
889 violin 小提琴, 920 traffic light 红绿灯, 933 cheeseburger 芝士汉堡, 949 strawberry 草莓, 954 banana 香蕉,
963 pizza 披萨, 970 alp 高山, 980 volcano 火山, 985 daisy 雏菊, 987 corn 玉米, 999 toilet paper 卫生纸
"""


@pytest.mark.parametrize("known", [" ".join(one.split()) for one in KNOWN.split(",")])
def test_a_class_that_everybody_knows_has_its_number_and_its_names(known: str) -> None:
    index, _, called = known.partition(" ")
    assert f"{name(int(index), 'en')} {name(int(index), 'zh')}" == called


def test_there_are_a_thousand_and_no_two_share_a_name() -> None:
    assert len(names()) == 1000
    for language in ("en", "zh"):
        called = [name(index, language) for index in range(1000)]
        assert len({one.casefold() for one in called}) == 1000
        assert all(one == one.strip() and one for one in called)


def test_english_is_english_and_chinese_is_chinese() -> None:
    assert all(not has_chinese(name(index, "en")) for index in range(1000))
    assert all(has_chinese(name(index, "zh")) for index in range(1000))
    assert max(len(name(index, "zh")) for index in range(1000)) <= 12


def test_what_is_never_shown_repeats_no_name_of_its_class() -> None:
    for one in names():
        others = [*one.also["en"], *one.also["zh"]]
        assert not set(others) & set(one.shown.values()), one
        assert len({other for other in others if not other.isupper()}) == len([o for o in others if not o.isupper()])


def test_the_file_has_nothing_but_a_class_a_line() -> None:
    lines = Path(classes.__file__).with_name("classes.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "english\tchinese\talso"
    assert {line.count("\t") for line in lines[1:]} == {1, 2}
    assert all(line == line.strip() for line in lines)


def test_the_photos_are_of_what_they_are_called() -> None:
    assert CLASS["panda"] == PANDA
    assert name(GIBBON) == "gibbon"
    told = {of: name(index) for of, index in CLASS.items()}
    assert told["chicken"] == "hen"
    assert told["dragon"] == "Komodo dragon"
    assert told["kangaroo"] == "wallaby"
    assert told["hedgehog"] == "porcupine"
    same = set(told) - {"chicken", "dog", "dragon", "kangaroo", "hedgehog"}
    assert all(of.replace("_", " ").split()[-1] in told[of] for of in same)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        *[
            ("panda", 388),
            ("熊猫", 388),
            ("大熊", 388),
            ("gib", 368),
            ("长臂", 368),
            ("GIBBON", 368),
            ("ｇｉｂｂｏｎ", 368),
        ],
        *[("  Gib  ", 368), ("orca", 148), ("哈士奇", 248), ("jack o lantern", 607), ("jack-o’-lantern", 607)],
        *[("consommé", 925), ("约克夏㹴", 187), ("atm", 480), ("lion", 291), ("mouse", 673), ("German Shep", 235)],
    ],
)
def test_what_is_typed_finds_what_is_meant(typed: str, first: int) -> None:
    assert search(typed)[0] == first


def test_names_that_begin_so_come_before_words_and_words_before_the_rest() -> None:
    found = search("bear", "en")
    ranks = [0 if name(index).startswith("bear") else 1 if " bear" in name(index) else 2 for index in found]
    assert name(found[0]) == "brown bear"  # is also just called bear
    assert ranks[3:] == sorted(ranks[3:])
    found = search("pan", "en")
    assert [name(index) for index in found[:1]] == ["panpipe"]
    assert found.index(PANDA) < found.index(367)  # chimpanzee: not the beginning of a word


def test_every_class_is_found_by_either_of_its_names_and_by_each_beginning_of_them() -> None:
    for index in range(0, 1000, 7):
        for language in ("en", "zh"):
            called = name(index, language)
            assert index in search(called, language)
            assert index == next(one for one in search(called) if name(one, language) == called)
            assert all(index in search(called[:end]) for end in range(1, len(called)))


def test_a_language_finds_only_its_own_names() -> None:
    assert search("panda", "zh") == []
    assert search("熊猫", "en") == []
    assert search("ATM", "zh") == search("ATM", "en") == [480]


def test_a_kind_finds_all_of_its_kind() -> None:
    assert set(range(151, 269)) <= set(search("dog"))
    assert set(range(281, 286)) <= set(search("猫"))


def test_nothing_typed_is_everything_and_what_there_is_not_is_nothing() -> None:
    assert search("") == search(" - ") == list(range(1000))
    for odd in ("unicorn", "独角兽", "\x00", "🐼", "a" * 10_000, "%", "(crane", ".*"):
        assert search(odd) in ([], list(range(1000)), search("crane"))
    assert search(".*") == search("")


@pytest.mark.parametrize("index", [-1, 1000])
def test_another_class_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="choose a whole number from 0 to 999"):
        name(index, "en")


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="choose one of en, zh"):
        name(0, "de")
    with pytest.raises(ValueError, match="choose one of en, zh"):
        search("a", "de")
