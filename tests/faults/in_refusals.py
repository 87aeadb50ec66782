"""Faults in what is refused, and in what is said then."""

from __future__ import annotations

from metaquery import errors
from metaquery.language import limits, names
from metaquery.language.bind import _Binder
from metaquery.language.literal_types import Literals
from metaquery.language.parse import _span, _ToSyntax

from .seeding import Fault, Written

REFUSALS = (
    Fault(
        "a name of two fields means the first",
        "golden_cases",
        Written(names.Scope.resolve, "if len(hits) == 1", "if hits"),
    ),
    Fault(
        "any text is a value of an ENUM",
        "golden_cases",
        Written(Literals._check_enum, "if string.value in values", "if True"),
    ),
    Fault(
        "a number is a condition",
        "golden_cases",
        Written(_Binder.predicate, 'value.type == "BOOLEAN"', 'value.type in {"BOOLEAN", "NUMBER"}'),
    ),
    Fault("a text compares with a number", "golden_cases", Written(_Binder._matched, "if not together", "if False")),
    Fault(
        "any title is a Collection",
        "golden_cases",
        Written(_Binder._collection, "if known is not None and", "if False and"),
    ),
    Fault("what RE2 refuses is let through", "golden_cases", Written(_Binder._pattern, "if wrong:", "if False:")),
    Fault(
        "`!= null` is told to be `is null`",
        "golden_cases",
        Written(_Binder._pair, "if isinstance(y, syntax.Null)", "if False"),
    ),
    Fault(
        "errors point at the last word alone",
        "golden_cases",
        Written(
            _span,
            "start = first.start_pos if isinstance(first, Token) else first.span.start",
            "start = last.start_pos if isinstance(last, Token) else last.span.start",
        ),
    ),
    Fault(
        "carets stand one column too far left",
        "golden_cases",
        Written(errors.picture, "first = start - line_start", "first = start - line_start - 1"),
    ),
    Fault(
        "10,001 items are let through",
        "limits",
        Written(_ToSyntax.items, "len(found) > ITEMS", "len(found) > 10 * ITEMS"),
    ),
    Fault(
        "501 operators are let through",
        "limits",
        Written(_ToSyntax.chain, "len(parts) // 2 > CHAIN", "len(parts) // 3 > CHAIN"),
    ),
    Fault(
        "brackets are not counted",
        "limits",
        Written(limits._check_nesting, "depth + signs + 1, 0, False", "depth, 0, False"),
    ),
)

FAULTS = {"": REFUSALS}
"""No filter of the corpus shows them: they are shown by what is no filter."""
