"""JSON documents that a user hands over: read whole, or refused with the line and column of what is wrong."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.errors import MetaqueryError

__all__ = ["read_document", "read_text", "refuse_terminal", "standard_input"]


def standard_input(asker: str) -> bytes:
    """Read standard input to its end; a terminal is refused, where a command would seem to hang.

    Parameters
    ----------
    asker
        What asked for it, as the user wrote it: `--ids -`.

    Raises
    ------
    UsageError
        It is a terminal.
    """
    refuse_terminal(asker)
    return sys.stdin.buffer.read()


def refuse_terminal(asker: str) -> None:
    """Refuse to read standard input where that is a terminal.

    Raises
    ------
    UsageError
        It is.
    """
    if sys.stdin.isatty():
        raise click.UsageError(f"{asker} reads standard input, and that is a terminal: give a file, or pipe it in")


def read_text(file: Path, asker: str) -> str:
    """Read a text that a user wrote, such as a filter; `-` is standard input.

    Raises
    ------
    UsageError
        There is no such file, it is no text, or standard input is a terminal.
    """
    from metaquery.errors import UsageError

    try:
        content = standard_input(asker) if str(file) == "-" else file.read_bytes()
        return content.decode("utf-8-sig").strip()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{'standard input' if str(file) == '-' else file} is not UTF-8 text") from None


def read_document(file: Path, refusal: type[MetaqueryError], *, hint: str) -> Any:
    """Read a JSON document.

    Parameters
    ----------
    file
        Its path; `-` is standard input.
    refusal
        The class of errors.
    hint
        What such a document looks like, where the file holds no JSON.

    Raises
    ------
    refusal
        There is no such file, it holds no JSON, or an object has a key twice.
    """
    name = "standard input" if str(file) == "-" else str(file)
    try:
        content = standard_input("-") if str(file) == "-" else file.read_bytes()
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
    except FileNotFoundError:
        raise refusal(f"there is no file {name}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise refusal(f"{name} cannot be read: {error}") from None
    except json.JSONDecodeError as error:
        raise refusal(f"{name}, line {error.lineno}, column {error.colno}: {error.msg}", hint=hint) from None
    except _KeyTwice as error:
        raise refusal(f"{name}: the key {error.args[0]!r} occurs twice", hint="leave one of them") from None
    except RecursionError:
        raise refusal(f"{name} is nested too deep", hint=hint) from None
    except ValueError:
        raise refusal(f"{name} has a number of thousands of digits", hint=hint) from None  # Python refuses to read it


class _KeyTwice(Exception):
    """JSON would keep the last value of a key that occurs twice, and say nothing."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _KeyTwice(next(key for key in keys if keys.count(key) > 1))
    return found
