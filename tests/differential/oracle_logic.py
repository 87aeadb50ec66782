"""Kleene's logic, and what lists are to each other by it: an item of a written list may be null."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Known = bool | None
Texts = Sequence[str | None]


def either(found: Iterable[Known]) -> Known:
    every = list(found)
    return True if True in every else (None if None in every else False)


def all_of(found: Iterable[Known]) -> Known:
    every = list(found)
    return False if False in every else (None if None in every else True)


def opposite(found: Known) -> Known:
    return None if found is None else not found


def same(x: str | None, y: str | None) -> Known:
    return None if x is None or y is None else x == y


def holds(texts: Texts, item: str | None) -> Known:
    """Whether an item is among them; of a null one that is unknown, as of any comparison, even where there are none."""
    return None if item is None else either(same(text, item) for text in texts)


def holds_any(texts: Texts, items: Texts) -> Known:
    """Whether they share one; the same either way round."""
    return either([*(holds(texts, item) for item in items), *(None for text in texts if text is None)])


def holds_all(texts: Texts, items: Texts) -> Known:
    return all_of(holds(texts, item) for item in items)


def holds_only(texts: Texts, items: Texts) -> Known:
    return holds_all(items, texts)


def same_set(texts: Texts, items: Texts) -> Known:
    return all_of([holds_all(texts, items), holds_only(texts, items)])
