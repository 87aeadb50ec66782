"""`docs/reference/language.md`: types, fields, operators and functions, as the code has them; each form in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from metaquery.language import limits
from metaquery.language.functions import FUNCTIONS
from metaquery.language.operators import ARITHMETIC, OPERATORS
from metaquery.schema.field_types import FIELD_TYPES
from metaquery.schema.metadata_schema import _SIMPLE, _TYPED, _VARIANT_HINTS
from metaquery.schema.relations import RELATIONS
from tests.golden import words
from tests.golden.blocks import Block

HEAD = """\
# Filter language: types, fields, functions, forms

What there is, in tables; [the filter language in ten minutes](../filter-language.md) teaches it by example, and
[the filter language on one page](../../grammar/README.md) says what all of it means, to the letter.
"""

TYPES = """\
## Types

A key of the client metadata has the type that the metadata schema gives it, in either of its two forms. A value that is
not what its type wants is *invalid*: nothing is converted.
"""

FIELDS = """\
## Built-in fields

Beside the keys of the client metadata, a row has these. Where a key has the same name, the qualifier says which is
meant.
"""

OPERATIONS = """\
## Operators

Both sides are of one type; an ENUM is a STRING here. Synonyms: `==` is `=`, `<>` is `!=`, `&&` is `and`, `||` is `or`,
`!` is `not`, `~` is `matches`, `sort by` is `order by`; `ilike`, `icontains`, `imatches`, `istarts with` and `iends
with` ignore upper and lower case.
"""

CALLS = """\
## Functions

Of null they give null, but `coalesce`, `exists` and `raw`. The example is a condition with it, in the words of
`metaquery explain`.
"""

FORMS = """\
## Every form, in words

A filter, and what `metaquery explain` says that it means. The fields are those of the
[golden cases](../../grammar/cases/README.md), at noon of 15 June 2024.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD, TYPES, _types(), FIELDS, _fields(), OPERATIONS, _operators(), CALLS, _functions(), _limits(), FORMS]
    return "\n".join([*parts, *_forms()])


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, ("---" for _ in tuple(head)), *rows)]
    return "\n".join([*lines, ""])


def _code(text: str) -> str:
    """Return a text as code in a cell of a table, where a bar would end the cell."""
    marks = "``" if "`" in text else "`"
    blank = " " if "`" in text else ""
    return f"{marks}{blank}{text}{blank}{marks}".replace("|", "\\|")


def _types() -> str:
    simple = {name: option.get("hint", option["ty"]) for name, option in _SIMPLE.items()}
    rows = []
    for name, kind in FIELD_TYPES.items():
        named = [key for key, hint in simple.items() if {**_TYPED, **_VARIANT_HINTS}[hint] == name]
        typed = sorted({key for key, type_ in {**_VARIANT_HINTS, **_TYPED}.items() if type_ == name})
        rows.append((
            name, ", ".join(map(_code, named)) or "–", ", ".join(map(_code, typed)) or "built-in fields alone",
            kind.expected, _code(kind.literal), "yes" if kind.ordered else "no",
        ))  # fmt: skip
    head = ("type", "simple form of the schema", "`ty` or `hint` of the typed form", "a value is", "written", "`<` `>`")
    return _table(head, rows)


def _fields() -> str:
    rows = []
    for relation in RELATIONS.values():
        by_type: dict[str, list[str]] = {}
        for field in relation.fields:
            by_type.setdefault(field.type, []).append(_code(field.name))
        rows += [
            (f"{relation.name}, `{relation.qualifier}.`", kind, " ".join(names)) for kind, names in by_type.items()
        ]
    return _table(("rows of", "type", "fields"), rows)


def _operators() -> str:
    order = [*FIELD_TYPES, "PERIOD", "DURATION"]
    rows = [(_code(row.token), ", ".join(sorted(row.takes, key=order.index))) for row in OPERATORS.values()]
    computed: dict[str, list[str]] = {}
    for (sign, left, right), gives in ARITHMETIC.items():
        computed.setdefault(sign, []).append(f"{left} and {right}: {gives}")
    rows += [(_code(sign), "; ".join(told)) for sign, told in computed.items()]
    return _table(("operator", "of"), rows)


def _functions() -> str:
    every = [block for blocks in words.read().values() for block in blocks]
    rows = []
    for row in FUNCTIONS.values():
        shown = next(block for block in every if re.search(rf"\b{row.name}\(", _text(block)))
        rows.append((_code(row.signature), row.gives.replace("any", "as given"), _code(_text(shown)), _words(shown)))
    return _table(("function", "gives", "example", "in words"), rows)


def _limits() -> str:
    rows = [
        ("bytes of a filter", limits.LENGTH_BYTES), ("brackets, `not`, signs and calls in each other", limits.NESTING),
        ("operators in each other", limits.DEPTH), ("operators in one chain of `+ -` or `* / % div`", limits.CHAIN),
        ("items of a list", limits.ITEMS), ("fields, values and operators", limits.NODES),
        ("characters of a regular expression", limits.REGEX_LENGTH),
    ]  # fmt: skip
    return "## Limits\n\n" + _table(("at most", ""), [(name, f"{number:,}") for name, number in rows])


def _forms() -> Iterable[str]:
    for subject, blocks in words.read().items():
        yield f"### {subject.capitalize()}\n"
        yield _table(("filter", "in words"), [(_code(_text(block)), _words(block)) for block in blocks])


def _text(block: Block) -> str:
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):X}}}" for c in block.text)


def _words(block: Block) -> str:
    zone = f", in {block.given['zone']}" if "zone" in block.given else ""
    on = f", on {block.given['on']}" if "on" in block.given else ""
    told = re.sub(r"([\\|*<>`\[\]])", r"\\\1", block.outcome["words"])
    return f"{told}{f' *({(zone + on)[2:]})*' if zone or on else ''}"
