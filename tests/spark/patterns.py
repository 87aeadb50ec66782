"""Random patterns of RE2's syntax and random texts, seeded: whatever a translation may get wrong, close together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from metaquery.language.java_regex.classes import POSIX

if TYPE_CHECKING:
    from random import Random

    from metaquery.language.java_regex.code_points import Points

__all__ = ["ONE", "characters", "pattern", "repetitive", "repetitive_text", "text"]

ONE = [
    *(".", "(?s).", r"\d", r"\D", r"\s", r"\S", r"\w", r"\W"),
    *(r"[\d\s]", r"[^\w\s]", r"[\W\d]", r"[^\D]", "[^a]", "[]-a]", r"[\w-]", r"[k-s]", "[^k]"),
    *[f"[[:{name}:]]" for name in POSIX],
    *[f"[[:^{name}:]]" for name in POSIX],
    *(r"[\x{80}-\x{24F}]", r"[\x{370}-\x{3FF}\x{1F00}-\x{1FFF}]", r"[^\x{400}-\x{52F}]", r"[\x{10A0}-\x{2D2F}]"),
    *(r"[\x{A640}-\x{ABFF}]", r"[\x{10400}-\x{1E943}]", r"[^\x{0}-\x{2FFF}]", r"[\x{0}-\x{10FFFF}]"),
]  # fmt: skip
"""Patterns of one character."""


def characters(points: Points) -> str:
    """Return every character of a set, one after the other."""
    return "".join(_all()[first : last + 1] for first, last in points)


@cache
def _all() -> str:
    return "".join(map(chr, range(0x110000)))


CHARS = "aaaabbbc1_ kKsS\u212a\u017fßéÉµİıiIΣςσ\n\n\r\x0b\0\x85\u2028😀😁-.^]["
"""What texts are made of: case, ends of lines, halves of characters and signs of the syntax."""

_ATOMS = (
    *"aaaabbbc1_kKsSéßiΣ😀-,#&~ ",
    *("\\.", r"\\", r"\-", r"\^", r"\[", r"\n", r"\t", r"\r", r"\f", r"\v", r"\a", r"\x41", r"\x{1F600}", r"\x{212A}"),
    *(r"\101", r"\0", r"\012", r"\Qa.b\E", r"\Q\E", ".", ".", ".", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S"),
    *("[[:alpha:]]", "[[:^space:]]", "[^a]", r"[^a\n]", "[^😀]", "[^b-😁]", "[]a]", "[^]a]", "[a-]", "[-a]", "[a&&b]"),
    *("[ab]", "[a-c]", r"[\w-]", r"[\W\d]", "[[:upper:]é]", r"[^\d\s]", "[k-s]", r"[\x{E0}-\x{FF}]", "[[a]", "[a^]"),
    *(r"[\^a]", r"[\x00-\x{10FFFF}]", r"[a\]b]", "^", "$", r"\A", r"\z", r"\b", r"\B", "(?m)^", "(?m)$"),
    *("(?i)", "(?-i)", "(?s)", "(?m)", "(?U)", "{", "{,2}", "a{", "}"),
)
_REPEATS = ["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "*?", "+?", "??", "{1,2}?"]
_GROUPS = ["(", "(", "(?:", "(?:", "(?P<n>", "(?i:", "(?-i:", "(?s-m:", "(?m:", "(?im:", "(?U:"]


def pattern(random: Random, depth: int = 2) -> str:
    """Return a pattern of anything there is; a few of them RE2 refuses."""
    branches = random.choice((1, 1, 1, 2, 2, 3))
    return "|".join(_sequence(random, depth) for _ in range(branches))


def _sequence(random: Random, depth: int) -> str:
    parts = []
    for _ in range(random.choice((0, 1, 1, 2, 2, 3, 4))):
        grouped = depth > 0 and random.random() < 0.3
        atom = random.choice(_GROUPS) + pattern(random, depth - 1) + ")" if grouped else random.choice(_ATOMS)
        parts.append(atom + (random.choice(_REPEATS) if random.random() < 0.4 else ""))
    return "".join(parts)


def text(random: Random) -> str:
    """Return a text of a few characters."""
    alphabet = random.choice((CHARS, CHARS, "ab", "ab\n", "a😀", "a_ é"))
    return "".join(random.choice(alphabet) for _ in range(random.choice((0, 1, 2, 3, 4, 6, 9))))


_SETS = ("a", "a", "b", "b", "c", "[ab]", "[bc]", "[^a]", ".")
_LOOPED = (".", "[^a]", "[^c]", "[ab]", "[a-c]", "a", "(?s:.)")
_CONDITIONS = ("^", "$", r"\b", "(?m)^", "(?m)$", r"\B")


def repetitive(random: Random) -> str:
    """Return a pattern of repetitions of much alike, at both ends of the text mostly."""
    made = _words_and_loops(random) if random.random() < 0.3 else _repetitive(random, 2)
    return random.choice(("^", "^", "")) + f"({made})" + random.choice(("$", "$", ""))


def _words_and_loops(random: Random) -> str:
    parts = []
    for _ in range(random.choice((2, 2, 3))):
        parts.append(_word(random))
        parts.append(random.choice(_LOOPED) + random.choice(("*", "+", "*?", "{2,}")))
    return "".join(parts) + _word(random)


def _word(random: Random) -> str:
    word = "".join(random.choice(_SETS) for _ in range(random.choice((1, 1, 2))))
    return random.choice((word, word, word + "?", f"(?:{word}|{random.choice(_SETS)})", rf"\b{word}"))


def _repetitive(random: Random, depth: int) -> str:
    branches = []
    for _ in range(random.choice((1, 1, 2, 2, 3))):
        parts = []
        for _ in range(random.choice((1, 1, 2, 2, 3))):
            grouped = depth > 0 and random.random() < 0.4
            atom = f"({_repetitive(random, depth - 1)})" if grouped else random.choice(_SETS)
            atom = random.choice(_CONDITIONS) if random.random() < 0.05 else atom
            parts.append(atom + (random.choice(_REPEATS) if random.random() < 0.5 else ""))
        branches.append("".join(parts))
    return "|".join(branches)


def repetitive_text(random: Random) -> str:
    """Return a text of two or three characters over and over."""
    alphabet = random.choice(("ab", "ab", "abc", "abc\n", "aab"))
    return "".join(random.choice(alphabet) for _ in range(random.choice((1, 2, 3, 4, 5, 6, 8, 12))))
