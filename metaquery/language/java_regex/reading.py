"""RE2's syntax → a tree. What is written here is what is known of RE2; all else is refused.

Each rule was tried on the RE2 of DuckDB 2.0. Groups are a list of ours and no recursion, so no pattern is too deep to
read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from metaquery.frozen import dataclass
from metaquery.language.java_regex.case_orbits import folded
from metaquery.language.java_regex.classes import ESCAPED, POSIX
from metaquery.language.java_regex.code_points import ALL, LAST, complement, span, union
from metaquery.language.java_regex.tree import Untranslatable, chars, choice, edge, repeat, run

if TYPE_CHECKING:
    from metaquery.language.java_regex.code_points import Points
    from metaquery.language.java_regex.tree import EdgeKind, Node

__all__ = ["read"]

_TIMES = re.compile(r"\{([0-9]+)(,?)([0-9]*)\}")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:(-)([imsU]+))?([:)])")
_NAMED = re.compile(r"\(\?P?<[A-Za-z0-9_]+>")
_OCTAL = re.compile(r"[1-7][0-7]{1,2}|0[0-7]{0,2}")
_HEX = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})")
_POSIX = re.compile(r"\[:(\^?)(.*?):\]", re.DOTALL)

_MOST_TIMES = 1_000

_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_EDGES: dict[str, EdgeKind] = {"A": "start", "z": "end", "b": "word edge", "B": "no word edge"}
_NO_NEWLINE = complement(span(10, 10))


@dataclass(frozen=True, slots=True)
class _Flags:
    """What is on from here to the end of the group; `U`, which says that the least is taken, changes no answer."""

    i: bool
    m: bool = False
    s: bool = False
    U: bool = False


class _Group:
    """A group that is open: from where on, the flags outside, and what of it was read."""

    def __init__(self, start: int, outside: _Flags, branch_start: int) -> None:
        self.start = start
        self.outside = outside
        self.branches: list[Node] = []
        self.branch_start = branch_start
        self.items: list[Node] = []
        self.item_start = 0  # where the last of them begins, its bracket included


def read(pattern: str, *, ignore_case: bool) -> Node:
    r"""Return the tree of a pattern.

    Parameters
    ----------
    pattern
        One that RE2 takes.
    ignore_case
        Whether it is read as if `(?i)` stood before it.

    Raises
    ------
    Untranslatable
        Where something is not of RE2's syntax, or has no equal on Java: `\C`, `\pL` and their like.
    """
    return _Reader(pattern, _Flags(ignore_case)).read()


class _Reader:
    """Reads from the left to the right."""

    def __init__(self, text: str, flags: _Flags) -> None:
        self.text = text
        self.at = 0
        self.flags = flags
        self.groups = [_Group(0, flags, 0)]
        self.repeated = False  # whether the last that was read is a repetition, which RE2 lets none follow

    def read(self) -> Node:
        while self.at < len(self.text):
            repeated, self.repeated = self.repeated, False
            self._next(self.text[self.at], after_repetition=repeated)
        if len(self.groups) > 1:
            raise Untranslatable("a bracket is not closed", self.groups[-1].start, len(self.text))
        return self._closed(self.groups[0])

    def _next(self, char: str, *, after_repetition: bool) -> None:
        match char:
            case "(":
                self._open()
            case ")":
                self._close()
            case "|":
                self._branch_ends(self.groups[-1])
                self.at += 1
            case "*" | "+" | "?" | "{":
                self._repetition(after_repetition=after_repetition)
            case "[":
                start = self.at
                self._add(self._class(), start)
            case ".":
                self._add(ALL if self.flags.s else _NO_NEWLINE, self.at, 1)
            case "^" | "$":
                self._line_edge(char)
            case "\\":
                self._escape()
            case _:
                self._add(self._fold(span(ord(char), ord(char))), self.at, 1)

    def _fold(self, points: Points) -> Points:
        return folded(points) if self.flags.i else points

    def _add(self, points: Points, start: int, length: int = 0) -> None:
        self.at += length
        self._append(chars(points, (start, self.at)), start)

    def _append(self, node: Node, start: int) -> None:
        self.groups[-1].items.append(node)
        self.groups[-1].item_start = start

    def _edge(self, kind: EdgeKind, length: int, points: Points = ()) -> None:
        self._append(edge(kind, (self.at, self.at + length), points), self.at)
        self.at += length

    def _line_edge(self, char: str) -> None:
        if char == "^":
            self._edge("not after" if self.flags.m else "start", 1, _NO_NEWLINE if self.flags.m else ())
        else:
            self._edge("line end" if self.flags.m else "end", 1)

    def _open(self) -> None:
        start, outside = self.at, self.flags
        named = _NAMED.match(self.text, start)
        flags = _FLAGS.match(self.text, start)
        if flags is not None:
            self._set_flags(flags)
            self.at = flags.end()
            if flags[4] == ")":
                return
        elif named is not None:
            self.at = named.end()
        elif self.text.startswith("(?", start):
            raise Untranslatable("this group is not one that RE2 has", start, min(start + 3, len(self.text)))
        else:
            self.at = start + 1
        self.groups.append(_Group(start, outside, self.at))

    def _set_flags(self, flags: re.Match[str]) -> None:
        self.flags = replace(self.flags, **dict.fromkeys(flags[1], True))
        self.flags = replace(self.flags, **dict.fromkeys(flags[3] or "", False))

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise Untranslatable("no bracket is open here", self.at, self.at + 1)
        group = self.groups.pop()
        node = self._closed(group)
        self.at += 1
        self.flags = group.outside
        self._append(node, group.start)

    def _branch_ends(self, group: _Group) -> None:
        group.branches.append(run(group.items, (group.branch_start, self.at)))
        group.items, group.branch_start = [], self.at + 1

    def _closed(self, group: _Group) -> Node:
        self._branch_ends(group)
        return choice(group.branches, (group.start, min(self.at + 1, len(self.text))))

    def _repetition(self, *, after_repetition: bool) -> None:
        start, char = self.at, self.text[self.at]
        found = _TIMES.match(self.text, start) if char == "{" else None
        if char == "{" and found is None:
            self._add(span(ord(char), ord(char)), start, 1)
            return
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(char) or _times(found)
        self.at = found.end() if found else start + 1
        items = self.groups[-1].items
        if max(low, high or 0) > _MOST_TIMES or (high is not None and high < low):
            raise Untranslatable("RE2 repeats up to 1,000 times, the lesser number first", start, self.at)
        if after_repetition or not items:
            raise Untranslatable("there is nothing here to repeat", start, self.at)
        if self.text.startswith("?", self.at):
            self.at += 1  # it takes the least: the same texts match
        self.repeated = True
        items[-1] = repeat(items[-1], low, high, (self.groups[-1].item_start, self.at))

    def _escape(self) -> None:
        start, letter = self.at, self.text[self.at + 1 : self.at + 2]
        if letter in _EDGES:
            self._edge(_EDGES[letter], 2)
        elif letter == "Q":
            self._quoted()
        elif letter == "C":
            raise Untranslatable(
                "Java has no match for one byte of a character, which is what \\C is", start, start + 2
            )
        else:
            points = self._named_points()
            if points is None:
                point = self._point()
                points = self._fold(span(point, point))
            self._add(points, start)

    def _quoted(self) -> None:
        end = self.text.find("\\E", self.at + 2)
        stop = len(self.text) if end < 0 else end
        self.at += 2
        while self.at < stop:
            self._add(self._fold(span(ord(self.text[self.at]), ord(self.text[self.at]))), self.at, 1)
        self.at = len(self.text) if end < 0 else end + 2

    def _named_points(self) -> Points | None:
        r"""Read `\d` and its like; None where something else stands here."""
        letter = self.text[self.at + 1 : self.at + 2]
        if letter in {"p", "P"}:
            self._refuse_property()
        if letter.lower() not in ESCAPED or not letter:
            return None
        self.at += 2
        points = self._fold(ESCAPED[letter.lower()])
        return complement(points) if letter.isupper() else points

    def _refuse_property(self) -> None:
        closed = self.text.find("}", self.at)
        braced = self.text.startswith("{", self.at + 2) and closed > 0
        end = closed + 1 if braced else min(self.at + 3, len(self.text))
        raise Untranslatable(
            f"each engine has the characters of {self.text[self.at : end]} from another Unicode; name them in a class, "
            "as [a-zà-ÿ]",
            self.at,
            end,
        )

    def _point(self) -> int:
        """Read an escape that stands for one character."""
        start = self.at
        octal, hexadecimal = _OCTAL.match(self.text, start + 1), _HEX.match(self.text, start + 1)
        letter = self.text[start + 1 : start + 2]
        if octal is not None:
            point, self.at = int(octal[0], 8), octal.end()
        elif hexadecimal is not None:
            point, self.at = int(hexadecimal[1] or hexadecimal[2], 16), hexadecimal.end()
        elif letter in _CONTROLS:
            point, self.at = _CONTROLS[letter], start + 2
        elif letter and letter.isascii() and not letter.isalnum():
            point, self.at = ord(letter), start + 2
        else:
            raise Untranslatable("this escape is not one that RE2 has", start, start + 1 + len(letter))
        if point > LAST:
            raise Untranslatable("there is no such character", start, self.at)
        return point

    def _class(self) -> Points:
        start = self.at
        negated = self.text.startswith("^", start + 1)
        self.at += 2 if negated else 1
        parts: list[Points] = []
        first = True
        while first or not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                raise Untranslatable("the class is not closed", start, len(self.text))
            first = False
            parts.append(self._class_item())
        self.at += 1
        points = union(parts)
        return complement(points) if negated else points

    def _class_item(self) -> Points:
        named = _POSIX.match(self.text, self.at)
        if named is not None:
            if named[2] not in POSIX:
                raise Untranslatable("RE2 has no class of this name", self.at, named.end())
            self.at = named.end()
            points = self._fold(POSIX[named[2]])
            return complement(points) if named[1] else points
        if self.text.startswith("\\", self.at):
            escaped = self._named_points()
            if escaped is not None:
                return escaped
        start = self.at
        first = self._class_point()
        if not self.text.startswith("-", self.at) or self.text.startswith("-]", self.at):
            return self._fold(span(first, first))
        self.at += 1
        last = self._class_point()
        if last < first:
            raise Untranslatable("the range is empty", start, self.at)
        return self._fold(span(first, last))

    def _class_point(self) -> int:
        if self.at >= len(self.text):
            raise Untranslatable("the class is not closed", self.at - 1, self.at)
        if self.text[self.at] == "\\":
            return self._point()
        self.at += 1
        return ord(self.text[self.at - 1])


def _times(found: re.Match[str] | None) -> tuple[int, int | None]:
    assert found is not None  # noqa: S101  # no other sign is left
    low = int(found[1])
    return low, (int(found[3]) if found[3] else None) if found[2] else low
