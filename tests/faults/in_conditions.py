"""Faults in conditions: comparisons, `and`, `or`, `not`, values that are not there, ranges, texts."""

from __future__ import annotations

from dataclasses import replace

from metaquery.language import regexes
from metaquery.language.expressions import Expressions
from metaquery.language.function_sql import Functions
from metaquery.language.operators import OPERATORS
from metaquery.language.values import Values

from .seeding import Fault, Spelt, Tabled, Written

COMPARISONS = (
    Fault("`<=` leaves the bound out", "oracle", Spelt("<=", "{0} < {1}")),
    Fault("`>` takes the bound in", "oracle", Spelt(">", "{0} >= {1}")),
    Fault("`!=` selects rows without a value", "oracle", Spelt("!=", "{0} IS DISTINCT FROM {1}")),
)
CONNECTIVES = (
    Fault("`not` takes unknown for false", "partition", Spelt("not", "NOT coalesce({0}, FALSE)")),
    Fault("`or` is `and`", "de_morgan", Written(Expressions._value, '(" OR ", node', '(" AND ", node')),
    Fault(
        "brackets around `and` and `or` are dropped",
        "de_morgan",
        Written(Expressions._grouped, 'return f"({word.join(texts)})"', "return word.join(texts)"),
    ),
    Fault(
        "`true` is bound as false",
        "neutral",
        Written(Values.operand, '"BOOLEAN", node.value', '"BOOLEAN", not node.value'),
    ),
    Fault(
        "the first part of a chain is left out",
        "neutral",
        Written(Expressions._joined, "for arg in args", "for arg in args[1:]"),
    ),
    Fault(
        "a long chain loses its last group",
        "oracle",
        Written(Expressions._grouped, "range(0, len(texts), _GROUP)", "range(0, len(texts) - _GROUP, _GROUP)"),
    ),
)
ABSENT = (
    Fault("`is not` loses rows without a value", "oracle", Spelt("distinct", "{0} <> {1}")),
    Fault("`is` is unknown without a value", "partition", Spelt("surely", "{0}")),
    Fault("`is null` finds what is there", "oracle", Spelt("is null", "{0} IS NOT NULL")),
    Fault("`x is y` is unknown where both are null", "oracle", Spelt("same", "{0} = {1}")),
    Fault("`is not true` means false", "oracle", Spelt("is not true", "{0} IS FALSE")),
    Fault(
        "`is missing` forgets that a value may be invalid",
        "oracle",
        Written(Expressions._value, "AND {self.say('not', misfit)}", "OR {misfit}"),
    ),
    Fault(
        "`is invalid` looks at any field",
        "oracle",
        Spelt("misfit", "EXISTS (SELECT 1 FROM rejects AS j WHERE j.data_hash = {0} AND {1} <> '')"),
    ),
    Fault(
        "`coalesce` takes the last value",
        "oracle",
        Written(
            Functions.function,
            "[self.value(arg) for arg in node.args]",
            "[self.value(arg) for arg in node.args][::-1]",
        ),
    ),
)
RANGES = (
    Fault(
        "`between` leaves its upper bound out",
        "oracle",
        Written(Expressions._between, "self.say('<=',", "self.say('<',"),
    ),
    Fault("`not in` means `in`", "partition", Spelt("not in", "{0} IN ({1})")),
    Fault(
        "a long list is cut at 100 items",
        "oracle",
        Written(
            Expressions._among, "[self.plain(item) for item in items]", "[self.plain(item) for item in items[:_MANY]]"
        ),
    ),
    Fault(
        "a long list of UUIDs minds case",
        "oracle",
        Spelt("in many uuids", "CAST({0} AS VARCHAR) IN (SELECT upper(unnest({1})))"),
    ),
    Fault("`in ()` selects everything", "oracle", Written(Expressions._in, 'self.say("false")', 'self.say("true")')),
    Fault(
        "`in` forgets the columns among its items",
        "oracle",
        Written(Expressions._in, "for item in others]", "for item in others[1:]]"),
    ),
)
TEXTS = (
    Fault("`like` ignores case", "oracle", Spelt("like", "{0} ILIKE {1}")),
    Fault("`ilike` minds case", "oracle", Spelt("ilike", "{0} LIKE {1}")),
    Fault("`like` has no escape", "oracle", Spelt("like escaped", "{0} LIKE {1}")),
    Fault(
        "`like` swallows a backslash that escapes nothing",
        "oracle",
        Written(Expressions._pattern, "like_pattern(written)", "written"),
    ),
    Fault("`imatches` minds case", "oracle", Spelt("imatches", "regexp_matches({0}, {1})")),
    Fault("`matches` is anchored", "oracle", Spelt("matches", "regexp_full_match({0}, {1})")),
    Fault(
        "a character that may be missing is searched for",
        "oracle",
        Written(regexes.required_text, '{"*", "?", "{"}', '{"*", "{"}'),
    ),
    Fault(
        "`icontains` minds case",
        "oracle",
        Written(Expressions._value, "if node.ci else (x, y)", "if False else (x, y)"),
    ),
    Fault("`contains` looks for the one in the other", "oracle", Spelt("contains", "contains({1}, {0})")),
    Fault("`starts with` looks anywhere", "oracle", Spelt("starts with", "contains({0}, {1})")),
)
MIRROR = replace(OPERATORS["<"], mirror="<")

FAULTS = {
    "comparisons": COMPARISONS,
    "connectives": CONNECTIVES,
    "absent values": ABSENT,
    "ranges": RANGES,
    "texts": TEXTS,
    "time": (Fault("`day < x` keeps its sign when the sides change", "oracle", Tabled(OPERATORS, "<", MIRROR)),),
}
"""By the section of the corpus that shows them."""
