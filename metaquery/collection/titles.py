"""Titles and descriptions: any Unicode, up to a limit."""

from __future__ import annotations

import re
import unicodedata

from metaquery.errors import UsageError

__all__ = ["LIMIT", "checked_description", "checked_title"]

LIMIT = 10_000
"""Characters of a title; of a description the same."""

_IN_NO_TITLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs, which no file can hold."""

_IN_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def checked_title(title: str) -> str:
    """Return a title in NFC, without blanks around it.

    Raises
    ------
    UsageError
        It is empty or too long, or has characters that no title can have.
    """
    title = unicodedata.normalize("NFC", title).strip()
    if not title:
        raise UsageError("a Collection needs a title", hint="its title becomes a tag on every member")
    return _checked("title", title, _IN_NO_TITLE)


def checked_description(description: str) -> str:
    """Return a description.

    Raises
    ------
    UsageError
        It is too long, or has characters that no text can have.
    """
    return _checked("description", description, _IN_NO_TEXT)


def _checked(name: str, text: str, refused: re.Pattern[str]) -> str:
    if len(text) > LIMIT:
        raise UsageError(f"the {name} has {len(text):,} characters, and may have {LIMIT:,}")
    wrong = refused.search(text)
    if wrong is not None:
        raise UsageError(f"the {name} has the character U+{ord(wrong[0]):04X}", hint="leave it out")
    return text
