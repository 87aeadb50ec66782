"""Regular expressions of the lexer, compiled once and kept beside the parser's tables.

Lark's contextual lexer has an expression for each set of tokens that may come next, and Python takes 15 ms to compile
those that one filter needs: more than everything else about it. What `re` compiles to is a list of numbers; `Patterns`
makes expressions of such lists, and stands in for the module `re` in Lark's lexers. The lists are good for one version
of Python only, which the name of the file with the tables holds. Where this Python does not do it this way, nothing is
kept, and `re` compiles.
"""

from __future__ import annotations

import re
from array import array
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lark import Lark

__all__ = ["Kept", "Patterns", "compile_lexers"]

Kept = dict[str, tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]]
"""By pattern: flags, code, number of groups, groups by name, names by group; plain data, for `marshal`."""


class Patterns:
    """What Lark's lexers need of the module `re`.

    Parameters
    ----------
    kept
        What was compiled before.
    """

    error = re.error

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._made: dict[str, re.Pattern[str]] = {}

    def compile(self, pattern: str, flags: int = 0) -> re.Pattern[str]:
        """Return the expression; as `re.compile`."""
        made = self._made.get(pattern)
        if made is None:
            kept = self._kept.get(pattern)
            made = self._made[pattern] = re.compile(pattern, flags) if kept is None or flags else _made(pattern, kept)
        return made

    def match(self, pattern: str, text: str, flags: int = 0) -> re.Match[str] | None:
        """As `re.match`."""
        return self.compile(pattern, flags).match(text)


class _Compiling(Patterns):
    """Compiles, and keeps what comes out."""

    def __init__(self) -> None:
        super().__init__({})
        self.kept: Kept = {}

    def compile(self, pattern: str, flags: int = 0) -> re.Pattern[str]:
        if not flags:
            self.kept[pattern] = _compiled(pattern)
        return super().compile(pattern, flags)


def compile_lexers(parser: Lark) -> Kept:
    """Compile every expression of a parser; return nothing where this Python does not say what they compile to."""
    compiling = _Compiling()
    try:
        for lexer in _lexers(parser):
            lexer.re = compiling
            _ = lexer.scanner
        for pattern, kept in compiling.kept.items():
            _made(pattern, kept)
    except (ImportError, AttributeError, TypeError, ValueError, RuntimeError):
        return {}
    return compiling.kept


def _lexers(parser: Lark) -> Iterable[Any]:
    contextual: Any = parser.parser.lexer
    return {id(lexer): lexer for lexer in (*contextual.lexers.values(), contextual.root_lexer)}.values()


def _compiled(pattern: str) -> tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]:
    """Return what `re.compile` hands to the engine, step by step as `re._compiler.compile` does."""
    compiler: Any = import_module("re._compiler")
    tree = import_module("re._parser").parse(pattern, 0)
    groups: dict[str, int] = dict(tree.state.groupdict)
    names: list[str | None] = [None] * tree.state.groups
    for name, number in groups.items():
        names[number] = name
    code = array("I", [int(word) for word in compiler._code(tree, 0)]).tobytes()  # noqa: SLF001
    return int(tree.state.flags), code, tree.state.groups - 1, groups, tuple(names)


def _made(pattern: str, kept: tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]) -> re.Pattern[str]:
    flags, code, groups, names, by_group = kept
    engine: Any = import_module("_sre")
    made: re.Pattern[str] = engine.compile(pattern, flags, array("I", code).tolist(), groups, names, by_group)
    return made
