"""`typed_fields()`: the fields that fit a place, each spelled so that it means this field and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from metaquery.errors import Span
from metaquery.language import syntax
from metaquery.language.complete.candidate import Candidate
from metaquery.language.complete.literals import writable
from metaquery.language.complete.matching import Source
from metaquery.language.literals import field_of, shortened
from metaquery.language.names import Scope, field_text
from metaquery.language.operators import family
from metaquery.language.printing import name_text
from metaquery.schema import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metaquery.language.complete.cursor import Word
    from metaquery.language.complete.place import Place
    from metaquery.language.complete.wanted import Wanted
    from metaquery.schema import Field, Qualifier

__all__ = ["typed_fields"]

_NOWHERE = Span(0, 0)
_QUALIFIED = re.compile(r"(meta|unit|label|prediction)\.(.*)", re.DOTALL)
_OTHERWISE = re.compile(r"(?i)(?:missing|invalid|known|unknown|any|all|only|none)")
"""Names that are words of the language after `is` and `has`."""


_WITHOUT = frozenset({
    "rows", "nothing", "collection", "pattern", "component", "days", "digits", "unit", "timestamp", "duration",
})  # fmt: skip
"""Roles that no field has."""


def typed_fields(place: Place, wanted: Wanted, word: Word) -> list[Source]:
    """Return the fields that fit, and those of a qualifier if one is typed."""
    if "QUOTED" not in place.accepts or wanted.role in _WITHOUT:
        return []
    scope = Scope(place.schema, place.relation, "")
    quoted = "NAME" not in place.accepts
    typed = _QUALIFIED.fullmatch(word.typed) if word.form == "bare" else None
    qualifier = (
        word.qualifier
        or (typed[1] if typed else "")
        or (str(place.stack[-2]) if quoted and len(place.stack) > 1 else "")
    )
    if word.qualifier or quoted:
        return [_qualified(place, wanted, scope, qualifier, (not quoted, quoted))]
    plain = _fields(place, wanted, scope)
    return [plain, _qualified(place, wanted, scope, qualifier, (True, False))] if typed else [plain]


def _fitting(fields: Iterable[Field], wanted: Wanted, place: Place) -> list[Field]:
    """Return the fields of a type that fits, or that one can be computed from."""
    if wanted.role == "field":
        return [f for f in fields if f.qualifier == "meta" or _is_known(place)]
    types = wanted.computed
    if types is None:
        return list(fields)
    wider = types | wanted.also
    fit = (f for f in fields if family(f.type) in wider and (not wanted.sizes or f.size in wanted.sizes))
    return sorted(fit, key=lambda f: (family(f.type) not in types, f == wanted.field))


def _is_known(place: Place) -> bool:
    """Whether any field will do: after `has` and a qualifier, not in `raw(…)`."""
    top = place.stack[-1] if place.stack else None
    return getattr(top, "type", "") in {"HAS", "DOT"} or str(place.stack[-2]).lower() == "exists"


def _fields(place: Place, wanted: Wanted, scope: Scope) -> Source:
    rows, is_data = place.relation.fields, place.relation is DATA
    fields = _fitting((*place.schema.fields, *rows) if is_data else (*rows, *place.schema.fields), wanted, place)
    others = [] if is_data else _fitting(DATA.fields, wanted, place)
    texts = [f.name for f in fields] + [f"unit.{f.name}" for f in others]
    fields += others
    bare = len(place.stack) > 0 and getattr(place.stack[-1], "type", "") in {"IS", "NOT", "HAS"}

    def make(index: int) -> Candidate | None:
        field = fields[index]
        text = _spelling(field, scope, careful=bare)
        return None if text is None else _field(field, text, scope)

    return Source(texts, make, 5)


def _field(field: Field, text: str, scope: Scope) -> Candidate:
    label = field.name if field.qualifier in {"meta", scope.relation.qualifier} else f"{field.qualifier}.{field.name}"
    if len(scope.find(syntax.Field(None, field.name))) > 1:
        label = f"{field.qualifier}.{field.name}"
    origin = "" if field.qualifier == "meta" else ", built in"
    return Candidate(text, "field", shortened(label), f"{field.type}{origin}{', inferred' * field.inferred}")


def _spelling(field: Field, scope: Scope, *, careful: bool = False) -> str | None:
    """Return the shortest text that means this field and no other; None where it cannot be written."""
    if not writable(field.name):
        return None
    name = name_text(field.name)
    if careful and _OTHERWISE.fullmatch(name):
        name = f'"{name}"'
    if scope.find(field_of(name, _NOWHERE)) == (field,):
        return name
    dotted = f"{field.qualifier}.{name}"
    if name[0] == '"' or scope.find(field_of(dotted, _NOWHERE)) == (field,):
        found = scope.find(syntax.Field(field.qualifier, field.name))
        return dotted if found == (field,) else None
    return field_text(field) if scope.find(syntax.Field(field.qualifier, field.name)) == (field,) else None


def _qualified(place: Place, wanted: Wanted, scope: Scope, qualifier: str, forms: tuple[bool, bool]) -> Source:
    """Return the fields of a qualifier; `forms`: whether to write it, and whether to quote names in any case."""
    written, quoted = forms
    known: dict[str, tuple[Field, ...]] = {"meta": place.schema.fields, "unit": DATA.fields}
    known[place.relation.qualifier] = place.relation.fields
    fields = _fitting(known.get(qualifier, ()), wanted, place)

    def make(index: int) -> Candidate | None:
        field = fields[index]
        name = name_text(field.name)
        if not writable(field.name) or scope.find(syntax.Field(_as_qualifier(qualifier), field.name)) != (field,):
            return None
        dotted = f"{qualifier}.{name}"
        if quoted or (name[0] != '"' and scope.find(field_of(dotted, _NOWHERE)) != (field,)):
            dotted = field_text(field)
        text = dotted if written else dotted[len(qualifier) + 1 :]
        return Candidate(text, "field", f"{qualifier}.{shortened(field.name)}", field.type)

    prefix = f"{qualifier}." if written and not quoted else ""
    return Source([f.name if quoted else prefix + f.name for f in fields], make, 3)


def _as_qualifier(text: str) -> Qualifier:
    return text  # type: ignore[return-value]  # a key of `known`
