"""RE2's patterns written for Java: by hand here, without a JVM; `tests/spark` asks one whether they match the same."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metaquery.language.java_regex as module
from metaquery.language.java_regex import Untranslatable, java_regex
from metaquery.language.java_regex.case_orbits import _orbits, folded
from metaquery.language.java_regex.code_points import complement, span, union
from metaquery.language.java_regex.reading import read
from metaquery.language.java_regex.tree import Chars
from tests.spark.patterns import ONE, characters, repetitive
from tests.spark.patterns import pattern as random_pattern

CASES = Path(__file__).parents[3] / "grammar" / "cases"

WORD = "[0-9A-Z_a-z]"

SAME = {
    "letters": [
        ("", ""),
        ("seq_0", "seq_0"),
        ("a b", "a b"),
        (r"a\.b", r"a\.b"),
        ("a-b#&", r"a\-b\#\&"),
        ("größe", r"gr\x{F6}\x{DF}e"),
        ("😀", r"\x{1F600}"),
        ("\0\n\r", r"\x{0}\n\r"),
        (r"\x41\x{1F600}\101\012\0", r"A\x{1F600}A\n\x{0}"),
        (r"\a\f\t\n\r\v", r"\x{7}\f\t\n\r\x{B}"),
        (r"\Qa.b\Ec", r"a\.bc"),
        (r"\Qa.b", r"a\.b"),
        (r"\x{D800}", "(?!)"),
        ("a{,2}", r"a\{,2\}"),
        ("a{x", r"a\{x"),
        ("]}", r"\]\}"),
    ],
    "sets": [
        (".", r"[^\n]"),
        ("(?s).", r"[\x{0}-\x{10FFFF}]"),
        (r"\d\D", "[0-9][^0-9]"),
        (r"\s", r"[\t\n\f\r ]"),
        (r"\w\W", "[0-9A-Z_a-z][^0-9A-Z_a-z]"),
        ("[[:space:]]", r"[\t-\r ]"),
        ("[[:^digit:]]", "[^0-9]"),
        ("[]a]", r"[\]a]"),
        ("[^]a]", r"[^\]a]"),
        ("[a-]", r"[\-a]"),
        ("[a&&b]", r"[\&ab]"),
        ("[a[b]", r"[\[ab]"),
        (r"[\^a]", r"[\^a]"),
        ("[#-%]", r"[\#-%]"),
        (r"[\x{FF00}-\x{10FFFF}]", r"[\x{FF00}-\x{10FFFF}]"),
        ("[^😀]", r"[^\x{D800}-\x{DFFF}\x{1F600}]"),
        (r"[^\x00-\x{10FFFF}]", "(?!)"),
    ],
    "case": [
        ("(?i)k", r"[Kk\x{212A}]"),
        ("(?i)s", r"[Ss\x{17F}]"),
        ("(?i)i", "[Ii]"),
        ("(?i)İı", r"\x{130}\x{131}"),
        ("(?i)ß", r"[\x{DF}\x{1E9E}]"),
        ("(?i)σ", r"[\x{3A3}\x{3C2}\x{3C3}]"),
        ("(?i)[a-c]", "[A-Ca-c]"),
        ("(?i)[^a-c]", "[^A-Ca-c]"),
        (r"(?i)\w", r"[0-9A-Z_a-z\x{17F}\x{212A}]"),
        ("(?i)a(?-i)b", "[Aa]b"),
        ("(?i:a)b", "[Aa]b"),
        ("x(?i)a|b", r"(?:x[Aa]|[Bb])"),
        ("(a(?i)b)c", "a[Bb]c"),
    ],
    "places": [
        ("^a$", r"\Aa\z"),
        (r"\Aa\z", r"\Aa\z"),
        ("(?m)^a$", r"(?<![^\n])a(?![^\n])"),
        (r"\ba", f"(?:(?<={WORD})(?!{WORD})|(?<!{WORD})(?={WORD}))a"),
        (r"a\B", rf"a(?:(?<={WORD})(?={WORD})|(?<!{WORD})(?![0-9A-Z_a-z\x{{DC00}}-\x{{DFFF}}]))"),
    ],
    "groups": [
        ("(a)(?:b)(?P<n>c)(?<m>d)", "abcd"),
        ("a|b|c", "[a-c]"),
        ("ab|c", "(?:ab|c)"),
        ("(?:ab|)c", "c"),
        ("x(?:ab|)c", "x(?:ab)?c"),
        ("xfoo|xfar|foo", "(?:xf(?:oo|ar)|foo)"),
        ("^foo|^bar", r"\A(?:foo|bar)"),
        ("((((a))))", "a"),
        ("a(?)b", "ab"),
        ("a(?U)b+c", "ab++c"),
    ],
    "what a search can leave out": [
        (".*foo.*", "foo"),
        ("a+b", "ab"),
        ("ba{2,5}", "ba{2}"),
        ("(ab*)+c", "ab*+c"),
        ("(?:a*b|c+d)e", "(?:b|cd)e"),
        (r"\d+-\d+", r"[0-9]\-[0-9]"),
        ("(.*)*x", "x"),
        ("a*", ""),
    ],
    "repetitions": [
        ("^a+b", r"\Aa++b"),
        ("^a*?b", r"\Aa*+b"),
        ("^colou?r", r"\Acolou?r"),
        ("^a*ab", r"\Aa++b"),
        ("^[ab]*ab", r"\A[ab]*?ab"),
        ("^a{2,4}b", r"\Aa{2,4}+b"),
        ("^(a|b)*c", r"\A[ab]*+c"),
        ("^(a+)+$", r"\Aa++\z"),
        ("^(a?){30}a{30}$", r"\Aa{30,60}+\z"),
        ("^(a{2,3}){2,}$", r"\Aa{4,}+\z"),
        ("^(a*b*)*c", r"\A[ab]*+c"),
        ("^(foo|bar)*x", r"\A(?:foo|bar)*+x"),
        ("^(a|aa)+$", r"\Aa++\z"),
        (r"^(\w+\s?)*$", r"\A(?:[0-9A-Z_a-z][\t\n\f\r ]?)*+\z"),
        ("^(foo|foobar)+$", r"\A(?:foo(?:bar)?)++\z"),
        (r"^([^/]+/)*f_\d+$", r"\A(?:(?!f_[0-9]++\z)[^/]++/)*+f_[0-9]++\z"),
        (r"^([^/]+/){2,}[^/]+x$", r"\A(?:[^/]++/){2}+(?:(?![^/]+?x\z)[^/]++/)*+[^/]+?x\z"),
        ("^([a-z]+/)*[a-z]+$", r"\A[a-z]++(?:/[a-z]++)*+\z"),
        (r"^(\d+,)*\d+,$", r"\A(?:[0-9]++,)++\z"),
        ("^(?:ab)*abc", r"\A(?:ab)++c"),
        ("^(?:ab)*aac", r"\Aa(?:ba)*+ac"),
        (r"^\d{1,3}(\.\d{1,3}){3}$", r"\A[0-9]{1,3}+(?:\.[0-9]{1,3}+){3}+\z"),
        ("^a*a*a*a*a*b", r"\Aa*+b"),
    ],
    "one pass over the text": [
        ("foo.*bar", r"(?<![^\n])(?>[^\n]*?foo)[^\n]*?bar"),
        ("(?s)a.*b", r"\A(?>[\x{0}-\x{10FFFF}]*?a)[\x{0}-\x{10FFFF}]*?b"),
        ("^a.*b.*c", r"\Aa(?>[^\n]*?b)[^\n]*?c"),
        ("<[^>]*>", "(?<![^>])(?>[^>]*?<)[^>]*+>"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "java"), [case for cases in SAME.values() for case in cases])
def test_a_pattern_is_written_for_java(pattern: str, java: str) -> None:
    assert java_regex(pattern, ignore_case=False) == java


REFUSED = [
    (r"a\Cb", r"\C", "one byte"),
    (r"a\pLb", r"\pL", "Unicode"),
    (r"a\p{Greek}b", r"\p{Greek}", "Unicode"),
    (r"[a\PN]", r"\PN", "Unicode"),
    (r"a|\B", r"\B", "between the bytes"),
    ("^(a|b|ab)*$", "(a|b|ab)*", "exponential"),
    (r"^(\w+\s?\w+)*$", r"(\w+\s?\w+)*", "exponential"),
    ("^(([a-z])+.)+[A-Z]([a-z])+$", "(([a-z])+.)+", "exponential"),
    ("^(a[ab]?){20}c", "(a[ab]?){20}", "10,000 ways"),
    ("^(a.{1,50}b.{1,50}){3}c", "(a.{1,50}b.{1,50}){3}", "10,000 ways"),
    ("a[^b]*c[^d]*e[^f]*g", "[^f]*", "too many repetitions"),
    (r"^(\w+\s?\w+){1,99}$", r"(\w+\s?\w+){1,99}", "exponential"),
    ("^(.*a){20}$", ".*", "too many repetitions"),
    (r"^(?:\ba?)*x", r"(?:\ba?)*", "match nothing"),
    ("a" + "(b(c" * 50 + ")?" * 100 + "d", None, "too deep"),
    ("a**", "*", "repeat"),
    ("*a", "*", "repeat"),
    ("(a", "(a", "not closed"),
    ("a)", ")", "no bracket"),
    ("[a", "[a", "not closed"),
    ("[b-a]", "b-a", "empty"),
    ("[[:foo:]]", "[:foo:]", "of this name"),
    ("(?=a)", "(?=", "not one that RE2 has"),
    ("(?<!a)", "(?<", "not one that RE2 has"),
    (r"(a)\1", r"\1", "not one that RE2 has"),
    (r"\y", r"\y", "not one that RE2 has"),
    ("a\\", "\\", "not one that RE2 has"),
    (r"\x{110000}", r"\x{110000}", "no such character"),
    ("a{1001}", "{1001}", "1,000 times"),
    ("a{2,1}", "{2,1}", "lesser"),
]


@pytest.mark.parametrize(("pattern", "part", "reason"), REFUSED, ids=[pattern[:30] for pattern, *_ in REFUSED])
def test_a_pattern_is_refused_with_the_part_that_is_in_the_way(pattern: str, part: str | None, reason: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        java_regex(pattern, ignore_case=False)
    error = caught.value
    assert reason in error.reason
    assert part is None or pattern[error.start : error.end] == part
    assert 0 <= error.start < error.end <= len(pattern)
    assert str(error) == error.reason


def test_what_the_module_says_is_refused_is_refused() -> None:
    listed = [line for line in str(module.__doc__).splitlines() if line.startswith("- `")]
    patterns = [pattern for line in listed for pattern in re.findall(r"`([^`]+)`", line.split("`: ")[0] + "`")]
    assert len(patterns) >= 10
    assert [pattern for pattern in patterns if "…" not in pattern and _translated(pattern) is not None] == []


def test_ignoring_case_is_as_if_it_stood_before() -> None:
    assert java_regex("a(?-i)b", ignore_case=True) == java_regex("(?i)a(?-i)b", ignore_case=False) == "[Aa]b"


def test_every_pattern_of_the_golden_cases_has_a_form() -> None:
    """But those that RE2 refuses; `spark.cases` says itself which of its own have none."""
    files = [path for path in sorted(CASES.rglob("*")) if path.is_file() and path.name != "spark.cases"]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    patterns = set(re.findall(r"(?:matches|[^']~) '((?:[^'\n]|'')+)'", texts))
    assert len(patterns) >= 10
    refused = {pattern for pattern in patterns if _translated(pattern) is None}
    assert [pattern for pattern in refused if _valid(pattern)] == []


def _valid(pattern: str) -> bool:
    with duckdb.connect() as engine:
        try:
            engine.execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
        except duckdb.Error:
            return False
    return True


def _translated(pattern: str, *, ignore_case: bool = False) -> str | None:
    try:
        return java_regex(pattern, ignore_case=ignore_case)
    except Untranslatable as error:
        assert 0 <= error.start < error.end <= len(pattern)  # noqa: PT017  # either outcome will do
        return None


SIGNS = st.text(alphabet=r"ab1*+?{},()[]^$|.\-:&Qimsx<>P😀k ", max_size=60)


@given(pattern=SIGNS | st.text(max_size=30), ignore_case=st.booleans())
@settings(max_examples=1_000, deadline=None)
def test_whatever_is_written_is_translated_or_refused(pattern: str, ignore_case: bool) -> None:
    java = _translated(pattern, ignore_case=ignore_case)
    assert java is None or java.isascii()


@given(seed=st.integers(0, 2**32), ignore_case=st.booleans())
@settings(max_examples=300, deadline=None)
def test_random_patterns_are_translated_or_refused(seed: int, ignore_case: bool) -> None:
    _translated(random_pattern(Random(seed), 3), ignore_case=ignore_case)  # noqa: S311
    _translated(repetitive(Random(seed)), ignore_case=ignore_case)  # noqa: S311


DEEP = ["(" * 499 + "a" + ")" * 499, "(" * 330 + "a" + "b)?" * 330, "(a|" * 250 + "b" + ")*" * 250, "((a|" * 200 + "b"]
LONG = [
    "(a|b)?" * 166,
    "a?" * 500,
    "[^a]*" * 200,
    "(?i)[^a]" * 125,
    "|".join("abcdefgh"[: i % 8 + 1] for i in range(180)),
]
HOSTILE = [*DEEP, *LONG, "(" * 1_000, "[" * 1_000, "(?:a?){1000}", "((a*)*" * 150, "a{1000}" * 140, "(a{9}|b){9}" * 90]


@pytest.mark.parametrize("pattern", HOSTILE, ids=lambda pattern: pattern[:20])
def test_a_hostile_pattern_is_soon_decided_on_a_shallow_stack(pattern: str) -> None:
    limit = sys.getrecursionlimit()
    frame, depth = sys._getframe(), 0
    while frame := frame.f_back:
        depth += 1
    sys.setrecursionlimit(depth + 400)
    started = time.process_time()
    try:
        _translated(pattern)
    finally:
        sys.setrecursionlimit(limit)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("ignore_case", [False, True], ids=["matches", "imatches"])
def test_a_set_is_what_re2_takes_for_it_of_all_characters(ignore_case: bool) -> None:
    option = ", 'i'" if ignore_case else ""
    with duckdb.connect() as engine:
        for pattern in ONE:
            node = read(pattern, ignore_case=ignore_case)
            assert isinstance(node, Chars)
            inside, outside = characters(node.points), characters(complement(node.points))
            found = engine.execute(
                f"SELECT regexp_matches(?, '^(?:' || ? || ')*$'{option}), regexp_matches(?, ?{option})",
                [inside, pattern, outside, pattern],
            ).fetchall()
            assert found == [(True, False)], pattern


def test_case_is_ignored_as_re2_ignores_it_for_every_character() -> None:
    """What has a partner folds to what has one, and all else to itself; then the partners of each."""
    cased, orbits = _orbits()
    with duckdb.connect() as engine:
        everything = characters(union([span(point, point) for point in cased]))
        others = characters(complement(union([span(point, point) for point in cased])))
        written = "".join(f"\\x{{{point:X}}}" for point in cased)
        alone = engine.execute(
            "SELECT regexp_matches(?, ?, 'i'), regexp_matches(?, ?, 'i')",
            [others, f"[{written}]", everything, f"[^{written}]"],
        ).fetchall()
        assert alone == [(False, False)]
        partners = engine.execute(
            "SELECT p, regexp_extract_all(?, '(?i)' || chr(p::INTEGER)) FROM unnest(?) t(p)", [everything, cased]
        ).fetchall()
    assert len(partners) == len(cased) == 2_878
    expected = {point: characters(folded(span(point, point))) for point in cased}
    assert {point: "".join(found) for point, found in partners} == expected
    assert [characters(union([span(point, point) for point in orbit])) for orbit in orbits] == [*expected.values()]
