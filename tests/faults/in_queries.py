"""Faults in what stands around conditions: labels and Collections, counting, order, and what becomes SQL."""

from __future__ import annotations

from metaquery.language import sql
from metaquery.language.arithmetic import Arithmetic
from metaquery.language.dialects import Dialect
from metaquery.language.expressions import Expressions

from .seeding import Fault, Spelt, Written

RELATIONS = (
    Fault(
        "parameters stay in the order in which they were written",
        "oracle",
        Written(Dialect.place, "bound.append(params[at])", "bound.append(params[len(bound) % len(params)])"),
    ),
    Fault(
        "`has only` means `has none`",
        "oracle",
        Spelt("tags only", "{0} NOT IN (SELECT data_hash FROM tags WHERE tag IN (SELECT unnest({1})))"),
    ),
    Fault(
        "`has all` is content with one",
        "oracle",
        Spelt("tags all", "{0} IN (SELECT data_hash FROM tags WHERE tag IN (SELECT unnest({1})) AND {2} > 0)"),
    ),
    Fault(
        "`in collection` takes the first title alone",
        "oracle",
        Written(Expressions._value, "for name in node.names]", "for name in node.names[:1]]"),
    ),
    Fault("`every` passes over what is unknown", "oracle", Spelt("is not true", "NOT {0}")),
    Fault(
        "`no label` means `any label`", "oracle", Written(Expressions._quantified, 'case "any":', 'case "any" | "no":')
    ),
    Fault(
        "labels of other units count",
        "oracle",
        Spelt("count", "(SELECT count(*) FROM {0} AS {1} WHERE {2} IS NOT NULL{3})"),
    ),
    Fault("`count > 1` is content with one", "oracle", Written(Expressions._existence, '(">", 0)', '(">", 1)')),
    Fault("`count < 2` means none", "oracle", Written(Expressions._existence, '("<", 1)', '("<", 2)')),
    Fault("`count >= 2` is content with one", "oracle", Written(Expressions._existence, '(">=", 1)', '(">=", 2)')),
    Fault(
        "`count = 0` means some",
        "oracle",
        Written(
            Expressions._existence,
            'self.say("not", self._rows("some", count.relation, count.where))',
            'self._rows("some", count.relation, count.where)',
        ),
    ),
)
COUNTING = (
    Fault(
        "unknown rows are counted with the false ones",
        "oracle",
        Written(sql.tally_sql, 'say("tally", unknown)', 'say("tally", f"{unknown} AND p")'),
    ),
    Fault(
        "false rows are counted as unknown",
        "oracle",
        Written(sql.tally_sql, 'unknown = dialect.say("is null", "p")', 'unknown = dialect.say("is not true", "p")'),
    ),
)
ORDER = (
    Fault(
        "ties are left to the engine",
        "stable_pages",
        Written(sql._order_keys, "if name not in named]", "if not named]"),
    ),
    Fault("rows without a value come first", "stable_pages", Spelt("asc", "{0} ASC NULLS FIRST")),
    Fault("`nulls first` is forgotten", "stable_pages", Spelt("desc nulls first", "{0} DESC NULLS LAST")),
    Fault("`desc` is forgotten", "stable_pages", Spelt("desc", "{0} ASC NULLS LAST")),
    Fault(
        "the second key of an order is forgotten",
        "stable_pages",
        Written(sql._order_keys, "for key in asked.order:", "for key in asked.order[:1]:"),
    ),
    Fault(
        "`limit` takes the rows as they lie",
        "stable_pages",
        Written(sql.to_sql, "bool(query.order) or query.limit is not None", "bool(query.order)"),
    ),
    Fault(
        "`limit` is one too many",
        "stable_pages",
        Written(sql._selection, "writer.param(asked.limit)", "writer.param(asked.limit + 1)"),
    ),
)
INJECTION = (
    Fault(
        "values stand in the SQL",
        "injection",
        Written(Arithmetic.param, "return mark(len(self.params) - 1)", "return repr(value)"),
    ),
    Fault(
        "quotes in a column's name are not doubled",
        "injection",
        Written(Dialect.quote, "name.replace(self.quote_mark, self.quote_mark * 2)", "name"),
    ),
)

FAULTS = {"relations": RELATIONS, "comparisons": (*COUNTING, *ORDER, *INJECTION)}
"""By the section of the corpus that shows them."""
