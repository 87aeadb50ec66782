"""What is offered can be put in and leads to a filter, wherever a filter is cut; and what comes next is offered."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Token

from metaquery.errors import FilterError
from metaquery.language import resolve_field
from metaquery.language.complete import Completion, complete
from metaquery.language.parse import _parser
from metaquery.language.printing import to_text, view_text
from metaquery.schema import DATA, RELATIONS, Field, Relation, Schema
from tests.golden.blocks import DIRECTORY, Block, read
from tests.golden.fixture import fixture
from tests.golden.language import described, schema_of
from tests.properties.filters import COLLECTIONS, TYPICAL
from tests.properties.schemas import FIELDS, SCHEMA
from tests.properties.strategies import KEYWORDISH, TEXTS, TOKEN_SOUP, TREES, VIEWS

from .offers import VALUE, World, is_offered

NAMES = st.one_of(st.sampled_from([*KEYWORDISH, "meta.title", "unit.x y", "title", "a-b", "unit.width"]), TEXTS)
TYPES = ["NUMBER", "STRING", "BOOLEAN", "DATETIME", "UUID", "POINT", "VECTOR", "ENUM"]
UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
DATA_VALUES = st.one_of(
    TEXTS, st.floats(), st.integers(), st.booleans(), st.none(), st.datetimes(), st.dates(), st.uuids(), st.binary()
)
RELATION = st.sampled_from(list(RELATIONS.values()))


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(NAMES, max_size=5, unique=True))
    drawn = [Field(n, draw(st.sampled_from(TYPES)), values=("rain", "it's"), size=3) for n in names]
    return Schema.of(
        [*FIELDS[: draw(st.integers(0, len(FIELDS)))], *(f for f in drawn if f.name not in SCHEMA.names())]
    )


@st.composite
def worlds(draw: st.DrawFn, schema: Schema | None = None) -> World:
    values = [(value, 3) for value in draw(st.lists(DATA_VALUES, max_size=4))]
    titles = tuple(draw(st.lists(TEXTS, max_size=3)))
    return World(draw(schemas()) if schema is None else schema, draw(RELATION), lambda _: values, titles, titles)


# ------------------------------------------------------------------ what is offered can be put in


def check(text: str, cursor: int, start: str, world: World) -> Completion:
    done = complete(
        text, cursor, world.schema, world.relation, world.values, collections=world.collections,
        saved=world.saved, start=start, limit=200,  # type: ignore[arg-type]
    )  # fmt: skip
    assert 0 <= done.span.start <= cursor <= done.span.end <= len(text)
    for candidate in done.candidates[:: len(done.candidates) // 30 + 1]:
        head = text[: done.span.start] + candidate.text
        assert begins(head, start), (head, candidate)
        whole, caret = done.apply(text, candidate)
        assert whole.startswith(head)
        assert done.span.start <= caret <= len(head)
        assert candidate.label or not candidate.text.strip("'\"@ ")
    return done


def begins(text: str, start: str) -> bool:
    """Whether some filter begins like this."""
    try:
        parser = _parser().parse_interactive(text, start=start)
        parser.exhaust_lexer()
    except FilterError:
        raise
    except Exception:  # noqa: BLE001  # Lark's
        return _look_ahead_is_next(text, start)
    return bool(parser.accepts())


def _look_ahead_is_next(text: str, start: str) -> bool:
    """Whether the word at the end is one only before what follows it: `limit` before digits."""
    return text.rstrip().lower().endswith("limit") and begins(text + " 10", start)


@given(TREES.map(to_text), st.data(), worlds())
@settings(max_examples=150, deadline=None)
def test_what_is_offered_can_be_put_in(text: str, data: st.DataObject, world: World) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    check(text[:cursor], cursor, "filter", world)
    check(text, cursor, "filter", world)


@given(VIEWS.map(view_text), st.data(), worlds())
@settings(max_examples=100, deadline=None)
def test_what_is_offered_in_views_can_be_put_in(text: str, data: st.DataObject, world: World) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    check(text[:cursor], cursor, "view", world)


@given(st.one_of(TOKEN_SOUP, st.text(max_size=30)), st.data(), worlds(), st.sampled_from(["filter", "view"]))
@settings(max_examples=250, deadline=None)
def test_anything_may_be_typed(text: str, data: st.DataObject, world: World, start: str) -> None:
    check(text, data.draw(st.integers(0, len(text))), start, world)


# ------------------------------------------------------------------ and leads to a filter that binds


@given(TYPICAL.map(to_text), st.data(), worlds(SCHEMA))
@settings(max_examples=100, deadline=None)
def test_what_is_offered_where_a_filter_is_cut_leads_to_a_filter(text: str, data: st.DataObject, world: World) -> None:
    if not world.binds(text):  # it names units' fields, and these are labels
        return
    cut = text[: data.draw(st.integers(0, len(text)))]
    done = world.complete(cut)
    for candidate in data.draw(st.permutations(done.candidates))[:3]:
        head = done.apply(cut, candidate)[0]
        assert world.filter_from(head) is not None, (head, candidate)


@given(worlds(), st.data(), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_who_follows_offers_comes_to_a_filter(world: World, data: st.DataObject, steps: int) -> None:
    text = ""
    for _ in range(steps):
        done = world.complete(text)
        kinds = sorted({candidate.kind for candidate in done.candidates})
        if not kinds:
            break
        kind = data.draw(st.sampled_from(kinds))
        text = done.apply(text, data.draw(st.sampled_from([c for c in done.candidates if c.kind == kind])))[0] + " "
    assert world.filter_from(text) is not None


# ------------------------------------------------------------------ what comes next is offered

LITERALS = frozenset({"STRING", "ESCAPED", "INTEGER", "DECIMAL", "DATETIME", "DAY", "MONTH", "DURATION", "LBRACKET"})
WORDS = frozenset({"NAME", "QUOTED", "SAVED"})
APART = frozenset({("NAME", "LPAR"), ("WKT_TAG", "LPAR"), ("LPAR", "RPAR")})
"""What is not offered by itself: a function has its bracket with it, and an empty list is for scripts."""


def tokens_of(text: str, start: str = "filter") -> list[Token]:
    return list(_parser().parse_interactive(text, start=start).exhaust_lexer())


def check_next(text: str, before: Token | None, token: Token, world: World) -> None:
    """Check that a token is offered where it stands."""
    head, rest = text[: token.start_pos], text[token.start_pos :]
    head += " " * (head[-1:].isalnum() or head[-1:] in {"_", '"'})  # else that word is still being typed
    done = world.complete(head)
    if token.type in LITERALS or (token.type == "MINUS" and is_sign(before)):
        assert {candidate.kind for candidate in done.candidates} & VALUE, (head, rest)
    elif (before.type if before else "", token.type) not in APART:
        assert is_offered(done, rest.replace("(", "[", 1)) or is_offered(done, rest), (head, rest)


def is_sign(before: Token | None) -> bool:
    return before is None or before.type not in WORDS | LITERALS | {"RPAR", "RBRACKET", "TRUE", "FALSE", "NULL"}


@given(TYPICAL.map(to_text), st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_comes_next_is_offered(text: str, known: bool) -> None:
    values = [("Paris", 2), (5, 1), ("2023-01-01", 1), (True, 1), (UUID, 1)] if known else []
    world = World(SCHEMA, DATA, lambda _: values, tuple(COLLECTIONS))
    tokens = tokens_of(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        check_next(text, before, token, world)


@given(TYPICAL.map(to_text), st.data())
@settings(max_examples=150, deadline=None)
def test_a_word_that_is_begun_is_offered_whole(text: str, data: st.DataObject) -> None:
    world = World(SCHEMA, DATA, lambda _: [], tuple(COLLECTIONS))
    words = [t for t in tokens_of(text) if t.type in WORDS or (t.isalpha() and t.type != "STATE")]
    for token in words[:4]:
        head = text[: (token.start_pos or 0) + data.draw(st.integers(1, len(token)))]
        assert is_offered(world.complete(head), text[token.start_pos :]), (head, text)


@given(TYPICAL.map(to_text), st.data(), st.sampled_from(["", "(", "count(label where "]))
@settings(max_examples=100, deadline=None)
def test_what_is_far_behind_changes_nothing(text: str, data: st.DataObject, opened: str) -> None:
    world = World(SCHEMA, DATA, lambda _: [("Paris", 2), (5, 1)], tuple(COLLECTIONS))
    cut = text[: data.draw(st.integers(0, len(text)))]
    before = "dark and speed between 5 and 6 or city in ('x and (', 'y') and " * 20
    near, far = world.complete(f"{opened}dark and {cut}"), world.complete(f"{opened}{before}{cut}")
    assert far.candidates == near.candidates
    assert far.span.start - len(before) == near.span.start - len("dark and ")


def test_of_a_long_list_the_values_that_it_has_are_not_offered_again() -> None:
    names = [f"value {i}" for i in range(300)]
    world = World(SCHEMA, DATA, lambda _: [(name, 1) for name in names])
    items = [f"'{name}'" for name in names if name not in {"value 7", "value 250"}]
    text = f"city in ({', '.join(items)}, "
    assert len(text) > 1_000
    assert [c.label for c in world.complete(text).candidates if c.kind == "value"] == ["value 7", "value 250"]


def canonical_cases() -> list[Block]:
    blocks = [block for name in ("examples", "functions") for block in read(DIRECTORY / f"{name}.cases")]
    return [block for block in blocks if "canonical" in block.outcome and not block.is_view]


@pytest.mark.parametrize("block", canonical_cases(), ids=lambda block: block.text)
def test_every_step_of_a_golden_case_is_offered(block: Block) -> None:
    relation = RELATIONS[block.given.get("on", "data")]
    saved = tuple(name for names in described()["saved"].values() for name in names)
    world = World(schema_of(block), relation, lambda _: [(UUID, 1)], tuple(fixture()["collections"]), saved)
    text = block.outcome["canonical"]
    tokens = tokens_of(text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        check_next(text, before, token, world)


@pytest.mark.parametrize("relation", list(RELATIONS.values()), ids=str)
def test_every_field_offered_means_itself(relation: Relation) -> None:
    keys = [
        Field(n, "STRING")
        for n in (*KEYWORDISH, "title", "unit.title", "meta.title", "label.class", 'a"b', "class", "x y", "meta.x y")
    ]
    schema = Schema.of(keys, reserved=[f.name for f in DATA.fields])
    done = complete("", 0, schema, relation, lambda _: [], limit=500)
    found = [resolve_field(c.text, schema, relation) for c in done.candidates if c.kind == "field"]
    assert len(found) == len(set(found))
    assert {f.name for f in found} >= {f.name for f in keys}
