"""How a text that is a filter becomes one that may be none: pieces of it, and of others, elsewhere and again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from random import Random

_PIECES = re.compile(r"'[^']*'|\"[^\"]*\"|[\w.:]+|\s+|<=|>=|!=|<>|.", re.DOTALL)

INSERTED = [
    *"()[],.'\"`@#~!=<>+-*/%^&|;\\", "\0", "\u200b", "\u202e", "\u00a0", "\ufeff", "\x1f", "e\u0301", "😀",
    "/*", "*/", "--", "E'", "''", " and ", " or ", " not ", " is ", " in ", " has ", " null ", " between ",
    " like ", " matches ",
    "any label(", "count(label", "interval(", "date(", "'..'", "2023-02-30", "20230101", "0001-01-01", "9999-12-31",
    "1e308", "1e309",
    "1e-320", "7mo", "1.5y", "0", "-0.0", "()", "[]", "((", "))", "@night", "order by ", " limit 3", "POINT(1 2)",
    "BBOX(1,2,3,4)", "9" * 400,
]  # fmt: skip
"""What breaks readers: marks, halves of pairs, characters that do not show, ends of ranges."""

Pieces = list[str]


def mutated(dice: Random, text: str, others: list[str]) -> str:
    """Return the text after one to four mutations."""
    pieces = _PIECES.findall(text)
    for _ in range(dice.choice([1, 1, 1, 2, 2, 3, 4])):
        pieces = [p for p in dice.choice(MUTATIONS)(dice, pieces, _PIECES.findall(dice.choice(others))) if p]
    return "".join(pieces)


def _place(dice: Random, pieces: Pieces) -> int:
    return dice.randint(0, len(pieces))


def _part(dice: Random, pieces: Pieces) -> slice:
    start = _place(dice, pieces)
    return slice(start, start + dice.choice([1, 1, 2, 3, 8]))


def _splice(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    return pieces[: _place(dice, pieces)] + other[_place(dice, other) :]


def _delete(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    gone = _part(dice, pieces)
    return pieces[: gone.start] + pieces[gone.stop :]


def _duplicate(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    part, times = _part(dice, pieces), dice.choice([1, 1, 1, 2, 150])
    return pieces[: part.stop] + pieces[part] * times + pieces[part.stop :]


def _insert(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    at = _place(dice, pieces)
    return [*pieces[:at], dice.choice(INSERTED), *pieces[at:]]


def _insert_other(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    at = _place(dice, pieces)
    return [*pieces[:at], *other[_part(dice, other)], *pieces[at:]]


def _replace(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    part = _part(dice, pieces)
    return [*pieces[: part.start], *other[_part(dice, other)], *pieces[part.stop :]]


def _swap(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    if len(pieces) < 2:
        return pieces
    first, second = dice.sample(range(len(pieces)), 2)
    swapped = list(pieces)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    return swapped


def _exchange(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    """Put a word, a text or a number in the place of another; the likeliest to be a filter still."""
    at = _place(dice, pieces)
    alike = [piece for piece in other if at < len(pieces) and _kind(piece) == _kind(pieces[at])]
    return [*pieces[:at], dice.choice(alike), *pieces[at + 1 :]] if alike else pieces


def _kind(piece: str) -> str:
    return "letter" if piece[0].isalpha() else "digit" if piece[0].isdigit() else piece[0]


def _bytes(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    """Change bytes of the UTF-8 text; what is no text then is read as programs read it, with U+FFFD."""
    raw = bytearray("".join(pieces).encode())
    for _ in range(dice.randint(1, 3)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.randrange(256)
    return [raw.decode(errors="replace")]


def _characters(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    text = "".join(pieces)
    at = dice.randint(0, len(text))
    new = dice.choice(["", chr(dice.randrange(0x3000)), dice.choice(INSERTED)])
    return [text[:at], new, text[at + dice.randint(0, 2) :]]


def _wrap(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    opened, closed = dice.choice(["()", "[]", ("not (", ")"), ("any label(", ")"), ("-(", ")"), ("casei(", ")")])
    times = dice.choice([1, 1, 2, 60, 120])
    return [opened * times, *pieces, closed * times]


def _rewrite(dice: Random, pieces: Pieces, other: Pieces) -> Pieces:
    change: Callable[[str], str] = dice.choice([str.upper, str.swapcase, lambda t: unicodedata.normalize("NFD", t)])
    return [change(piece) for piece in pieces]


MUTATIONS = [
    *[_splice] * 2, *[_delete] * 2, _duplicate, *[_insert] * 2, _insert_other, *[_replace] * 2, *[_exchange] * 6, _swap,
    _bytes, _characters, _wrap, _rewrite,
]  # fmt: skip
