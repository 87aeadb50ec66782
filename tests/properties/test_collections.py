"""Random changes of Collections, tags and units, against a model that is a dictionary of sets."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import metaquery
from metaquery.language.printing import string_text
from tests.budget import cases

TITLES = ("A", "it's 🌙", "Nuit à Paris", "not 'B'")
UNITS = tuple(f"unit{n}" for n in range(6))

titles = st.sampled_from(TITLES)


@dataclass
class Made:
    """What the model knows of one Collection or tag."""

    kind: str
    members: set[str] = field(default_factory=set)
    condition: Any = None
    stale: bool = False


Condition = tuple[Any, ...]
"""`("n", value)`, `("in", title)`, `("tag", title)`, `("not", c)`, `("and", c, d)`, `("or", c, d)`."""

conditions = st.recursive(
    st.one_of(
        st.tuples(st.just("n"), st.integers(0, 2)),
        st.tuples(st.just("in"), titles),
        st.tuples(st.just("tag"), titles),
    ),
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(("and", "or")), inner, inner)),
    max_leaves=3,
)
sets = st.recursive(
    st.tuples(st.just("set"), titles),
    lambda inner: st.one_of(st.tuples(st.just("not"), inner), st.tuples(st.sampled_from(("and", "or")), inner, inner)),
    max_leaves=3,
)


def text(condition: Condition) -> str:
    """Return a condition as a filter, or as a set algebra."""
    match condition:
        case ("n", value):
            return f"n = {value}"
        case ("in", title):
            return f"in collection {string_text(title)}"
        case ("tag", title):
            return f"tags has {string_text(title)}"
        case ("set", title):
            return string_text(title)
        case ("not", inner):
            return f"not ({text(inner)})"
        case (word, left, right):
            return f"({text(left)}) {word} ({text(right)})"
        case _:
            raise AssertionError(condition)


def names(condition: Condition | None) -> Iterator[tuple[str, str]]:
    """Yield how and what a condition names."""
    if condition is None:
        return
    if condition[0] in {"in", "tag", "set"}:
        yield condition[0], condition[1]
    elif condition[0] != "n":
        for inner in condition[1:]:
            yield from names(inner)


def renamed(condition: Condition, old: str, new: str) -> Condition:
    """Return a condition with one title for another."""
    if condition[0] in {"in", "tag", "set"}:
        return (condition[0], new if condition[1] == old else condition[1])
    if condition[0] == "n":
        return condition
    return (condition[0], *(renamed(inner, old, new) for inner in condition[1:]))


class Changes(RuleBasedStateMachine):
    """A workspace of six units and its model."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.workspace = metaquery.open(self.root)
        self.units: dict[str, int] = {}
        self.made: dict[str, Made] = {}
        self.deleted: list[tuple[str, Made]] = []

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    # The model

    def holds(self, unit: str, condition: Condition) -> bool:
        match condition:
            case ("n", value):
                return self.units[unit] == value
            case ("in" | "tag" | "set", title):
                return unit in self.members(title)
            case ("not", inner):
                return not self.holds(unit, inner)
            case ("and", left, right):
                return self.holds(unit, left) and self.holds(unit, right)
            case (_, left, right):
                return self.holds(unit, left) or self.holds(unit, right)
        raise AssertionError(condition)

    def found(self, condition: Condition) -> set[str]:
        return {unit for unit in self.units if self.holds(unit, condition)}

    def members(self, title: str) -> set[str]:
        made = self.made[title]
        return self.found(made.condition) if made.kind == "live" else made.members

    def fits(self, condition: Condition) -> bool:
        """Whether the condition can be bound; a tag that nothing has is a tag of no unit, and left out here."""
        return all(
            title in self.made and not (how == "in" and self.made[title].kind == "tag")
            for how, title in names(condition)
        )

    def users(self, title: str) -> list[str]:
        return [t for t, m in self.made.items() if m.kind == "live" and title in {n for _, n in names(m.condition)}]

    def reaches(self, condition: Condition, title: str) -> bool:
        waiting, seen = [n for _, n in names(condition)], set()
        while waiting:
            name = waiting.pop()
            if name == title:
                return True
            if name not in seen and name in self.made and self.made[name].kind == "live":
                seen.add(name)
                waiting.extend(n for _, n in names(self.made[name].condition))
        return False

    def attempt(self, work: Callable[[], Any], *, works: bool) -> bool:
        """Do something that the model says works, or is refused."""
        if works:
            work()
        else:
            with pytest.raises(metaquery.MetaqueryError):
                work()
        return works

    # What is done

    @initialize(values=st.lists(st.integers(0, 2), min_size=6, max_size=6))
    def first_sync(self, values: list[int]) -> None:
        self.sync(values, [True] * 6)

    @rule(
        values=st.lists(st.integers(0, 2), min_size=6, max_size=6), kept=st.lists(st.booleans(), min_size=6, max_size=6)
    )
    def sync(self, values: list[int], kept: list[bool]) -> None:
        self.units = {u: v for u, v, k in zip(UNITS, values, kept, strict=True) if k} or {UNITS[0]: values[0]}
        rows = [{"data_hash": u, "title": u, "client_metadata": {"n": v}} for u, v in self.units.items()]
        file = self.root / "units.ndjson"
        file.write_text("\n".join(map(json.dumps, rows)))
        self.workspace.sync_files(units=file, schema={"n": "number"})

    @rule(title=titles, condition=conditions, live=st.booleans(), replacing=st.booleans())
    def new(self, title: str, condition: Condition, live: bool, replacing: bool) -> None:
        if not self.fits(condition):
            return
        self._make(
            title,
            condition,
            live=live,
            replacing=replacing,
            work=lambda: self.workspace.data.filter(text(condition)).collect(title, live=live, replacing=replacing),
        )

    @rule(title=titles, algebra=sets, live=st.booleans(), replacing=st.booleans())
    def new_of(self, title: str, algebra: Condition, live: bool, replacing: bool) -> None:
        collections = self.workspace.collections
        if not self.fits(algebra):
            with pytest.raises(metaquery.FilterError, match="unknown collection"):
                collections.newest.of_algebra(text(algebra))
            return
        selection = collections.newest.of_algebra(text(algebra))
        self._make(
            title,
            algebra,
            live=live,
            replacing=replacing,
            work=lambda: collections.make(title, selection, live=live, replacing=replacing),
        )

    def _make(self, title: str, condition: Condition, *, live: bool, replacing: bool, work: Callable[[], Any]) -> None:
        itself = title in {name for _, name in names(condition)} or (live and self.reaches(condition, title))
        works = not itself and (replacing or title not in self.made)
        found = self.found(condition)
        if self.attempt(work, works=works):
            self.made.pop(title, None)
            self.made[title] = Made("live", condition=condition) if live else Made("static", found)

    @rule(title=titles, condition=conditions, adding=st.booleans())
    def change_members(self, title: str, condition: Condition, adding: bool) -> None:
        if title not in self.made or not self.fits(condition):
            return
        selection = self.workspace.data.filter(text(condition)).selection()
        change = self.workspace.collections.add if adding else self.workspace.collections.remove
        found = self.found(condition)
        if self.attempt(lambda: change(title, selection), works=self.made[title].kind != "live"):
            held = self.made[title]
            held.members = held.members | found if adding else held.members - found

    @rule(tag=titles, condition=conditions)
    def tag(self, tag: str, condition: Condition) -> None:
        if not self.fits(condition) or tag in {name for _, name in names(condition)}:
            return
        selection = self.workspace.data.filter(text(condition)).selection()
        found = self.found(condition)
        if self.attempt(
            lambda: self.workspace.collections.make(tag, selection, kind="tag"), works=tag not in self.made
        ):
            self.made[tag] = Made("tag", found)

    @rule(title=titles, new=titles)
    def rename(self, title: str, new: str) -> None:
        if title not in self.made or title == new:
            return
        if self.attempt(lambda: self.workspace.collections.rename(title, new), works=new not in self.made):
            self.made[new] = self.made.pop(title)
            for made in self.made.values():
                if made.condition is not None:
                    made.condition = renamed(made.condition, title, new)
            self._outdate(title)

    @rule(title=titles)
    def freeze(self, title: str) -> None:
        if title not in self.made:
            return
        members = self.members(title)
        if self.attempt(lambda: self.workspace.collections.freeze(title), works=self.made[title].kind == "live"):
            self.made[title] = Made("static", members)

    @rule(title=titles)
    def delete(self, title: str) -> None:
        if title not in self.made:
            return
        if self.attempt(lambda: self.workspace.collections.delete(title), works=not self.users(title)):
            self.deleted.append((title, self.made.pop(title)))
            self._outdate(title)

    def _outdate(self, title: str) -> None:
        """Remember which of the deleted live Collections name what is not there under its title any more."""
        for _, made in self.deleted:
            made.stale |= title in {name for _, name in names(made.condition)}

    @precondition(lambda self: self.deleted)
    @rule()
    def restore(self) -> None:
        title, made = self.deleted[-1]
        if made.stale or not self.fits(made.condition or ("n", 0)):
            self.deleted.pop()  # it is as good as forgotten: a title of another may stand in its filter
            self.workspace.collections.restore(title, new="forgotten")
            self.workspace.collections.delete("forgotten")
            return
        works = title not in self.made and not (made.kind == "live" and self.reaches(made.condition, title))
        if self.attempt(lambda: self.workspace.collections.restore(title), works=works):
            self.deleted.pop()
            self.made[title] = made

    # What has to be true

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        if not self.units:
            return
        collections, data = self.workspace.collections, self.workspace.data
        assert {c.title: c.kind for c in collections.records()} == {t: m.kind for t, m in self.made.items()}
        tags: dict[str, list[str]] = {unit: [] for unit in self.units}
        for title, made in self.made.items():
            members = self.members(title)
            found = collections.get(title).evaluated()
            assert (found.members, set(found.data_hashes())) == (len(members), members), title
            here = members & self.units.keys()
            if made.kind != "tag":
                assert data.filter(text(("in", title))).count() == len(here)
            assert data.filter(text(("tag", title))).count() == len(here)
            for unit in here:
                tags[unit].append(title)
        rows = data.select("data_hash, tags").to_arrow().to_pylist()
        assert {row["data_hash"]: row["tags"] for row in rows} == {unit: sorted(held) for unit, held in tags.items()}


TestChanges = Changes.TestCase
TestChanges.settings = settings(cases(12), stateful_step_count=20, deadline=None)
