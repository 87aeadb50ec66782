"""`sources_at()`: what may stand at a place, by what the parser accepts and what the types allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.language import syntax
from metaquery.language.complete.candidate import Candidate
from metaquery.language.complete.fields import typed_fields
from metaquery.language.complete.following import phrases_at
from metaquery.language.complete.literals import LITERALS, counted, days, durations, literal, writable
from metaquery.language.complete.matching import Source
from metaquery.language.complete.phrases import OPENING, Phrase, phrases_for
from metaquery.language.complete.wanted import TIMES
from metaquery.language.functions import FUNCTIONS, FunctionRow
from metaquery.language.literals import shortened
from metaquery.language.printing import string_text, to_text

if TYPE_CHECKING:
    from metaquery.language.complete.candidate import Values
    from metaquery.language.complete.cursor import Word
    from metaquery.language.complete.place import Place
    from metaquery.language.complete.wanted import Wanted
    from metaquery.schema import Field

__all__ = ["Known", "sources_at"]

_TEXTS = frozenset({"STRING", "UUID"})


@dataclass(frozen=True, slots=True)
class Known:
    """What there is besides the schema.

    Attributes
    ----------
    values
        Of fields.
    collections
        Titles; of a mapping, with their number of units.
    saved
        Names of saved filters; of a mapping, with their texts.
    """

    values: Values
    collections: Iterable[str] = ()
    saved: Iterable[str] = ()


def sources_at(place: Place, known: Known, word: Word) -> list[Source]:
    """Return what may stand at a place, the likelier first.

    Parameters
    ----------
    place
        The end of what stands before the word.
    known
        Values, Collections, saved filters.
    word
        What is being typed; its form leaves out what cannot be written like this.
    """
    if word.form == "saved":
        return [_saved(known, "")] if "SAVED" in place.accepts else []
    operand = place.operand()
    if operand is not None or not place.accepts & {"NAME", "QUOTED", "STRING"}:
        return [_phrases(phrases_at(place, operand))] if word.form in {"bare", "sign"} else []
    wanted = place.wanted()
    if word.form == "text":
        return _texts(wanted, known) if "STRING" in place.accepts else []
    return _beginnings(place, wanted, known, word)


def _phrases(rows: Sequence[Phrase]) -> Source:
    def make(index: int) -> Candidate:
        row = rows[index]
        return Candidate(
            row.text, row.kind, row.text.replace("(", "(…)") if len(row.text) > 1 else row.text, row.detail
        )

    return Source([row.text for row in rows], make)


def _beginnings(place: Place, wanted: Wanted, known: Known, word: Word) -> list[Source]:  # noqa: PLR0911  # one case a role
    """Return what an expression may begin with."""
    names = typed_fields(place, wanted, word)
    texts = _texts(wanted, known) if "STRING" in place.accepts else []
    if word.form == "quoted":
        return [*names, *texts]
    calls = [_functions(wanted)] if "STRING" in place.accepts else []
    if "SAVED" in place.accepts and wanted.is_condition:
        calls.append(_saved(known, "@"))
    match wanted.role:
        case "nothing":
            rows = phrases_for(None, meta=False)
            return [_phrases([row for row in rows if row.terminal == "RPAR" and "RPAR" in place.accepts])]
        case "collection":
            brackets = [_phrases(OPENING[-1:])] if "LPAR" in place.accepts else []
            return [*texts, *_samples(wanted, texts), *brackets]
        case "pattern":
            return [*texts, *_samples(wanted, texts)]
        case "field":
            return names
        case "rows":
            words = [f"{row}{end}" for row in ("label", "prediction") for end in ("", " where")]
            return [_fixed([Candidate(word, "keyword", word) for word in words])]
        case "condition":
            return [*names, *calls, _phrases(phrases_at(place, None)), _fixed(LITERALS["BOOLEAN"])]
        case "sort key":
            return [*names, calls[0]]
        case _:
            ahead = _written(wanted, known, word)
            brackets = _opening(place) if wanted.is_condition else _phrases(OPENING[-1:])
            return [*ahead, *texts, *names, *calls, *_samples(wanted, [*ahead, *texts]), brackets]


def _fixed(candidates: Sequence[Candidate]) -> Source:
    return Source([candidate.text for candidate in candidates], candidates.__getitem__)


def _opening(place: Place) -> Source:
    return _phrases([row for row in OPENING if row.terminal in place.accepts])


def _texts(wanted: Wanted, known: Known) -> list[Source]:
    """Return the texts that may stand in single quotes."""
    field = wanted.field
    if wanted.role == "collection":
        return [_collections(known, wanted.taken)]
    if wanted.role not in {"operand", "pattern"} or (wanted.types is not None and not wanted.types & _TEXTS):
        return []
    found = [] if field is None else [_values(field, known, wanted)]
    if field is not None and field.type == "LIST" and field.name == "tags":
        found.append(_collections(known, wanted.taken))
    return found


def _samples(wanted: Wanted, found: Sequence[Source]) -> list[Source]:
    """Return how a value would be written, where none is known."""
    if any(source.texts for source in found):
        return []
    if wanted.role in {"pattern", "collection"}:
        return [_fixed(LITERALS[wanted.role])]
    types = ("NUMBER", "STRING", "BOOLEAN") if wanted.types is None else ("NUMBER", "STRING", "UUID", "LIST")
    return [_fixed(LITERALS[type_]) for type_ in types if wanted.types is None or type_ in wanted.types]


def _values(field: Field, known: Known, wanted: Wanted) -> Source:
    given = [(value, count) for value, count in known.values(field) if isinstance(value, str) or field.type == "UUID"]
    counts: list[tuple[object, int | None]] = list(given)
    if field.type == "ENUM":
        allowed, seen = frozenset(field.values), {value for value, _ in given}
        counts = [pair for pair in given if pair[0] in allowed]
        counts += [(value, None) for value in field.values if value not in seen]
    if wanted.taken:
        counts = [pair for pair in counts if pair[0] not in wanted.taken]
    return Source([str(value) for value, _ in counts], lambda i: counted(*counts[i], field), 3)


def _collections(known: Known, taken: frozenset[str]) -> Source:
    titles = [title for title in known.collections if writable(title) and title not in taken]
    sizes = known.collections if isinstance(known.collections, Mapping) else {}

    def make(index: int) -> Candidate:
        title = titles[index]
        size = sizes.get(title)
        detail = "Collection" if size is None else f"Collection, {size:,} unit{'s' * (size != 1)}"
        return Candidate(string_text(title), "collection", shortened(title), detail, size)

    return Source(titles, make, 3)


def _saved(known: Known, sign: str) -> Source:
    names = [name for name in known.saved if writable(name)]
    texts = known.saved if isinstance(known.saved, Mapping) else {}

    def make(index: int) -> Candidate:
        name = names[index]
        return Candidate(
            to_text(syntax.Saved(name)), "saved", f"@{shortened(name)}", shortened(str(texts.get(name, "")))
        )

    return Source([sign + name for name in names], make, 2 if sign else 3)


def _written(wanted: Wanted, known: Known, word: Word) -> list[Source]:
    """Return values and literals that stand without quotes."""
    types, field = wanted.types or frozenset(), wanted.field
    found: list[Source] = []
    if "DURATION" in types:
        found.append(_fixed(durations(word.typed)))
    if types & TIMES:
        found.append(_fixed(LITERALS["DATETIME"]))
        if field is not None and field.type == "DATETIME":
            found.append(_fixed(days(known.values(field), field)))
    if "NUMBER" in types and field is not None:
        found.append(_numbers(field, known))
    if "BOOLEAN" in types:
        found.append(_booleans(field, known))
    return found


def _numbers(field: Field, known: Known) -> Source:
    given = [(text, value, count) for value, count in known.values(field) if (text := literal(value, field))]
    return Source([text for text, _, _ in given], lambda i: counted(*given[i][1:], field))


def _booleans(field: Field | None, known: Known) -> Source:
    given = (
        {}
        if field is None or field.type != "BOOLEAN"
        else {v: n for v, n in known.values(field) if isinstance(v, bool)}
    )
    order = sorted(LITERALS["BOOLEAN"], key=lambda c: -given.get(c.text == "true", 0))
    if not given or field is None:
        return _fixed(order)
    made = [counted(c.text == "true", given.get(c.text == "true"), field) or c for c in order]
    return _fixed(made)


def _functions(wanted: Wanted) -> Source:
    rows = [row for row in FUNCTIONS.values() if _gives(row, wanted)]
    made = [
        Candidate(
            f"{row.name}(" if row.takes else f"{row.name}()",
            "function",
            row.signature,
            "the argument's type" if row.gives == "any" else row.gives,
        )
        for row in rows
    ]
    if wanted.types is None or "NUMBER" in wanted.types:
        made.append(Candidate("count(", "function", "count(label where …)", "NUMBER"))
    return _fixed(made)


def _gives(row: FunctionRow, wanted: Wanted) -> bool:
    types = wanted.types
    if types is None:
        return True
    times = bool(TIMES & (types | wanted.also))
    return row.gives in types or (row.gives == "any" and bool(types)) or (row.gives in TIMES and times)
