"""A line of a shell up to the cursor, taken apart; and words quoted so that the shell reads them back as they are.

Bash, zsh and fish differ in two points: from where on they replace what is typed, and whether they quote by themselves.
"""

from __future__ import annotations

import re

from metaquery.frozen import dataclass

__all__ = ["Line", "quoted", "taken_apart"]

_BREAKS = "\"'@><=;|&(:"
"""Where bash begins a word anew for readline, which replaces from there: `COMP_WORDBREAKS` as it is unless changed."""

_SAFE = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """What stands before the cursor.

    Attributes
    ----------
    words
        The words that are complete, as the command would get them; the first is the command.
    word
        What is typed of the next one, as the command would get it.
    kept
        The part of `word` that the shell leaves as it is.
    quote
        The quotation mark that is open, or nothing.
    closed
        Whether a quotation in `word` was closed: the word is at its end.
    """

    words: tuple[str, ...]
    word: str
    kept: str
    quote: str
    closed: bool


def taken_apart(line: str, shell: str) -> Line:
    """Take a line apart as `bash`, `zsh` or `fish` does; a quotation may be open at its end."""
    words: list[str] = []
    word, kept, quote = "", "", ""
    begun = closed = False
    place = 0
    while place < len(line):
        char = line[place]
        following = line[place + 1 : place + 2]
        if char == "\\" and _escapes(quote, following, shell):
            word += "" if following == "\n" else following
            begun = True
            place += 1
        elif quote:
            if char == quote:
                quote, closed = "", True
            else:
                word += char
        elif char in "\"'":
            quote, begun, kept = char, True, word
        elif char.isspace():
            if begun:
                words.append(word)
            word, kept, begun, closed = "", "", False, False
        else:
            word += char
            begun = True
            if shell == "bash" and char in _BREAKS:
                kept = word
        place += 1
    return Line(tuple(words), word, kept if shell != "fish" else "", quote, closed and not quote)


def _escapes(quote: str, following: str, shell: str) -> bool:
    """Whether a backslash takes the next character's meaning away."""
    if quote == "'":
        return shell == "fish" and following in {"'", "\\"}
    return not quote or following in set('$`"\\\n')


def quoted(text: str, line: Line, shell: str, *, goes_on: bool) -> str | None:
    """Return what the shell is to put in place of what it replaces, or None where that cannot be done.

    Parameters
    ----------
    text
        The word as the command should get it.
    goes_on
        Whether more may be typed into the word, so that a quotation has to stay open.
    """
    if shell == "fish":
        return text
    if not text.startswith(line.kept) or line.closed:
        return None
    rest = text[len(line.kept) :]
    if line.quote:
        return _within(rest, line.quote)
    if line.kept:
        return re.sub(r"([^\w@%+=:,./-])", r"\\\1", rest, flags=re.ASCII)
    if goes_on:
        return '"' + _within(rest, '"')
    return rest if _SAFE.fullmatch(rest) else f'"{_within(rest, chr(34))}"'


def _within(text: str, quote: str) -> str:
    """Return a text for the inside of a quotation; `!` would bring a line of the history into a double one."""
    if quote == "'":
        return text.replace("'", "'\\''")
    return re.sub(r'(["\\$`])', r"\\\1", text).replace("!", "\"'!'\"")
