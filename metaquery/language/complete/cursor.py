"""`word_at()`: the word that the cursor is in, to its end; nothing inside of comments."""

from __future__ import annotations

import re
from typing import Literal

from metaquery.frozen import dataclass

__all__ = ["Word", "empty_word", "joined_words", "word_at"]

Form = Literal["bare", "date", "text", "quoted", "saved", "sign"]

_MARKS = "\u0300-\u036f"

_PIECE = re.compile(
    rf"""(?P<line>\#[^\r\n]*)|(?P<block>/\*(?:[^*]|\*(?!/))*+(?P<over>\*/)?)"""
    rf"""|(?P<text>(?:[Ee]'(?:[^'\\]|''|\\[\s\S])*+\\?|'[^']*+(?:''[^']*+)*+)(?P<shut>')?)"""
    rf"""|(?P<saved>@(?:"[^"]*+(?:""[^"]*+)*+(?P<shut1>")?|`[^`]*+(?:``[^`]*+)*+(?P<shut2>`)?|[\w:.{_MARKS}-]*))"""
    rf"""|(?P<quoted>(?:(?:meta|unit|label|prediction)\.)?(?:"[^"]*+(?:""[^"]*+)*+(?P<shut3>")?"""
    rf"""|`[^`]*+(?:``[^`]*+)*+(?P<shut4>`)?))"""
    rf"""|(?P<date>[0-9]{{4}}-(?:[0-9TtZz:.+-]|(?<=:[0-9]{{2}}:[0-9]{{2}}),(?=[0-9]))*)"""
    rf"""|(?P<bare>[\w.:{_MARKS}]+)|(?P<sign>[=<>!~]+)|(?P<rest>\s+|[\s\S])"""
)
"""A filter in pieces, unfinished ones too; only boundaries are drawn here, what a piece means the lexer says."""

_SHUT = ("shut", "shut1", "shut2", "shut3", "shut4")

_RUN = re.compile(rf"[^\s()\[\]'\"`,=<>!~@]+(?:\s+[\w.:{_MARKS}-]+)*\Z")


@dataclass(frozen=True, slots=True)
class Word:
    """What is being typed.

    Attributes
    ----------
    start, end
        Its place in the text, delimiters and the part behind the cursor included.
    typed
        Its part before the cursor, without delimiters and qualifier.
    form
        How it is written.
    qualifier
        What stands before a quoted name: `meta`.
    """

    start: int
    end: int
    typed: str
    form: Form = "bare"
    qualifier: str = ""


def empty_word(cursor: int) -> Word:
    """Return the word of which nothing is typed yet."""
    return Word(cursor, cursor, "")


def word_at(text: str, cursor: int, *, dates: bool = True) -> Word | None:
    """Return the word that ends at the cursor or goes on behind it; an empty one between words; None in a comment.

    Parameters
    ----------
    text, cursor
        What is typed, and where.
    dates
        Whether `2023-01` is one word; else it is a subtraction.
    """
    found = last = None
    for piece in _PIECE.finditer(text):
        last = piece
        if found is None and piece.start() < cursor <= piece.end():
            found = piece
            if piece.lastgroup != "text":
                break
    if found is None or last is None:
        return empty_word(cursor)
    if found["line"] is not None or (found["block"] is not None and (cursor < found.end() or found["over"] is None)):
        return None
    if found["date"] is not None and not dates:
        return _part_of_date(found, cursor)
    end = cursor if last["text"] is not None and last["shut"] is None else found.end()
    return _word(found, cursor, end)


def _word(piece: re.Match[str], cursor: int, end: int) -> Word:
    start, head = piece.start(), piece.group()[: cursor - piece.start()]
    finished = cursor == piece.end() and any(piece[name] is not None for name in _SHUT)
    if piece["rest"] is not None or piece["block"] is not None or finished:
        return empty_word(cursor)
    if piece["text"] is not None:
        body = head[head.find("'") + 1 :] if "'" in head else ""
        return Word(start, end, body.replace("''", "'"), "text")
    open_name = piece["quoted"] or (piece["saved"] or "")[1:2] in {'"', "`"}
    end = cursor if open_name and not any(piece[name] is not None for name in _SHUT) else piece.end()
    if piece["saved"] is not None:
        return Word(start, end, _undelimited(head[1:]), "saved")
    if piece["quoted"] is not None:
        qualifier, _, name = head.partition(".") if head[0] not in '"`' else ("", "", head)
        return Word(start, end, _undelimited(name), "quoted", qualifier)
    form: Form = "date" if piece["date"] is not None else "sign" if piece["sign"] is not None else "bare"
    return Word(start, piece.end(), head, form)


def _undelimited(name: str) -> str:
    return name[1:].replace(name[0] * 2, name[0]) if name[:1] in {'"', "`"} else name


def _part_of_date(piece: re.Match[str], cursor: int) -> Word:
    for part in re.finditer(r"[\w.:]+", piece.group()):
        start, end = part.start() + piece.start(), part.end() + piece.start()
        if start < cursor <= end:
            return Word(start, end, part.group()[: cursor - start])
    return empty_word(cursor)


def joined_words(text: str, word: Word, cursor: int) -> tuple[Word, ...]:
    """Return what may be an unquoted name that needs quotes, longest first: `site-i`, `frame ra`."""
    if word.form not in {"bare", "date"}:
        return ()
    tail = text[max(0, cursor - 200) : cursor]
    run = _RUN.search(tail)
    if run is None:
        return ()
    first = cursor - len(tail) + run.start()
    starts = [first + m.start() for m in re.finditer(rf"(?<![\w.:{_MARKS}])[\w:{_MARKS}]", text[first:cursor])]
    return tuple(Word(at, word.end, text[at:cursor]) for at in starts[-5:] if at < word.start)
