"""A frozen dataclass of ours is one of `dataclasses` for whoever uses it."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from metaquery.frozen import dataclass as light


def _written(decorate: Any, *, slots: bool) -> Any:
    """Return a class and its base, by one decorator or the other."""

    @decorate(frozen=True, slots=slots)
    class Node:
        place: int = dataclasses.field(default=0, compare=False, kw_only=True)

    @decorate(frozen=True, slots=slots)
    class Leaf(Node):
        name: str
        items: tuple[int, ...] = ()
        seen: list[int] = dataclasses.field(default_factory=list, compare=False, repr=False)

        def __post_init__(self) -> None:
            self.seen.append(len(self.items))

    return Leaf


PAIRS = [(_written(light, slots=slots), _written(dataclasses.dataclass, slots=slots)) for slots in (True, False)]


@dataclasses.dataclass(frozen=True)
class Kept:
    """The standard one may hold ours."""

    leaf: Any


@light(frozen=True, slots=True)
class Pickled:
    """At a module's level, where pickle finds it."""

    name: str
    size: int = 3


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_it_says_of_itself_what_the_standard_one_says(ours: Any, theirs: Any) -> None:
    made, standard = ours("a", (1, 2), place=7), theirs("a", (1, 2), place=7)
    assert repr(made) == repr(standard)
    assert made.seen == standard.seen == [2]
    assert dataclasses.asdict(made) == dataclasses.asdict(standard)
    assert [f.name for f in dataclasses.fields(made)] == [f.name for f in dataclasses.fields(standard)]
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert ours.__match_args__ == theirs.__match_args__
    assert dataclasses.asdict(Kept(made)) == dataclasses.asdict(Kept(standard))


@pytest.mark.parametrize("ours", [ours for ours, _ in PAIRS])
def test_it_is_equal_by_the_fields_that_are_compared_and_never_to_another_class(ours: Any) -> None:
    assert ours("a", place=1) == ours(name="a", items=(), place=2)
    assert hash(ours("a", place=1)) == hash(ours("a"))
    assert ours("a") != ours("b")
    assert ours("a") != PAIRS[0][1]("a")


@pytest.mark.parametrize("ours", [ours for ours, _ in PAIRS])
def test_it_cannot_be_changed_and_is_replaced_instead(ours: Any) -> None:
    made = ours("a", (1,))
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        made.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError, match="name"):
        del made.name
    assert dataclasses.replace(made, name="b") == ours("b", (1,))
    assert made == ours("a", (1,))


@pytest.mark.parametrize("ours", [ours for ours, _ in PAIRS])
def test_arguments_that_are_missing_unknown_or_too_many_are_refused(ours: Any) -> None:
    for given, named in (((), {}), (("a",), {"name": "b"}), (("a",), {"size": 1}), (("a", (), [], 4), {})):
        with pytest.raises(TypeError, match="Leaf"):
            ours(*given, **named)


def test_it_can_be_copied_and_pickled() -> None:
    made = Pickled("a")
    assert copy.deepcopy(made) == made == pickle.loads(pickle.dumps(made))


def test_it_takes_part_in_matching() -> None:
    match Pickled("a", 4):
        case Pickled(name, size):
            assert (name, size) == ("a", 4)
