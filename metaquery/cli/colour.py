"""Whether a stream gets colour: standard output and standard error are judged apart."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from metaquery.cli.switches import switched

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["bold", "has_colour", "marked"]


class _Stream(Protocol):
    def isatty(self) -> bool: ...


def has_colour(stream: _Stream, environ: Mapping[str, str] | None = None) -> bool:
    """Whether to write colour to a stream.

    The first that applies decides: `--no-color`; `NO_COLOR`, not empty; `FORCE_COLOR` or `CLICOLOR_FORCE`, neither
    empty nor 0; `TERM=dumb`; whether it is a terminal.
    """
    environ = os.environ if environ is None else environ
    if switched("no_color") or environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return environ.get("TERM") != "dumb" and stream.isatty()


def marked(word: str, stream: _Stream) -> str:
    """Return a word in bold red where the stream gets colour."""
    return f"\x1b[1;31m{word}\x1b[0m" if has_colour(stream) else word


def bold(text: str, stream: _Stream) -> str:
    """Return a text in bold where the stream gets colour."""
    return f"\x1b[1m{text}\x1b[0m" if has_colour(stream) else text
