"""Longer output through a pager, on a terminal alone; errors and remarks never pass through it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

from metaquery.cli.options import standard_output
from metaquery.settings import Settings

__all__ = ["put_page"]

_USUAL = "less"

_LESS = "-SRXF"
"""Lines are cut and not folded, colours pass, the screen is kept, and what fits is not paged."""


def put_page(text: bytes) -> None:
    """Write to standard output; where that is a terminal with fewer lines, by way of the pager.

    It is `METAQUERY_PAGER` (or `pager` of the user's own settings), then `PAGER`, then `less`. One that is not there,
    and an empty one, is none.
    """
    command = _pager() if sys.stdout.isatty() and text.count(b"\n") >= shutil.get_terminal_size().lines else []
    if not command:
        with standard_output() as out:
            out.write(text)
        return
    sys.stdout.flush()
    environ = {"LESS": _LESS, **os.environ}
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environ) as process:  # noqa: S603  # what the user named
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the pager
        try:
            with suppress(BrokenPipeError):  # the user has seen enough
                process.communicate(text)
        finally:
            signal.signal(signal.SIGINT, before)


def _pager() -> list[str]:
    """Return the pager's command; nothing where there is none."""
    named = Settings.read().pager
    if named is None:
        named = os.environ.get("PAGER", _USUAL)
    with suppress(ValueError):  # an open quotation mark: no program
        command = shlex.split(named)
        return command if command and shutil.which(command[0]) and os.environ.get("TERM") != "dumb" else []
    return []
