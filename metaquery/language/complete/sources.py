"""`sources_at()`: what may stand at a place, by what the parser accepts and what the types allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.language.complete.calls import functions_at
from metaquery.language.complete.candidate import Candidate
from metaquery.language.complete.fields import typed_fields
from metaquery.language.complete.following import phrases_at
from metaquery.language.complete.geometry import geometry_at
from metaquery.language.complete.literals import LITERALS, PERIODS, WRITTEN, durations
from metaquery.language.complete.matching import Source, fixed
from metaquery.language.complete.phrases import OPENING, Phrase, phrases_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metaquery.language.complete.cursor import Word
    from metaquery.language.complete.known import Known
    from metaquery.language.complete.place import Place
    from metaquery.language.complete.wanted import Wanted

__all__ = ["sources_at"]

_QUOTED = frozenset({"STRING", "UUID"})
_IN_QUOTES = frozenset({"unit", "timestamp", "duration"})


def sources_at(place: Place, known: Known, word: Word) -> list[Source]:  # noqa: PLR0911  # one case a form
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
        return [known.filters(place.relation, sign="")] if "SAVED" in place.accepts else []
    geometry = geometry_at(place)
    if geometry is not None:
        return [fixed(geometry)]
    if word.form == "bare" and word.typed.startswith(":"):
        return [known.given()] if "PARAMETER" in place.accepts else []
    operand = place.operand()
    if operand is not None or not place.accepts & {"NAME", "QUOTED", "STRING"}:
        return [_phrases(phrases_at(place, operand))] if word.form in {"bare", "sign"} else []
    wanted = place.wanted()
    texts = _texts(wanted, known) if "STRING" in place.accepts else []
    if word.form == "text":
        return texts
    names = typed_fields(place, wanted, word)
    if word.form == "quoted":
        return [*names, *texts]
    return _beginnings(place, wanted, known, word, (texts, names))


def _beginnings(  # noqa: PLR0911  # one case a role
    place: Place, wanted: Wanted, known: Known, word: Word, found: tuple[list[Source], list[Source]]
) -> list[Source]:
    """Return what an expression may begin with, given the texts and the fields."""
    texts, names = found
    calls = [functions_at(place, wanted)] if "STRING" in place.accepts else []
    saved = [known.filters(place.relation)] if "SAVED" in place.accepts and wanted.is_condition else []
    match wanted.role:
        case "nothing":
            rows = phrases_for(None, meta=False)
            return [_phrases([row for row in rows if row.terminal == "RPAR" and "RPAR" in place.accepts])]
        case "rows":
            words = [f"{row}{end}" for row in ("label", "prediction") for end in ("", " where")]
            return [fixed([Candidate(word, "keyword", word) for word in words])]
        case "condition":
            return [*names, *calls, *saved, _phrases(phrases_at(place, None)), fixed(LITERALS["BOOLEAN"])]
        case "field":
            return names
        case "sort key":
            return [*names, *calls]
        case "operand" | "end" | "list":
            ahead = _unquoted(wanted, known, word)
            brackets = OPENING if wanted.is_condition else OPENING[-1:]
            fit = _phrases([row for row in brackets if row.terminal in place.accepts])
            given = [known.given()] if known.parameters and "PARAMETER" in place.accepts else []
            return [*ahead, *texts, *given, *names, *calls, *saved, *_samples(wanted, [*ahead, *texts]), fit]
        case _:
            brackets = OPENING[-1:] if wanted.role == "collection" and "LPAR" in place.accepts else ()
            return [*texts, *names, *_samples(wanted, texts), _phrases(brackets)]


def _phrases(rows: Sequence[Phrase]) -> Source:
    def make(index: int) -> Candidate:
        row = rows[index]
        label = row.text.replace("(", "(…)") if len(row.text) > 1 else row.text
        return Candidate(row.text, row.kind, label, row.detail)

    return Source([row.text for row in rows], make)


def _texts(wanted: Wanted, known: Known) -> list[Source]:
    """Return the texts that may stand in single quotes."""
    field = wanted.field
    if wanted.role == "collection":
        return [known.titles(wanted.taken)]
    if wanted.role in _IN_QUOTES:
        return [fixed(WRITTEN[wanted.role], grades=3)]
    if wanted.role not in {"operand", "pattern", "list"} or not (wanted.types is None or wanted.types & _QUOTED):
        return []
    found = [] if field is None else [known.texts(field, wanted.taken)]
    if field is not None and field.type == "LIST" and field.name == "tags":
        found.append(known.titles(wanted.taken))
    return found


def _samples(wanted: Wanted, found: Sequence[Source]) -> list[Source]:
    """Return how a value would be written, where none is known."""
    if wanted.role in _IN_QUOTES or (wanted.role != "end" and any(any(source.texts) for source in found)):
        return []
    if wanted.role in WRITTEN:
        return [fixed(WRITTEN[wanted.role])]
    types = ("NUMBER", "STRING", "BOOLEAN") if wanted.types is None else ("NUMBER", "STRING", "UUID", "LIST")
    return [fixed(LITERALS[type_]) for type_ in types if wanted.takes(type_)]


def _unquoted(wanted: Wanted, known: Known, word: Word) -> list[Source]:
    """Return values and literals that stand without quotes."""
    types, field = wanted.types or frozenset(), wanted.field
    found: list[Source] = []
    if "DURATION" in types:
        found.append(fixed(durations(word.typed)))
    if "PERIOD" in types:
        found.append(fixed(LITERALS["DATETIME"] if "DATETIME" in types else PERIODS))
        if field is not None and field.type == "DATETIME":
            found.append(known.days(field))
    if "NUMBER" in types and field is not None:
        found.append(known.numbers(field))
    if "BOOLEAN" in types:
        found.append(known.booleans(field))
    return found
