"""What a user is told of an error, and the file that keeps the details of a fault of ours."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

import click

from metaquery.cli.colour import has_colour, marked
from metaquery.cli.switches import switched

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["INTERRUPTED", "interrupt", "reader_gone", "refused", "told", "told_interrupted"]

INTERRUPTED = 130

_KEPT = "interrupted: what was finished is kept; run the same command again to go on"

_PATIENCE_S = 0.8
"""How long an interrupted command may take to leave: threads may wait a minute for an answer."""

_UNWRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""Errors of the system without a file's name: of standard output, as whoever writes a file of ours names it."""

_interrupts = 0


def told(error: Exception) -> int:
    """Tell of an error on standard error, and return the exit code."""
    from metaquery.errors import MetaqueryError, StoreError  # 3 ms that only a failure pays

    if switched("debug"):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError):
        error = StoreError.forbidden(error) or error
    if isinstance(error, OSError) and error.filename is None and error.errno in _UNWRITTEN:
        _say(f"standard output could not be written: {error.strerror}")
        return 1
    if not isinstance(error, MetaqueryError):
        return _fault(error)
    _say(str(error))
    return error.exit_code


def refused(error: click.ClickException) -> int:
    """Tell of a command line that cannot be meant, with its usage, and return the exit code."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n", err=True)
    words = error.format_message()
    if isinstance(error, click.NoSuchOption) and context is not None and context.parent is None:
        words += f"\nthe options of a command stand behind its name: metaquery COMMAND {error.option_name} …"
    _say(words)
    return error.exit_code


def _say(words: str) -> None:
    from metaquery.errors import shown  # as in `told`

    words = "\n".join(map(shown, words.split("\n")))  # names and values that it is about were written by others
    # click would take the colour out again wherever there is no terminal.
    click.echo(f"{marked('error:', sys.stderr)} {words}", err=True, color=has_colour(sys.stderr))


def _fault(error: Exception) -> int:
    """Tell of a fault of metaquery in one line, and keep the traceback in a file."""
    from metaquery.crashes import keep_crash  # only a crash pays for it

    kept = keep_crash(error)
    words = " ".join(str(error).split())
    _say(f"metaquery failed: {type(error).__name__}: {words[:300]}")
    click.echo(f"the details are in {kept}; please report them", err=True)
    return 1


def told_interrupted() -> int:
    """Say what an interruption leaves behind, and return the exit code."""
    click.echo(f"\n{_KEPT}", err=True)
    return INTERRUPTED


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Stop at Ctrl-C: within a second the first time, at once the second. Everything that counts is durable already."""
    global _interrupts  # noqa: PLW0603  # a process has one terminal
    _interrupts += 1
    if _interrupts > 1:
        os._exit(INTERRUPTED)
    from threading import Timer

    timer = Timer(_PATIENCE_S, _leave)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt


def _leave() -> None:
    if os.isatty(2):
        os.write(2, b"\x1b[?25h")  # the bar has hidden the cursor
    os.write(2, f"\n{_KEPT}\n".encode())
    os._exit(INTERRUPTED)


def reader_gone() -> int:
    """Stop in silence where who reads standard output has seen enough, as `head` does: that is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would complain when it flushes at exit
    return 0
