"""Random worlds with filters for them: what a filter says is made of what the world has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from hypothesis import strategies as st

from metaquery.language import BindOptions, Query, bind
from metaquery.language import syntax as s
from metaquery.language.printing import to_text
from metaquery.schema import RELATIONS, Schema
from tests.properties import filters
from tests.properties.filters import Writer
from tests.properties.vocabulary import Values, Vocabulary, vocabulary, with_saved

from .oracle import Unit, World
from .oracle_calendar import local
from .oracle_values import Moment, Place
from .reading import read
from .stored import stored
from .worlds import TITLES, RawWorld, worlds

ZONES = [
    "UTC", "UTC", "Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia",
    "Australia/Lord_Howe",
]  # fmt: skip
"""Half and quarter hours, midnights that there were not, a day that there was not."""

SAVED = ("night", "night in Paris")
"""Names of the saved filters, on each relation."""

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


class Batch:
    """A world, stored and read, and filters for it."""

    def __init__(self, raw: RawWorld, now: datetime, dice: Random, size: int) -> None:
        self.raw = raw
        self.stored = stored(raw)
        self.world, self.units = read(raw, self.stored.schema, now)
        words = {name: _words(self.stored.schema, name, self.world, self.units) for name in RELATIONS}
        self.saved = {name: {title: Writer(dice, words[name]).condition(1) for title in SAVED} for name in RELATIONS}
        self.world.saved = self.saved
        words = {name: with_saved(known, SAVED) for name, known in words.items()}
        self.cases = [_case(dice, words) for _ in range(size)]

    def __repr__(self) -> str:
        return f"<{len(self.cases)} filters on {len(self.units)} units>"  # whole, it would be megabytes


@st.composite
def batches(draw: st.DrawFn, size: int) -> Batch:
    """Draw a world, and as many filters; those not choice by choice, which takes longer than to check them."""
    seed = draw(st.integers(0, 2**64))
    return Batch(draw(worlds()), draw(st.sampled_from(NOWS)), Random(seed), size)  # noqa: S311


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
        dates=(*filters.DATES, *(date for at in filter(_inside, moments[:10]) for date in _dates(at))),
        edges=tuple(s.Instant(at, zoned=True) for at in moments if not _inside(at)),
        uuids=tuple(filters.UUIDS),
        items=("night", "Zoo", "Éa 😀", "dusk"),
        collections=tuple(TITLES),
        points=tuple(sorted({(x.longitude, x.latitude) for x in found if isinstance(x, Place)})) or ((2.35, 48.85),),
    )
    return vocabulary(schema, RELATIONS[relation], values)


def _inside(at: int) -> bool:
    """Whether no zone and no duration takes an instant out of the calendar."""
    return 9 <= local(at, "UTC").year <= 9990


def _dates(at: int) -> list[s.Expr]:
    """Return literals that an instant is in, or is."""
    shown = local(at, "UTC")
    day = s.Period(shown.year, shown.month, shown.day)
    return [day, s.Period(shown.year, shown.month), s.Instant(at, zoned=True), s.Instant(at, zoned=False)]


def options(batch: Batch, case: Case) -> BindOptions:
    """Return how a filter is read."""
    return BindOptions(
        time_zone=case.zone,
        now=batch.world.now,
        collections=tuple(TITLES),
        saved=lambda name: {title: to_text(saved) for title, saved in batch.saved[name].items()},
    )


def bound(batch: Batch, case: Case, tree: s.Expr) -> Query:
    """Bind a tree as that of the case."""
    relation = RELATIONS[case.relation]
    return Query(relation, bind(tree, batch.stored.schema, relation, options=options(batch, case)))
