"""`complete()`: what may stand at the cursor of a filter that is being typed; for the REPL, shells and the web page.

It asks the parser that reads filters (`place`), so it cannot offer what the grammar refuses, and the binder for types.
It is pure: values, Collections and saved filters are the caller's to know.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal

from metaquery.errors import Span
from metaquery.frozen import dataclass
from metaquery.language.complete.candidate import Candidate, Completion, Kind, Values
from metaquery.language.complete.cursor import Word, empty_word, joined_words, word_at
from metaquery.language.complete.fields import typed_fields
from metaquery.language.complete.following import phrases_at
from metaquery.language.complete.known import Known
from metaquery.language.complete.matching import Source, fixed, pick
from metaquery.language.complete.phrases import OPENING, PHRASES, Phrase
from metaquery.language.complete.place import Place
from metaquery.language.complete.shortening import shorten
from metaquery.language.complete.sources import sources_at
from metaquery.language.printing import name_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from metaquery.schema import Relation, Schema

__all__ = ["Candidate", "Completion", "Kind", "Values", "complete"]

_LONGEST = 50_000
"""Characters from which on nothing is offered."""

_SHORT = 1_000
"""Characters up to which the whole text is read; to read more takes longer than a key press."""

_BEGUN_DAY = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-")

_LONG_PHRASES = tuple({row.text: row for row in (*PHRASES, *OPENING) if " " in row.text}.values())
_FIRST_WORDS = frozenset(row.text.split()[0] for row in _LONG_PHRASES)


def complete(
    text: str,
    cursor: int,
    schema: Schema,
    relation: Relation,
    values: Values,
    *,
    collections: Iterable[str] | Callable[[], Iterable[str]] = (),
    saved: Iterable[str] | Callable[[str], Iterable[str]] = (),
    parameters: Iterable[str] = (),
    start: Literal["filter", "view"] = "filter",
    limit: int = 50,
) -> Completion:
    """Return what may stand at the cursor, best first; never raises because of what is typed.

    Parameters
    ----------
    text
        What is typed so far, on both sides of the cursor.
    cursor
        Where the cursor is, in code points from the beginning.
    schema
        The client metadata of one snapshot.
    relation
        What the filter selects rows of.
    values
        Returns the values of a field, most frequent first; asked only where one of them may stand.
    collections
        Titles of the Collections, or a function that returns them, called where one may stand; a mapping says their
        numbers of units too.
    saved
        Names of the relation's saved filters, or a function that returns those of any relation, by its name (inside of
        `any label(…)` stand those on labels); a mapping says their texts too.
    parameters
        Names of the parameters that have values, without the colon.
    start
        Whether `order by` and `limit` may stand at the end.
    limit
        How many candidates at most.

    Examples
    --------
    >>> from metaquery.schema import DATA, Field, Schema
    >>> schema = Schema((Field("city", "STRING"), Field("dark", "BOOLEAN")))
    >>> text = "dark and city = 'P"
    >>> done = complete(text, len(text), schema, DATA, lambda field: [("Paris", 12), ("Porto", 3)])
    >>> [(candidate.text, candidate.detail) for candidate in done.candidates]
    [("'Paris'", '12 units'), ("'Porto'", '3 units')]
    >>> done.apply(text, done.candidates[0])
    ("dark and city = 'Paris'", 23)
    """
    cursor = min(max(cursor, 0), len(text))
    word = word_at(text, cursor) if len(text) <= _LONGEST else None
    if word is None:
        return Completion(Span(cursor, cursor))
    known = Known(
        values,
        collections if callable(collections) else lambda: collections,
        saved if callable(saved) else lambda name: saved if name == relation.name else (),
        tuple(parameters),
    )
    session = _Session(text, cursor, schema, relation, known, start, limit)
    for reading in session.readings(word):
        if reading.candidates:
            return reading
    return Completion(Span(word.start, word.end))


@dataclass(frozen=True, slots=True)
class _Session:
    """One call of `complete`: its arguments, and the ways to read what is typed."""

    text: str
    cursor: int
    schema: Schema
    relation: Relation
    known: Known
    start: str
    limit: int
    places: dict[int, Place | None] = field(default_factory=dict)

    def readings(self, word: Word) -> Iterator[Completion]:
        """Return completions of what is typed read in one way, then in the next."""
        joined = joined_words(self.text, word, self.cursor)
        spaced = [w for w in joined if re.search(r"\s", w.typed)]
        yield from self._quotable([w for w in joined if w not in spaced])
        if spaced and self._is_unknown(word.start):
            yield from self._quotable(spaced)
        if word.form == "sign":
            yield self._signs(word)
            word = empty_word(self.cursor)
        if word.form == "date":
            yield self._dated(word)
            if _BEGUN_DAY.match(word.typed):  # with digits after it, this is no longer the month that it is now
                return
            word = word_at(self.text, self.cursor, dates=False) or word
        yield self._offered(word)
        yield from self._quotable(spaced)

    def _is_unknown(self, end: int) -> bool:
        """Whether a name that means nothing ends here."""
        place = self.place(end)
        operand = place.operand() if place else None
        return operand is not None and operand.type is None

    def place(self, end: int) -> Place | None:
        """Return the place where the text before `end` stops."""
        if end not in self.places:
            text, passed = shorten(self.text[:end]) if end > _SHORT else (self.text[:end], frozenset())
            self.places[end] = Place.after(text, self.start, self.schema, self.relation, passed)
        return self.places[end]

    def _offered(self, word: Word) -> Completion:
        place = self.place(word.start)
        sources = self._continued(word)
        if place is not None:
            sources += sources_at(place, self.known, word)
        return self._picked(sources, word)

    def _dated(self, word: Word) -> Completion:
        place = self.place(word.start)
        types = place.wanted().types if place and "DAY" in place.accepts else None
        if place is None or types is None or "DATETIME" not in types:
            return Completion(Span(word.start, word.end))
        return self._picked(sources_at(place, self.known, replace(word, form="bare")), word)

    def _signs(self, word: Word) -> Completion:
        """Return the longer signs that begin as typed: `<` → `<=`."""
        place = self.place(word.start)
        operand = place.operand() if place else None
        if place is None or operand is None:
            return Completion(Span(word.start, word.end))
        rows = [row for row in phrases_at(place, operand) if row.text.startswith(word.typed) and row.text != word.typed]
        made = [Candidate(row.text, row.kind, row.text, row.detail) for row in rows]
        return self._picked([fixed(made)], word)

    def _quotable(self, words: list[Word]) -> Iterator[Completion]:
        """Return names that need quotes and are being typed without them."""
        for word in words:
            small = word.typed.casefold()
            if any(n.casefold().startswith(small) and name_text(n) != n for n in self.schema.names()):
                place = self.place(word.start)
                if place is not None and place.operand() is None and "NAME" in place.accepts:
                    whole = [replace(s, grades=2) for s in typed_fields(place, place.wanted(), word)]
                    yield self._picked(whole, word)

    def _continued(self, word: Word) -> list[Source]:
        """Return the rest of words of the language of which the first are typed: `is not` → `null`."""
        if word.form != "bare":
            return []
        typed = re.search(r"(?:\b[a-z]+\s+){1,3}\Z", self.text[max(0, word.start - 100) : word.start].lower())
        if typed is None:
            return []
        found = []
        words = typed.group().split()
        for count in range(len(words), 0, -1):
            head = words[-count:]
            rows = [row for row in _LONG_PHRASES if row.text.split()[:count] == head and len(row.text.split()) > count]
            if head[0] in _FIRST_WORDS and rows:
                found.append(self._rest(rows, head, word))
        return found

    def _rest(self, rows: list[Phrase], head: list[str], word: Word) -> Source:
        begin = re.search(r"(?i)" + r"\s+".join(head) + r"\s+\Z", self.text[: word.start])
        place = self.place(begin.start()) if begin else None
        fit = phrases_at(place, place.operand()) if place else ()
        made = [
            Candidate(" ".join(row.text.split()[len(head) :]), row.kind, row.text.replace("(", "(…)"), row.detail)
            for row in fit
            if row in rows and row.text.split()[len(head) :] not in (["true"], ["false"])  # the values say how many
        ]
        return fixed(made)

    def _picked(self, sources: list[Source], word: Word) -> Completion:
        found = pick(sources, word.typed, self.limit)
        return Completion(Span(word.start, word.end), tuple(self._apart(c, word) for c in found))

    def _apart(self, candidate: Candidate, word: Word) -> Candidate:
        """Return the candidate with blanks where it would run into its neighbours."""
        before, after = self.text[: word.start][-1:], self.text[word.end :][:1]
        text = candidate.text
        if before and re.match(r"[\w'\"`)\]=<>~,]", before) and text[0] not in "),]":
            text = " " + text
        if re.match(r"[\w'\"`@]", after) and re.match(r"[\w'\"`]", text[-1]):
            text += " "
            return replace(candidate, text=text, caret=candidate.caret + 1 if candidate.caret else 0)
        return replace(candidate, text=text) if text != candidate.text else candidate
