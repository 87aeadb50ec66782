"""JSON documents that a user hands over: read whole, or refused with the line and column of what is wrong."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.errors import MetaqueryError

__all__ = ["read_document"]


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
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
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
