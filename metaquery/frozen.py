"""`dataclass`: frozen dataclasses that cost the import of their module next to nothing.

The one of `dataclasses` writes six functions a class as text and compiles them. Who counts rows imports a hundred
classes, and paid a sixth of the whole process for that. Here the functions are closures over the names of the fields:
a class costs a fifteenth, an object a third more. What else is asked of a dataclass, by `fields`, `replace`, `asdict`
or `inspect.signature`, `dataclasses` itself makes when it is asked for. For modules that a query imports, and for
classes with `frozen=True` alone.
"""

from __future__ import annotations

import dataclasses
from inspect import get_annotations
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass

__all__ = ["dataclass"]

Class = TypeVar("Class", bound=type)

_MISSING: Any = dataclasses.MISSING
_PARTS = "__frozen_parts__"


def _dataclass(*, frozen: bool, slots: bool = False) -> Callable[[Class], Class]:
    """Make a class a frozen dataclass, as `dataclasses.dataclass(frozen=True, slots=…)` does.

    Parameters
    ----------
    frozen
        True: the others are left to `dataclasses`.
    slots
        Whether its objects have slots instead of a dictionary; the class is made anew then.
    """
    assert frozen  # noqa: S101  # one who writes otherwise sees it at once

    def made(cls: Class) -> Class:
        own = _own_parts(cls)
        parts = {name: part for base in cls.__mro__[:0:-1] for name, part in base.__dict__.get(_PARTS, {}).items()}
        parts.update(own)
        if slots:
            cls = _with_slots(cls, own, parts)
        else:
            for name, part in own.items():
                if part.default is _MISSING and name in cls.__dict__:
                    delattr(cls, name)
                elif part.default is not _MISSING:
                    setattr(cls, name, part.default)
        for name, value in _members(cls, parts).items():
            if name not in cls.__dict__ or (name == "__hash__" and cls.__dict__[name] is None):
                setattr(cls, name, value)
        return cls

    return made


def _own_parts(cls: type) -> dict[str, dataclasses.Field[Any]]:
    parts = {}
    for name, written in get_annotations(cls).items():
        if str(written).startswith("ClassVar"):
            continue
        given = cls.__dict__.get(name, _MISSING)
        part = given if isinstance(given, dataclasses.Field) else dataclasses.field(default=given)
        part.name, part.type = name, written
        parts[name] = part
    return parts


def _with_slots(cls: Class, own: dict[str, Any], parts: dict[str, Any]) -> Class:
    """Return the class anew, with slots for what its bases have none for; only a new class can have them."""
    body = {name: value for name, value in cls.__dict__.items() if name not in own}
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    body["__slots__"] = tuple(own)
    body["__getstate__"] = lambda self: {name: getattr(self, name) for name in parts}
    body["__setstate__"] = _restored
    anew: Class = type(cls)(cls.__name__, cls.__bases__, body)
    anew.__qualname__ = cls.__qualname__
    return anew


def _restored(self: Any, state: dict[str, Any]) -> None:
    for name, value in state.items():
        object.__setattr__(self, name, value)


def _members(cls: type, parts: dict[str, dataclasses.Field[Any]]) -> dict[str, Any]:
    """Return the methods of a dataclass, and what `dataclasses` and `inspect` look for."""
    compared = _values([name for name, part in parts.items() if part.compare])
    shown = [name for name, part in parts.items() if part.repr]

    def same(self: Any, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return compared(self) == compared(other)

    def digest(self: Any) -> int:
        return hash(compared(self))

    def text(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    standard = _Standard(cls.__name__, parts)
    return {
        "__init__": _initialiser(cls, parts),
        "__eq__": same,
        "__hash__": digest,
        "__repr__": text,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__match_args__": tuple(name for name, part in parts.items() if part.init and part.kw_only is not True),
        "__dataclass_fields__": _Asked("__dataclass_fields__", standard.fields),
        "__signature__": _Asked("__signature__", standard.signature),
        _PARTS: parts,
    }


def _values(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda _: ()
    one = attrgetter(*names)
    return lambda self: (one(self),)


def _refuse_to_set(_: object, name: str, __: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _initialiser(cls: type, parts: dict[str, dataclasses.Field[Any]]) -> Callable[..., None]:
    """Return `__init__`: fields by place, then the rest by name or by default."""
    placed = [name for name, part in parts.items() if part.init and part.kw_only is not True]
    puts = tuple(_put(cls, name) for name in placed)
    late = [name for name in parts if name not in placed]
    # What is left once so many were given by place.
    rests: list[tuple[tuple[str, Callable[[Any, Any], None], bool, Any, Any], ...]] = [
        tuple(
            (name, _put(cls, name), parts[name].init, parts[name].default, parts[name].default_factory)
            for name in placed[given:] + late
        )
        for given in range(len(placed) + 1)
    ]
    after = getattr(cls, "__post_init__", None)

    def __init__(self: Any, /, *given: Any, **named: Any) -> None:  # noqa: N807  # named so in tracebacks
        if len(given) > len(puts):
            raise TypeError(f"{cls.__name__}() takes {len(puts)} positional arguments, not {len(given)}")
        for put, value in zip(puts, given):  # noqa: B905  # fewer may be given
            put(self, value)
        for name, put, asked, default, factory in rests[len(given)]:
            if asked and name in named:
                put(self, named.pop(name))
            elif default is not _MISSING:
                put(self, default)
            elif factory is not _MISSING:
                put(self, factory())
            else:
                raise TypeError(f"{cls.__name__}() is missing the argument {name!r}")
        if named:
            raise TypeError(f"{cls.__name__}() got an unexpected argument {next(iter(named))!r}, or got it twice")
        if after is not None:
            after(self)

    return __init__


def _put(cls: type, name: str) -> Callable[[Any, Any], None]:
    """Return what sets a field, past the refusal: the slot's own way, or the dictionary's."""
    slot: Any = getattr(cls, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__

    def put(self: Any, value: Any) -> None:
        self.__dict__[name] = value

    return put


class _Standard:
    """The same fields as a dataclass of `dataclasses`, made once and only when it is asked for."""

    def __init__(self, name: str, parts: dict[str, dataclasses.Field[Any]]) -> None:
        self._name = name
        self._parts = parts

    def _made(self) -> type:
        body = {"__annotations__": {name: part.type for name, part in self._parts.items()}}
        return dataclasses.dataclass(frozen=True)(type(self._name, (), {**body, **self._parts}))

    def fields(self) -> dict[str, dataclasses.Field[Any]]:
        found: dict[str, dataclasses.Field[Any]] = self._made().__dataclass_fields__  # type: ignore[attr-defined]
        return found

    def signature(self) -> Any:
        from inspect import signature  # only who asks pays for it

        return signature(self._made())


class _Asked:
    """An attribute of a class that is made when it is first read."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self._name = name
        self._make = make

    def __get__(self, instance: object, owner: type) -> Any:
        made = self._make()
        for holder in owner.__mro__:
            if holder.__dict__.get(self._name) is self:
                setattr(holder, self._name, made)
        return made


if not TYPE_CHECKING:  # who checks types sees the dataclass that they know
    dataclass = _dataclass
