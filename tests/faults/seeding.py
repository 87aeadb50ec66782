"""How a fault gets into the compiler that is running, and out again: another template, another line, another row."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, MappingProxyType
from typing import Any

from metaquery.language import DUCKDB

_ANNOTATIONS = 0x1000000
"""Of `compile`: `from __future__ import annotations`, as every module of ours has it."""


@dataclass(frozen=True)
class Spelt:
    """An operation has another template in DuckDB's dialect."""

    operation: str
    template: str

    @contextmanager
    def seeded(self) -> Iterator[None]:
        sound = DUCKDB.templates
        assert sound[self.operation] != self.template, "the fault changes nothing"
        object.__setattr__(DUCKDB, "templates", MappingProxyType({**sound, self.operation: self.template}))
        try:
            yield
        finally:
            object.__setattr__(DUCKDB, "templates", sound)


@dataclass(frozen=True)
class Written:
    """A function has `wrong` where `right` stands; every holder of the function has the fault."""

    function: Any
    right: str
    wrong: str

    @contextmanager
    def seeded(self) -> Iterator[None]:
        function = inspect.unwrap(self.function)
        sound = function.__code__
        function.__code__ = self._mutated(function)
        try:
            yield
        finally:
            function.__code__ = sound

    def _mutated(self, function: FunctionType) -> CodeType:
        source = textwrap.dedent(inspect.getsource(function))
        times = source.count(self.right)
        assert times == 1, f"{function.__qualname__} has {self.right!r} {times} times: choose the fault anew"
        assert self.right != self.wrong, "the fault changes nothing"
        tree = ast.parse(source.replace(self.right, self.wrong))
        definition = tree.body[0]
        assert isinstance(definition, ast.FunctionDef)
        definition.decorator_list.clear()
        whole = compile(tree, function.__code__.co_filename, "exec", flags=_ANNOTATIONS, dont_inherit=True)
        return next(c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == function.__name__)


@dataclass(frozen=True)
class Tabled:
    """A table of the compiler has another value under a key."""

    table: dict[Any, Any]
    key: Any
    value: Any

    @contextmanager
    def seeded(self) -> Iterator[None]:
        sound = self.table[self.key]
        assert sound != self.value, "the fault changes nothing"
        self.table[self.key] = self.value
        try:
            yield
        finally:
            self.table[self.key] = sound


@dataclass(frozen=True)
class Fault:
    """A fault that somebody could make, and the law that has to catch it."""

    name: str
    law: str
    seed: Spelt | Written | Tabled
