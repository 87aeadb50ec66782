"""Random filters that bind: typed from the inside out, for the schema of `schemas`, with values that rows share."""

from __future__ import annotations

from hypothesis import strategies as st

from metaquery.language import syntax as s

from .strategies import flat

TEXTS = ["Paris", "paris", "Lyon", "São Paulo", "", "50%", "a_b", "O'Brien", "Éa", "par\\is", "seq_001/x.mp4"]
NUMBERS = [0, 1, -1, 2, 3.5, 50, 1e300, -7, 0.1]
TAGS = ["night", "dusk", "Night drives"]
CLASSES = ["car", "person", "bus"]
UUIDS = ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "00000000-0000-4000-8000-000000000001"]
COLLECTIONS = ["night", "Paris review"]

Exprs = st.SearchStrategy[s.Expr]
ORDERS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def named(*names: str) -> Exprs:
    return st.sampled_from([s.Field(None, name) for name in names])


def minus(value: float) -> s.Expr:
    return s.Neg(s.Number(-value)) if value < 0 else s.Number(value)


LITERAL_NUMBERS: Exprs = st.sampled_from(NUMBERS).map(minus)
LITERAL_TEXTS: Exprs = st.sampled_from(TEXTS).map(s.String)
LITERAL_TAGS: Exprs = st.sampled_from(TAGS).map(s.String)
DURATIONS: Exprs = st.sampled_from(
    [
        s.Duration(7, "d"),
        s.Duration(1.5, "h"),
        s.Duration(1, "mo"),
        s.Duration(1, "y"),
        s.Duration(30, "min"),
        s.Duration(2, "w"),
    ]
)
PERIODS: Exprs = st.sampled_from(
    [s.Period(2023, 1, 1), s.Period(2023, 1), s.Period(2023, 3, 26), s.Period(2024, 2, 29), s.Period(2023, 12)]
)
DATE_LITERALS: Exprs = st.sampled_from(
    [
        s.Number(20230101, 8),
        s.Number(2023, 4),
        s.String("2023-01"),
        s.String("2023-01-02"),
        s.String("2023-01-02 10:00"),
    ]
)
INSTANTS: Exprs = st.sampled_from([s.Instant(1672531200000000, True), s.Instant(1672567200000000, False)])
NOW: Exprs = st.sampled_from([s.Call("now", ()), s.Call("today", ())])


def numbers(depth: int) -> Exprs:
    leaf = st.one_of(named("speed", "temperature", "width"), LITERAL_NUMBERS)
    if depth == 0:
        return leaf
    inner = numbers(depth - 1)
    return st.one_of(
        leaf,
        st.builds(s.Arith, st.sampled_from(["+", "-", "*", "/", "%", "div"]), inner, inner),
        st.builds(s.Arith, st.just("^"), inner, st.sampled_from([s.Number(0), s.Number(1), s.Number(2)])),
        st.builds(s.Neg, inner),
        st.builds(lambda f, x: s.Call(f, (x,)), st.sampled_from(["abs", "floor", "ceil", "sqrt"]), inner),
        st.builds(lambda x: s.Call("length", (x,)), st.one_of(texts(0), named("tags"))),
        st.builds(lambda x, y: s.Call("coalesce", (x, y)), named("speed", "temperature"), LITERAL_NUMBERS),
        st.builds(s.Count, st.sampled_from(["label", "prediction"]), st.one_of(st.none(), rows())),
        st.builds(
            lambda part, x: s.Call(part, (x,)),
            st.sampled_from(["year", "month", "day", "hour", "minute", "second", "weekday"]),
            moments(0),
        ),
    )


def texts(depth: int) -> Exprs:
    leaf = st.one_of(named("city", "note"), LITERAL_TEXTS)
    if depth == 0:
        return leaf
    return st.one_of(
        leaf,
        st.builds(lambda f, x: s.Call(f, (x,)), st.sampled_from(["lower", "casei", "upper"]), leaf),
        st.builds(lambda x, y: s.Call("concat", (x, y)), leaf, leaf),
        st.builds(lambda x, y: s.Call("coalesce", (x, y)), named("city", "note"), leaf),
        st.builds(lambda x: s.Call("raw", (x,)), named("city", "speed", "captured_at")),
    )


def moments(depth: int) -> Exprs:
    leaf = named("captured_at", "reviewed_at")
    if depth == 0:
        return leaf
    return st.one_of(leaf, st.builds(s.Arith, st.sampled_from(["+", "-"]), leaf, DURATIONS))


def dates() -> Exprs:
    moved = st.builds(s.Arith, st.sampled_from(["+", "-"]), st.one_of(NOW, PERIODS, INSTANTS), DURATIONS)
    return st.one_of(PERIODS, INSTANTS, NOW, moved)


def spans() -> Exprs:
    difference = st.builds(s.Arith, st.just("-"), moments(0), st.one_of(moments(0), PERIODS, NOW))
    scaled = st.builds(s.Arith, st.sampled_from(["*", "/"]), difference, LITERAL_NUMBERS)
    return st.one_of(difference, scaled, DURATIONS)


def rows() -> Exprs:
    """Conditions on a label or a prediction."""
    return st.one_of(
        st.builds(s.Compare, ORDERS, named("class"), st.sampled_from(CLASSES).map(s.String)),
        st.builds(s.Compare, ORDERS, named("frame"), LITERAL_NUMBERS),
        st.builds(s.Compare, st.just("="), named("class"), named("city")),
        st.builds(s.Compare, st.just(">"), named("frame"), named("speed")),
        named("dark"),
        st.builds(s.IsNull, named("class")),
    )


def tests(depth: int) -> Exprs:
    moment, number, text = moments(1), numbers(depth), texts(1)
    return st.one_of(
        named("dark"),
        st.builds(s.Bool, st.booleans()),
        st.builds(s.Compare, ORDERS, number, number),
        st.builds(s.Compare, ORDERS, text, text),
        st.builds(s.Compare, ORDERS, moment, st.one_of(moment, dates())),
        st.builds(s.Compare, ORDERS, moments(0), DATE_LITERALS),
        st.builds(s.Compare, ORDERS, dates(), dates()),
        st.builds(s.Compare, ORDERS, spans(), spans()),
        st.builds(s.Compare, ORDERS, named("dark"), st.builds(s.Bool, st.booleans())),
        st.builds(s.Compare, ORDERS, named("rig"), st.sampled_from(UUIDS).map(lambda u: s.String(u.upper()))),
        st.builds(s.Compare, ORDERS, named("weather"), st.sampled_from(["rain", "fog"]).map(s.String)),
        st.builds(s.Compare, st.sampled_from(["=", "!="]), named("tags"), st.builds(s.ListOf, lists(0))),
        st.builds(s.Between, number, LITERAL_NUMBERS, LITERAL_NUMBERS),
        st.builds(s.Between, moment, dates(), dates()),
        st.builds(s.In, number, st.lists(number, max_size=3).map(tuple)),
        st.builds(s.In, text, st.lists(text, max_size=3).map(tuple)),
        st.builds(s.In, moments(0), st.lists(st.one_of(dates(), DATE_LITERALS, moments(0)), max_size=3).map(tuple)),
        st.builds(s.Is, number, number),
        st.builds(s.Is, text, text),
        st.builds(s.Is, moments(0), st.one_of(dates(), DATE_LITERALS, moments(0))),
        st.builds(s.Is, named("dark"), st.builds(s.Bool, st.booleans())),
        st.builds(
            s.Like,
            text,
            st.sampled_from(["par%", "%is", "_a%", "50\\%", "%\\", "p%\\i_", "", "%"]).map(s.String),
            st.booleans(),
        ),
        st.builds(s.Matches, text, st.sampled_from(["^P", "is$", "a.b", "o", "^$"]).map(s.String), st.booleans()),
        st.builds(s.Text, st.sampled_from(["contains", "starts with", "ends with"]), text, text, st.booleans()),
        st.builds(s.Has, st.just("has"), named("tags"), st.tuples(LITERAL_TAGS)),
        st.builds(s.Has, st.sampled_from(["any", "all", "only", "none"]), named("tags"), lists(0)),
        st.builds(s.IsNull, st.one_of(named("city", "speed", "captured_at", "tags"), number)),
        st.builds(s.IsMissing, named("city", "speed", "captured_at")),
        st.builds(s.IsInvalid, named("city", "speed", "captured_at")),
        st.builds(
            s.InCollection, st.lists(st.sampled_from(COLLECTIONS).map(s.String), min_size=1, max_size=2).map(tuple)
        ),
        st.builds(s.Quantified, st.sampled_from(["any", "no"]), st.sampled_from(["label", "prediction"]), st.none()),
        st.builds(
            s.Quantified, st.sampled_from(["any", "no", "every"]), st.sampled_from(["label", "prediction"]), rows()
        ),
    )


def lists(least: int) -> st.SearchStrategy[tuple[s.Expr, ...]]:
    return st.lists(LITERAL_TAGS, min_size=least, max_size=3).map(tuple)


def unknown(p: s.Expr) -> s.Expr:
    return s.IsNull(p) if isinstance(p, s.Field) else s.IsUnknown(p)


def conditions(depth: int) -> Exprs:
    if depth == 0:
        return tests(1)
    inner = conditions(depth - 1)
    return st.one_of(
        tests(2),
        st.builds(flat, st.sampled_from([s.Or, s.And]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(s.Not, inner),
        st.builds(unknown, inner),
        st.builds(s.Is, inner, st.builds(s.Bool, st.booleans())),
        st.builds(s.Compare, st.sampled_from(["=", "!="]), inner, inner),
    )


FILTERS = conditions(2)
