"""Random syntax trees: any that the grammar can write, and those that the schema of the differential tests can bind."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import strategies as st

from metaquery.language import syntax as s

_KEYWORDISH = "missing known any all label limit order where count in is not null Has asc first distinct point E date"
KEYWORDISH = _KEYWORDISH.split()

QUALIFIED = re.compile(r"(?:meta|unit|label|prediction)\.")
BARE = re.compile(r"[^\W\d][\w:\u0300-\u036f]*(?:\.[\w:\u0300-\u036f]+)*")


def text_of(alphabet: st.SearchStrategy[str], *, least: int = 0, most: int = 6) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most).map(lambda t: unicodedata.normalize("NFC", t))


ANY_CHARACTER = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.one_of(
    st.sampled_from(
        ["Paris", "O'Brien", "\\", "a\nb", "50%", "", "'", "E'", "--", "/* x", "# y", '"', "\u202e", "\a\b\v"]
    ),
    text_of(ANY_CHARACTER),
)


@st.composite
def fields(draw: st.DrawFn) -> s.Field:
    name = draw(
        st.one_of(
            st.sampled_from(
                ["dark", "a.b", "größe", "eo:cloud", "meta.title", ":city", "unit.x y", "in.x", "not_dark", *KEYWORDISH]
            ),
            text_of(ANY_CHARACTER, least=1),
        )
    )
    if draw(st.integers(0, 5)) == 0:
        return s.Field(draw(st.sampled_from(["meta", "unit", "label", "prediction"])), name)
    qualified = QUALIFIED.match(name) is not None
    return s.Field(None, name, quoted=qualified and (BARE.fullmatch(name) is None or draw(st.booleans())))


def duration(amount: float, unit: str) -> s.Duration:
    return s.Duration(int(amount) if float(amount).is_integer() else amount, unit)


LITERALS: st.SearchStrategy[s.Expr] = st.one_of(
    fields(),
    st.builds(s.Number, st.one_of(st.integers(0, 2**53), st.floats(0, allow_nan=False, allow_infinity=False))),
    st.builds(s.String, TEXTS),
    st.builds(s.Bool, st.booleans()),
    st.just(s.Null()),
    st.builds(s.Instant, st.integers(-62135596800000000, 253402300799999999), st.booleans()),
    st.builds(s.Period, st.integers(1, 9999), st.integers(1, 12), st.integers(0, 28)),
    st.builds(duration, st.integers(0, 10**6), st.sampled_from(["ms", "s", "min", "h", "d", "w", "mo", "y"])),
    st.builds(duration, st.floats(0, 1e6), st.sampled_from(["ms", "s", "min", "h", "d", "w"])),
    st.builds(s.Parameter, st.sampled_from(["city", "n_2", "größe", "true"])),
    st.builds(s.Saved, st.sampled_from(["night", "night-2", "night in Paris", "1x", 'a"b', "in"])),
)


def flat(kind: type[s.Or | s.And], args: list[s.Expr]) -> s.Expr:
    return kind(tuple(a for arg in args for a in (arg.args if isinstance(arg, kind) else (arg,))))


@st.composite
def unknowns(draw: st.DrawFn, inner: st.SearchStrategy[s.Expr]) -> s.Expr:
    p = draw(inner)
    return s.IsNull(p) if isinstance(p, s.Field) else s.IsUnknown(p)


@st.composite
def identities(draw: st.DrawFn, inner: st.SearchStrategy[s.Expr]) -> s.Expr:
    x, v = draw(inner), draw(inner)
    return s.IsNull(x) if isinstance(v, s.Null) else s.Is(x, v)


@st.composite
def calls(draw: st.DrawFn, inner: st.SearchStrategy[s.Expr]) -> s.Expr:
    position = st.lists(st.floats(-180, 180), min_size=1, max_size=3).map(tuple)
    shape = st.builds(
        s.Wkt, st.sampled_from(["POINT", "BBOX", "POLYGON"]), st.lists(position, min_size=1, max_size=2).map(tuple)
    )
    args = draw(st.lists(st.one_of(inner, shape), max_size=3))
    return s.Call(draw(st.sampled_from(["lower", "abs", "f", "now", "any", "limit", "größe"])), tuple(args))


def compound(inner: st.SearchStrategy[s.Expr]) -> st.SearchStrategy[s.Expr]:
    several = st.lists(inner, max_size=3).map(tuple)
    listed = st.one_of(several, st.just((s.Parameter("cities", many=True),)))
    titles = st.one_of(st.builds(s.String, TEXTS), st.builds(s.Parameter, st.just("title")))
    ci = st.booleans()
    return st.one_of(
        st.builds(flat, st.sampled_from([s.Or, s.And]), st.lists(inner, min_size=2, max_size=4)),
        st.builds(s.Not, inner),
        st.builds(s.Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner),
        st.builds(s.Between, inner, inner, inner),
        st.builds(s.In, inner, listed),
        st.builds(s.Like, inner, inner, ci),
        st.builds(s.Matches, inner, inner, ci),
        st.builds(s.Text, st.sampled_from(["contains", "starts with", "ends with"]), inner, inner, ci),
        st.builds(s.Has, st.just("has"), inner, st.tuples(inner)),
        st.builds(s.Has, st.sampled_from(["any", "all", "only", "none"]), inner, listed),
        st.builds(s.IsNull, inner),
        st.builds(s.IsMissing, inner),
        st.builds(s.IsInvalid, inner),
        identities(inner),
        unknowns(inner),
        st.builds(s.InCollection, st.lists(titles, min_size=1, max_size=3).map(tuple)),
        st.builds(
            s.Quantified,
            st.sampled_from(["any", "no", "every"]),
            st.sampled_from(["label", "prediction"]),
            st.one_of(st.none(), inner),
        ),
        st.builds(s.Count, st.sampled_from(["label", "prediction", "units"]), st.one_of(st.none(), inner)),
        st.builds(s.Arith, st.sampled_from(["+", "-", "*", "/", "%", "div", "^"]), inner, inner),
        st.builds(s.Neg, inner),
        calls(inner),
        st.builds(s.ListOf, several),
    )


TREES: st.SearchStrategy[s.Expr] = st.recursive(LITERALS, compound, max_leaves=12)
"""Anything that may be written, well typed or not."""

VIEWS = st.builds(
    s.View,
    st.one_of(st.none(), TREES),
    st.lists(st.builds(s.SortKey, TREES, st.booleans(), st.booleans()), max_size=3).map(tuple),
    st.one_of(st.none(), st.integers(0, 2**62)),
).filter(lambda v: v.where is not None or v.order or v.limit is not None)
"""Anything that may stand on a REPL's line."""

_WORDS = (
    "dark city speed captured_at weather rig tags title 'Paris' 5 2.5 2023-01 2023-01-01 20230101 7d now() null true "
    "= != < <= > >= + - * / % div ^ ( ) [ ] , and or not in is like ilike between contains has has any starts with "
    "matches ~ !~ missing invalid unknown known distinct from any label every no prediction count(label where "
    ":a :b_ : in collection order by limit 10 desc meta. \" ' ` E' # /* */ @x lower( abs( coalesce( . ; \u200b \u00a0"
)

TOKEN_SOUP = st.lists(st.sampled_from(_WORDS.split(" ")), max_size=12).map(" ".join)
"""Text that looks like a filter, from afar."""
