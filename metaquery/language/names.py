"""Names → fields: what a name means where it stands (§4), and what was meant where it means nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from unicodedata import normalize

from metaquery.errors import FilterTypeError, Span, UnknownField
from metaquery.frozen import dataclass
from metaquery.language import syntax
from metaquery.language.literals import field_of, shortened
from metaquery.language.operators import an
from metaquery.language.printing import name_text, string_text
from metaquery.schema import DATA, LABELS, PREDICTIONS, Field, Relation, Schema
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from metaquery.errors import FilterError

__all__ = ["ROWS", "Scope", "blank_in_name", "field_text", "resolve_field", "spelling"]

ROWS: dict[str, Relation] = {
    "label": LABELS,
    "labels": LABELS,
    "prediction": PREDICTIONS,
    "predictions": PREDICTIONS,
}
"""What a quantifier or `count` may go over."""

_QUALIFIERS: dict[str, Relation | None] = {"meta": None, "unit": DATA, "label": LABELS, "prediction": PREDICTIONS}

_NOWHERE = Span(0, 0)
_AROUND = r"[\w.:-]+"

_SOME = 6
"""Fields that are named to who asked for one that is nothing like any."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that mean something at one place of a filter.

    Attributes
    ----------
    schema
        The client metadata, in every scope.
    relation
        Whose built-in fields are bare names: the query's, or inside `any label(…)` the labels.
    source
        The filter's text, for errors.
    """

    schema: Schema
    relation: Relation
    source: str

    def inside(self, relation: Relation) -> Scope:
        """Return the scope inside a quantifier."""
        return Scope(self.schema, relation, self.source)

    def find(self, name: syntax.Field) -> tuple[Field, ...]:
        """Return every field that a name may mean: none, one, or more."""
        if name.qualifier is not None:
            found = self._qualified(name.qualifier, name.name)
            return () if found is None else (found,)
        hits = [self.schema.get(name.name), self._built_in(self.relation, name.name)]
        qualifier, dot, rest = name.name.partition(".")
        if dot and not name.quoted:
            hits.append(self._qualified(qualifier, rest))
        return tuple(hit for hit in hits if hit is not None)

    def resolve(self, name: syntax.Field, *, beside_text: bool = False) -> Field:
        """Return the one field that a name means.

        Parameters
        ----------
        name
            As written.
        beside_text
            Whether it stands opposite a text, where a forgotten quote is likely.

        Raises
        ------
        UnknownField
            It means none (`unknown-field`) or several (`ambiguous-field`).
        """
        hits = self.find(name)
        if len(hits) == 1:
            return hits[0]
        if not hits:
            raise self._unknown(name, beside_text=beside_text)
        forms = tuple(field_text(hit) for hit in hits)
        message = f"{name.name!r} is the name of more than one field"
        hint = f"write {' or '.join(forms)}"
        raise UnknownField("ambiguous-field", message, self.source, name.span, hint, forms)

    def _qualified(self, qualifier: str, name: str) -> Field | None:
        if qualifier not in _QUALIFIERS:
            return None
        relation = _QUALIFIERS[qualifier]
        if relation is None:
            return self.schema.get(name)
        return self._built_in(relation, name) if relation in {DATA, self.relation} else None

    def _built_in(self, relation: Relation, name: str) -> Field | None:
        if name == "data_hash" and relation is not DATA:
            return Field(name="data_hash", type="STRING", qualifier=relation.qualifier)
        return relation.get(name)

    def names(self) -> tuple[str, ...]:
        """Return every bare name that means something."""
        return tuple(dict.fromkeys((*self.schema.names(), *(f.name for f in self.relation.fields))))

    def _unknown(self, name: syntax.Field, *, beside_text: bool) -> UnknownField:
        written = name.name if name.qualifier is None else f"{name.qualifier}.{name.name}"
        cut = self._cut(name.span)
        if cut is not None:
            text, span = cut
            message = f"unknown field {name.name!r}"
            hint = f"a name with a hyphen is quoted: {name_text(text)}"
            return UnknownField("unknown-field", message, self.source, span, hint, (text,))
        hints = []
        meant = similar(name.name, self.names()) if name.qualifier in {None, "meta"} else ()
        other = self._elsewhere(name)
        if beside_text and name.qualifier is None:
            hints.append(f"a text value needs single quotes: {string_text(shortened(name.name))}")
        if name.name in self.schema.deleted:
            hints.append("this key was deleted from the metadata schema")
        elif other:
            hints.append(other)
        elif meant:
            hints.append(f"did you mean {' or '.join(map(repr, map(name_text, meant)))}?")
        if not hints:
            hints += self._some()
        message = f"unknown field {shortened(written)!r}"
        return UnknownField("unknown-field", message, self.source, name.span, "; ".join(hints) or None, meant)

    def _some(self) -> list[str]:
        """Return what there is, for who begins: the first few names, and that there are more."""
        names = self.names()
        more = ", …" if len(names) > _SOME else ""
        return [f"fields are {', '.join(shortened(name_text(name)) for name in names[:_SOME])}{more}"] if names else []

    def _elsewhere(self, name: syntax.Field) -> str | None:
        if name.qualifier in {"label", "prediction"}:
            return f"{name.qualifier} fields are known on {name.qualifier}s and inside of any {name.qualifier}(…)"
        if name.qualifier is not None and name.qualifier not in _QUALIFIERS:
            return "before a quoted name may stand meta, unit, label or prediction"
        for relation in (DATA, LABELS, PREDICTIONS):
            if relation is not self.relation and relation.get(name.name) is not None:
                if relation is DATA:
                    return f"write unit.{name.name} for the field of the data unit"
                return f"{name.name} is a field of {relation.name}: any {relation.singular}({name.name} …)"
        return None

    def _cut(self, span: Span) -> tuple[str, Span] | None:
        """Return the name that was meant where a hyphen in it was read as minus."""
        low = span.start
        while low and re.fullmatch(_AROUND, self.source[low - 1]):
            low -= 1
        run = re.compile(_AROUND).match(self.source, low)
        if run is None or "-" not in run.group():
            return None
        return (run.group(), Span(run.start(), run.end())) if self.schema.get(run.group()) else None

    def bare_or_not_boolean(self, name: syntax.Field, field: Field, example: str | None) -> FilterTypeError:
        """Return the error for a field that stands alone and is no condition; `example` is a value that rows have."""
        message = f"{name.name!r} is {an(field.type)}, not a condition"
        literal = field.field_type.literal if example is None or field.type == "LIST" else example
        hint = f"compare it with something: {name_text(name.name)} = {literal}"
        return FilterTypeError("not-boolean", message, self.source, name.span, hint)


def blank_in_name(error: FilterError, schema: Schema) -> None:
    """Where two words side by side are one known name, say so in the error's hint."""
    for name in schema.names():
        at = error.source.find(name, max(0, error.span.start - len(name)), error.span.end + len(name))
        if " " in name and 0 <= at < error.span.start < at + len(name):
            error.hint = f"a name with a blank is quoted: {name_text(name)}"
            error.suggestions = (name,)


def field_text(field: Field) -> str:
    """Return the form of a field's name that is never ambiguous: `meta."title"`."""
    return f'{field.qualifier}."{field.name.replace(chr(34), chr(34) * 2)}"'


def resolve_field(name: str, schema: Schema, relation: Relation, *, source: str | None = None, start: int = 0) -> Field:
    """Return the field of a name that stands outside of a filter, such as in a list of columns.

    Parameters
    ----------
    name
        As in a filter, quotes included; a name that needs quotes is taken without them too.
    schema, relation
        What the names are of.
    source, start
        The text that the name was found in, and where, for errors.

    Raises
    ------
    UnknownField
        It means nothing, or several things.
    """
    from metaquery.language.parse import parse  # only names that are quoted need the parser

    span = Span(start, start + len(name))
    written = syntax.Field(None, name, quoted=True, span=span)
    if name[:1] in {'"', "`"} or name[-1:] in {'"', "`"}:
        parsed = parse(name)
        if isinstance(parsed, syntax.Field):
            written = syntax.Field(parsed.qualifier, parsed.name, parsed.quoted, span=span)
    elif schema.get(name) is None or relation.get(name) is not None:
        written = syntax.Field(None, name, span=span)
    return Scope(schema, relation, source if source is not None else name).resolve(written)


def spelling(field: Field, scope: Scope) -> str | None:
    """Return the shortest canonical text that means a field and no other; None where a filter cannot name it."""
    name = normalize("NFC", field.name)
    if "\0" in name:
        return None
    texts = (name_text(name), f"{field.qualifier}.{name_text(name)}")
    for text in texts:
        if '"' not in text and scope.find(field_of(text, _NOWHERE)) == (field,):
            return text
    if '"' in texts[0] and scope.find(field_of(texts[0], _NOWHERE)) == (field,):
        return texts[0]
    known = scope.find(syntax.Field(field.qualifier, name)) == (field,)
    return field_text(replace(field, name=name)) if known else None
