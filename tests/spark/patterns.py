"""Random patterns of RE2's syntax and random texts, seeded: whatever a translation may get wrong, close together."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from metaquery.language.java_regex.classes import POSIX

if TYPE_CHECKING:
    from random import Random

    from metaquery.language.java_regex.code_points import Points

__all__ = ["ONE", "characters", "pattern", "text"]

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
    """Return a pattern; a few of them RE2 refuses."""
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
