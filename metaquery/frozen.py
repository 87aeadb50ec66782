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
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

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
        written = cls.__dict__
        members = {
            name: value
            for name, value in _members(cls, parts).items()
            if name not in written or (name == "__hash__" and written[name] is None)
        }
        if slots:
            return _with_slots(cls, own, members)
        for name, part in own.items():
            if part.default is _MISSING and name in written:
                delattr(cls, name)
            elif part.default is not _MISSING:
                setattr(cls, name, part.default)
        for name, value in members.items():
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


def _with_slots(cls: Class, own: dict[str, Any], members: dict[str, Any]) -> Class:
    """Return the class anew, with slots for what its bases have none for; only a new class can have them."""
    parts = members[_PARTS]
    body = {name: value for name, value in cls.__dict__.items() if name not in own}
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    body["__slots__"] = tuple(own)
    body["__getstate__"] = lambda self: {name: getattr(self, name) for name in parts}
    body["__setstate__"] = _restored
    body.update(members)  # one by one afterwards, each would take as long as all do now
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

    return {
        "__init__": _initialiser(cls, parts),
        "__eq__": same,
        "__hash__": digest,
        "__repr__": text,
        "__setattr__": _refuse_to_set,
        "__delattr__": _refuse_to_delete,
        "__match_args__": tuple(name for name, part in parts.items() if part.init and part.kw_only is not True),
        "__dataclass_fields__": _FIELDS,
        "__signature__": _SIGNATURE,
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
    plans: dict[int, _Plan] = {}
    after = getattr(cls, "__post_init__", None)

    def __init__(self: Any, /, *given: Any, **named: Any) -> None:  # noqa: N807  # named so in tracebacks
        plan = plans.get(len(given))
        if plan is None:  # many a class is imported and never used
            plan = plans[len(given)] = _plan(self.__class__, parts, len(given))
        puts, rest = plan
        for put, value in zip(puts, given, strict=True):
            put(self, value)
        for name, put, asked, default, factory in rest:
            if asked and name in named:
                put(self, named.pop(name))
            elif default is not _MISSING:
                put(self, default)
            elif factory is not _MISSING:
                put(self, factory())
            else:
                raise TypeError(f"{self.__class__.__name__}() is missing the argument {name!r}")
        if named:
            cls = self.__class__
            raise TypeError(f"{cls.__name__}() got an unexpected argument {next(iter(named))!r}, or got it twice")
        if after is not None:
            after(self)

    return __init__


_Put: TypeAlias = "Callable[[Any, Any], None]"
_Plan: TypeAlias = tuple[tuple[_Put, ...], tuple[tuple[str, _Put, bool, Any, Any], ...]]
"""What sets the fields that are given by place; of each other: its name, what sets it, whether it may be named, its
default."""


def _plan(cls: type, parts: dict[str, dataclasses.Field[Any]], given: int) -> _Plan:
    """Return how an object is made where so many arguments are given by place."""
    placed = [name for name, part in parts.items() if part.init and part.kw_only is not True]
    if given > len(placed):
        raise TypeError(f"{cls.__name__}() takes {len(placed)} positional arguments, not {given}")
    late = [name for name in parts if name not in placed]
    rest = ((name, parts[name]) for name in placed[given:] + late)
    return (
        tuple(_put(cls, name) for name in placed[:given]),
        tuple((name, _put(cls, name), part.init, part.default, part.default_factory) for name, part in rest),
    )


def _put(cls: type, name: str) -> Callable[[Any, Any], None]:
    """Return what sets a field, past the refusal: the slot's own way, or the dictionary's."""
    slot: Any = getattr(cls, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__

    def put(self: Any, value: Any) -> None:
        self.__dict__[name] = value

    return put


def _standard(cls: type, *, init: bool) -> type:
    """Return a dataclass of `dataclasses` with the fields of one of ours."""
    parts: dict[str, dataclasses.Field[Any]] = cls.__dict__[_PARTS]
    body = {"__annotations__": {name: part.type for name, part in parts.items()}, "__doc__": cls.__name__}
    return dataclasses.dataclass(init=init, repr=False, eq=False)(type(cls.__name__, (), {**body, **parts}))


def _fields(cls: type) -> Any:
    """Compile nothing for this: `replace` asks, and each filter has that."""
    return _standard(cls, init=False).__dataclass_fields__  # type: ignore[attr-defined]


def _signature(cls: type) -> Any:
    from inspect import signature  # only who asks pays for it

    return signature(_standard(cls, init=True))


class _Asked:
    """An attribute of a class that is made when it is first read."""

    def __init__(self, name: str, make: Callable[[type], Any]) -> None:
        self._name = name
        self._make = make

    def __get__(self, instance: object, owner: type) -> Any:
        holder = next(base for base in owner.__mro__ if base.__dict__.get(self._name) is self)
        made = self._make(holder)
        setattr(holder, self._name, made)
        return made


_FIELDS = _Asked("__dataclass_fields__", _fields)
_SIGNATURE = _Asked("__signature__", _signature)


if not TYPE_CHECKING:  # who checks types sees the dataclass that they know
    dataclass = _dataclass
