"""The parser's tables: where `grammar/` lies, and how the tables get from there into this process.

Building tables from the grammar's text, and compiling the lexer's expressions, takes half a second, reading them back
4 ms; so they are kept in the user's cache
directory, under a name that changes with the grammar, Lark and Python. They are kept as `marshal` data (plain tuples,
dicts and strings), never as a pickle: reading a pickle runs what its writer wanted. Where nothing can be kept, or what
was kept cannot be read, they are built anew, and nobody is told.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import marshal
import os
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lark
from lark import Lark, Token, Transformer

from metaquery.language.tables import Tables, packed, unpacked
from metaquery.user_directories import cache_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STARTS", "build_parser", "grammar_directory"]

STARTS = ("filter", "view")

_FILES = ("filter.lark", "operators.lark", "literals.lark")

_LAYOUT = b"3"
"""Changes when the form of what is kept does."""


@cache
def grammar_directory() -> Path:
    """Return the directory of the grammar: in the installed package, else beside it in a checkout.

    `importlib.resources` would say the same, and imports `zipfile` for it: 2 ms of each command.
    """
    package = Path(__file__).resolve().parents[1]
    packaged = package / "grammar"
    return packaged if packaged.is_dir() else package.parent / "grammar"


def build_parser(transformer: Transformer[Token, Any], *, directory: Path | None = None) -> Lark:
    """Return a parser for the start symbols `filter` and `view`.

    Parameters
    ----------
    transformer
        Its methods are called as rules are recognised: no tree of Lark's is built, and nothing recurses.
    directory
        Where to keep the tables; None takes `$XDG_CACHE_HOME/metaquery`.
    """
    texts = [(grammar_directory() / name).read_bytes() for name in _FILES]
    key = hashlib.sha256(b"\0".join((_LAYOUT, lark.__version__.encode(), sys.version.encode(), *texts))).hexdigest()
    directory = cache_directory() if directory is None else directory
    kept = directory / f"parser-{key[:32]}.tables" if directory else None
    if kept is not None:
        with _uncollected(), contextlib.suppress(Exception):  # whatever is wrong with the file: building always works
            return unpacked(marshal.loads(_read_own(kept)), transformer)  # noqa: S302  # plain data of our own, see above
    tables = _build()
    if kept is not None:
        with contextlib.suppress(OSError):
            _write(kept, marshal.dumps(tables))
    return unpacked(tables, transformer)


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking through thousands of new objects that all stay: a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _build() -> Tables:
    directory = grammar_directory()
    parser = Lark(
        (directory / _FILES[0]).read_text(encoding="utf-8"),
        parser="lalr",
        lexer="contextual",
        start=list(STARTS),
        import_paths=[str(directory)],
        maybe_placeholders=True,
        propagate_positions=False,  # every token is kept, and spans are read off the tokens
    )
    return packed(parser)


def _read_own(path: Path) -> bytes:
    """Read a file that this user wrote in a directory that nobody else can write to."""
    for place in (path.parent, path):
        found = place.lstat()
        foreign = hasattr(os, "getuid") and found.st_uid != os.getuid()
        if foreign or stat.S_ISLNK(found.st_mode) or found.st_mode & 0o022:
            raise PermissionError(place)
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".parser-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
