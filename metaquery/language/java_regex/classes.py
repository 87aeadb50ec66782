r"""The characters that RE2's names stand for: `\d`, `[[:alpha:]]` and their like. All but what they negate is ASCII."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from metaquery.language.java_regex.code_points import span, union

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.language.java_regex.code_points import Points

__all__ = ["ESCAPED", "POSIX", "WORD"]


def _ascii(*parts: str) -> Points:
    return union([span(ord(part[0]), ord(part[-1])) for part in parts])


WORD = _ascii("AZ", "az", "09", "_")
r"""What `\w` is, and what `\b` stands at the edge of."""

ESCAPED: Mapping[str, Points] = MappingProxyType({"d": _ascii("09"), "s": _ascii("\t\n", "\f\r", " "), "w": WORD})
"""Small letter → what it stands for after a backslash; its capital is all else."""

POSIX: Mapping[str, Points] = MappingProxyType(
    {
        "alnum": _ascii("AZ", "az", "09"),
        "alpha": _ascii("AZ", "az"),
        "ascii": _ascii("\0\x7f"),
        "blank": _ascii("\t", " "),
        "cntrl": _ascii("\0\x1f", "\x7f"),
        "digit": _ascii("09"),
        "graph": _ascii("!~"),
        "lower": _ascii("az"),
        "print": _ascii(" ~"),
        "punct": _ascii("!/", ":@", "[`", "{~"),
        "space": _ascii("\t\r", " "),
        "upper": _ascii("AZ"),
        "word": WORD,
        "xdigit": _ascii("09", "AF", "af"),
    }
)
"""Name between `[:` and `:]` → what it stands for."""
