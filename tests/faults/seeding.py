"""How a fault gets into the compiler that is running, and out again: another template, another line, another value."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any

from metaquery.language import DUCKDB, parse
from metaquery.language.parse import _parser

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

    function: FunctionType
    right: str
    wrong: str

    @contextmanager
    def seeded(self) -> Iterator[None]:
        sound = self.function.__code__
        self.function.__code__ = self._mutated()
        try:
            yield
        finally:
            self.function.__code__ = sound

    def _mutated(self) -> CodeType:
        source = textwrap.dedent(inspect.getsource(self.function))
        times = source.count(self.right)
        assert times == 1, f"{self.function.__qualname__} has {self.right!r} {times} times: choose the fault anew"
        tree = ast.parse(source.replace(self.right, self.wrong))
        definition = tree.body[0]
        assert isinstance(definition, ast.FunctionDef)
        definition.decorator_list.clear()
        whole = compile(tree, self.function.__code__.co_filename, "exec", flags=_ANNOTATIONS, dont_inherit=True)
        return next(c for c in whole.co_consts if isinstance(c, CodeType) and c.co_name == self.function.__name__)


@dataclass(frozen=True)
class Valued:
    """A module or a class has another value under a name."""

    owner: ModuleType | type
    name: str
    value: Any

    @contextmanager
    def seeded(self) -> Iterator[None]:
        sound = getattr(self.owner, self.name)
        assert sound != self.value, "the fault changes nothing"
        setattr(self.owner, self.name, self.value)
        try:
            yield
        finally:
            setattr(self.owner, self.name, sound)
