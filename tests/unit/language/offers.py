"""What a reader of candidates does with them: puts them in, looks for the one he wants, follows them to a filter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

from metaquery.errors import FilterError
from metaquery.language import BindOptions, compile_filter
from metaquery.language.complete import Candidate, Completion, Values, complete
from metaquery.schema import Relation, Schema

VALUE = {"value", "literal", "collection"}

_FILLED_IN = {"unknown-enum-value", "unknown-collection"}
"""Codes of what lacks no more than a value that the user knows: the types are right."""

_ENOUGH = Counter({"operator": 40, "keyword": 40, "field": 12})
"""How many candidates of a kind are tried."""


@dataclass(frozen=True)
class World:
    """What there is to name in a filter."""

    schema: Schema
    relation: Relation
    values: Values
    collections: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()

    def complete(self, text: str) -> Completion:
        return complete(
            text,
            len(text),
            self.schema,
            self.relation,
            self.values,
            collections=self.collections,
            saved=lambda _: self.saved,
            limit=300,
        )

    def binds(self, text: str) -> bool:
        options = BindOptions(collections=self.collections, saved=lambda _: dict.fromkeys(self.saved, "true"))
        try:
            compile_filter(text, self.schema, self.relation, options=options)
        except FilterError as error:
            return error.code in _FILLED_IN or error.message.endswith("is no UUID")
        return True

    def filter_from(self, text: str, *, tries: int = 300) -> str | None:
        """Return a filter that binds and begins with a text, found by following the likeliest offers first."""
        waiting, seen = [(0, 0, text)], set()
        for _ in range(tries):
            if not waiting:
                return None
            strays, steps, text = heappop(waiting)
            if self.binds(text):
                return text
            head = text if text.endswith(("(", "[")) else f"{text} "
            done = self.complete(head)
            for rank, candidate in enumerate(sorted(_some(done), key=lambda c: _effort(c, head))):
                longer, _ = done.apply(head, candidate)
                if longer not in seen and steps < 20:
                    seen.add(longer)
                    heappush(waiting, (strays + min(rank, 6), steps + 1, longer))
        return None


def _some(done: Completion) -> Iterator[Candidate]:
    count: Counter[str] = Counter()
    for candidate in done.candidates:
        count[candidate.kind] += 1
        if count[candidate.kind] <= (_ENOUGH[candidate.kind] or 3):
            yield candidate


def _effort(candidate: Candidate, head: str) -> float:
    """Return how much is left to write after a candidate, roughly."""
    text = candidate.text.strip()
    if text in {")", "]"}:
        return 0
    if candidate.kind == "function":
        return 4
    if text == "and":
        return 0.5 if " between " in head else 1.5
    return 3 if text in {"or", "(", "not"} or "label" in text or "prediction" in text else 1


def is_offered(done: Completion, rest: str) -> bool:
    """Whether a candidate is what the rest of the text begins with; blanks and case may differ."""
    return any(_plain(rest).startswith(_plain(candidate.text)) for candidate in done.candidates)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip()).casefold()
