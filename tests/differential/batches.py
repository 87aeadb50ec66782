"""Random worlds with filters for them: what a filter says is made of what the world has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from hypothesis import strategies as st

from metaquery.language import BindOptions, Query, bind
from metaquery.language import syntax as s
from metaquery.schema import RELATIONS, Schema
from tests.properties import filters
from tests.properties.filters import Writer
from tests.properties.vocabulary import Values, Vocabulary, vocabulary

from .oracle import Unit, World
from .oracle_calendar import local
from .oracle_values import Moment
from .reading import read
from .stored import Stored, stored
from .worlds import TITLES, RawWorld, worlds

ZONES = [
    "UTC", "UTC", "Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia",
    "Australia/Lord_Howe",
]  # fmt: skip
"""Half and quarter hours, midnights that there were not, a day that there was not."""

NOWS = [
    datetime(2024, 3, 31, 12, 30, tzinfo=UTC),
    datetime(2023, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
]


@dataclass(frozen=True)
class Case:
    """One filter: what it is of, and how dates in it are read."""

    relation: str
    tree: s.Expr
    zone: str


@dataclass(repr=False)
class Batch:
    """A world, stored and read, and filters for it; not shown whole, as that is megabytes."""

    raw: RawWorld
    stored: Stored
    world: World
    units: list[Unit]
    cases: list[Case]


@st.composite
def batches(draw: st.DrawFn, size: int) -> Batch:
    raw = draw(worlds())
    tables = stored(raw)
    world, units = read(raw, tables.schema, draw(st.sampled_from(NOWS)))
    words = {name: _words(tables.schema, name, world, units) for name in RELATIONS}
    dice = Random(draw(st.integers(0, 2**64)))  # noqa: S311  # drawn choice by choice, filters take longer than to check
    return Batch(raw, tables, world, units, [_case(dice, words) for _ in range(size)])


def _case(dice: Random, words: dict[str, Vocabulary]) -> Case:
    relation = dice.choice(["data", "data", "data", "labels", "predictions"])
    return Case(relation, Writer(dice, words[relation]).condition(2), dice.choice(ZONES))


def _words(schema: Schema, relation: str, world: World, units: list[Unit]) -> Vocabulary:
    found = [value for unit in units for value in unit.values.values()]
    numbers = sorted({x for x in found if isinstance(x, float) and abs(x) != 0})
    texts = sorted({x for x in found if isinstance(x, str)})
    moments = sorted({x.micros for x in found if isinstance(x, Moment)})
    values = Values(
        numbers=(*filters.NUMBERS, 30, 1080, *numbers[:12], *numbers[:12]),
        texts=(*filters.TEXTS[:8], "car", "img_0.jpg", "video", *texts[:12], *texts[:12]),
        moments=tuple(moments),
        dates=(*filters.DATES, *(date for at in moments[:10] for date in _dates(at))),
        uuids=tuple(filters.UUIDS),
        items=("night", "Zoo", "Éa 😀", "dusk"),
        collections=tuple(TITLES),
    )
    return vocabulary(schema, RELATIONS[relation], values)


def _dates(at: int) -> list[s.Expr]:
    """Return literals that an instant is in, or is; none so near to an end of the calendar that a zone leaves it."""
    shown = local(at, "UTC")
    if not 2 <= shown.year <= 9998:
        return [s.Instant(at, zoned=True)]
    day = s.Period(shown.year, shown.month, shown.day)
    return [day, s.Period(shown.year, shown.month), s.Instant(at, zoned=True), s.Instant(at, zoned=False)]


def bound(batch: Batch, case: Case, tree: s.Expr) -> Query:
    """Bind a tree as that of the case."""
    options = BindOptions(time_zone=case.zone, now=batch.world.now, collections=tuple(TITLES))
    relation = RELATIONS[case.relation]
    return Query(relation, bind(tree, batch.stored.schema, relation, options=options))
