"""What is offered can be put in, wherever a filter is cut; and what comes next in a filter is offered."""

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
from tests.properties.filters import FILTERS
from tests.properties.schemas import FIELDS, SCHEMA
from tests.properties.strategies import KEYWORDISH, TEXTS, TOKEN_SOUP, TREES, VIEWS

NAMES = st.one_of(st.sampled_from([*KEYWORDISH, "meta.title", "unit.x y", "title", "a-b", "unit.width"]), TEXTS)
TYPES = ["NUMBER", "STRING", "BOOLEAN", "DATETIME", "UUID", "POINT", "VECTOR", "ENUM"]
DATA_VALUES = st.one_of(TEXTS, st.floats(), st.integers(), st.booleans(), st.none(), st.datetimes(), st.dates())
RELATION = st.sampled_from(list(RELATIONS.values()))


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(NAMES, max_size=5, unique=True))
    drawn = [Field(n, draw(st.sampled_from(TYPES)), values=("rain", "it's"), size=3) for n in names]
    return Schema.of(
        [*FIELDS[: draw(st.integers(0, len(FIELDS)))], *(f for f in drawn if f.name not in SCHEMA.names())]
    )


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, object]:
    values = [(value, 3) for value in draw(st.lists(DATA_VALUES, max_size=4))]
    titles = draw(st.lists(TEXTS, max_size=3))
    return {
        "schema": draw(schemas()),
        "relation": draw(RELATION),
        "values": lambda _: values,
        "collections": titles,
        "saved": titles,
    }


def check(text: str, cursor: int, start: str, world: dict[str, object]) -> Completion:
    done = complete(text, cursor, start=start, limit=200, **world)  # type: ignore[arg-type]
    assert 0 <= done.span.start <= cursor <= done.span.end <= len(text)
    for candidate in done.candidates:
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
        return _limit_is_next(text, start)
    return bool(parser.accepts())


def _limit_is_next(text: str, start: str) -> bool:
    return text.rstrip().lower().endswith("limit") and begins(text + " 10", start)


@given(TREES.map(to_text), st.data(), worlds())
@settings(max_examples=400, deadline=None)
def test_what_is_offered_can_be_put_in(text: str, data: st.DataObject, world: dict[str, object]) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    check(text[:cursor], cursor, "filter", world)
    check(text, cursor, "filter", world)


@given(FILTERS.map(to_text), st.data(), worlds())
@settings(max_examples=300, deadline=None)
def test_what_is_offered_in_filters_that_bind_can_be_put_in(
    text: str, data: st.DataObject, world: dict[str, object]
) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    check(text[:cursor], cursor, "filter", world | {"schema": SCHEMA})


@given(VIEWS.map(view_text), st.data(), worlds())
@settings(max_examples=150, deadline=None)
def test_what_is_offered_in_views_can_be_put_in(text: str, data: st.DataObject, world: dict[str, object]) -> None:
    cursor = data.draw(st.integers(0, len(text)))
    check(text[:cursor], cursor, "view", world)


@given(st.one_of(TOKEN_SOUP, st.text(max_size=30)), st.data(), worlds(), st.sampled_from(["filter", "view"]))
@settings(max_examples=400, deadline=None)
def test_anything_may_be_typed(text: str, data: st.DataObject, world: dict[str, object], start: str) -> None:
    check(text, data.draw(st.integers(0, len(text))), start, world)


COLLECTIONS = [f"collection {i}" for i in range(5)]
VALUE = {"value", "literal"}
KINDS: dict[str, set[str]] = {
    terminal: kinds
    for terminals, kinds in (
        ("QUOTED", {"field"}),
        ("SAVED", {"saved"}),
        ("STRING ESCAPED INTEGER DECIMAL DATETIME DAY MONTH DURATION TRUE FALSE", VALUE),
        ("COMPARE BETWEEN IN LIKE MATCH TEXT HAS_EACH IS STAR DIV CARET PLUS STATE NULL DISTINCT", {"operator"}),
        ("AND OR QUANTIFIER IN_COLLECTION RPAR COMMA WHERE RBRACKET", {"keyword"}),
        ("HAS NOT", {"operator", "keyword"}),
        ("LPAR", {"keyword", "operator"}),
        ("LBRACKET", {"literal"}),
    )
    for terminal in terminals.split()
}


def kinds_of(token: Token, before: Token | None, after: Token | None) -> set[str]:
    """Return the kinds that the token may be offered as."""
    if token.type == "NAME" and before is not None and before.type == "LPAR" and token in {"label", "prediction"}:
        return {"keyword", "field"}
    if token.type == "NAME":
        return {"function", "literal"} if after is not None and after.type == "LPAR" else {"field"}
    if token.type == "MINUS":
        return {"operator", *VALUE}
    if token.type == "STRING" and before is not None and before.type == "IN_COLLECTION":
        return {"collection"}
    return KINDS[token.type] | ({"collection"} if token.type == "STRING" else set())


@given(FILTERS.map(to_text), st.booleans())
@settings(max_examples=300, deadline=None)
def test_what_comes_next_is_offered(text: str, known: bool) -> None:
    tokens: list[Token | None] = [None, *_parser().parse_interactive(text, start="filter").exhaust_lexer(), None]
    values = [("Paris", 2), (5, 1), ("2023-01-01", 1), (True, 1)] if known else []
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if token is None:
            continue
        head = text[: token.start_pos]
        head += " " * (head[-1:].isalnum() or head[-1:] == "_")  # else that word is still being typed
        done = complete(head, len(head), SCHEMA, DATA, lambda _: values, collections=COLLECTIONS, limit=500)
        offered = {candidate.kind for candidate in done.candidates}
        assert offered & kinds_of(token, before, after), (head, token, offered)


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
