"""`Counting`: the count of a filter as it is typed, in a thread of its own, so that no key press waits for it."""

from __future__ import annotations

from threading import Condition, Thread
from typing import TYPE_CHECKING, Protocol

from metaquery.answers import plural
from metaquery.errors import EngineError, FilterError, MetaqueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.engines.base import Engine
    from metaquery.repl.session import Question
    from metaquery.view import View

__all__ = ["PAUSE_S", "Counter", "Counting", "ViewCounter"]

PAUSE_S = 0.15
"""How long nothing is typed before a count begins."""


class Counter(Protocol):
    """What counts."""

    def count(self, question: Question) -> str:
        """Return the answer in words; called in the thread."""

    def stop(self) -> None:
        """Stop the count that is running, whose answer nobody wants any more; called from another thread."""


class Counting:
    """Counts the newest question and forgets the ones before.

    Parameters
    ----------
    counter
        What counts.
    changed
        Called in the thread when there is an answer.
    pause_s
        How long nothing may be asked before a count begins.
    """

    def __init__(self, counter: Counter, *, changed: Callable[[], None], pause_s: float = PAUSE_S) -> None:
        self._counter = counter
        self._changed = changed
        self._pause_s = pause_s
        self._news = Condition()
        self._asked: Question | None = None
        self._told: tuple[Question | None, str] = (None, "")
        self._counts: Question | None = None
        self._over = False
        self._thread = Thread(target=self._work, name="metaquery-count", daemon=True)
        self._thread.start()

    def ask(self, question: Question | None) -> None:
        """Ask for a count, or for none; returns at once."""
        with self._news:
            if question == self._asked:
                return
            self._asked = question
            if self._counts is not None:
                self._counter.stop()
            self._news.notify()

    @property
    def told(self) -> str | None:
        """The answer to what was asked last, empty where nothing was; None while it is being counted."""
        with self._news:
            if self._asked is None:
                return ""
            question, words = self._told
            return words if question == self._asked else None

    def close(self) -> None:
        """Stop; does not wait."""
        with self._news:
            self._over = True
            if self._counts is not None:
                self._counter.stop()
            self._news.notify()

    def _work(self) -> None:
        while True:
            question = self._next()
            if question is None:
                return
            words = self._counted(question)
            with self._news:
                self._counts = None
                if question != self._asked:
                    continue
                self._told = (question, words)
            self._changed()

    def _next(self) -> Question | None:
        """Wait for a question that stays the same for a while; return None at the end."""
        with self._news:
            while not self._over:
                asked = self._asked
                if asked is None or asked == self._told[0]:
                    self._news.wait()
                elif not self._pause_s or not self._news.wait(self._pause_s):  # nothing was typed meanwhile
                    self._counts = asked
                    return asked
            return None

    def _counted(self, question: Question) -> str:
        try:
            return self._counter.count(question)
        except FilterError as error:
            return error.message
        except EngineError:  # it was stopped, or fails again when the filter is run
            return ""
        except MetaqueryError as error:
            return error.message


class ViewCounter:
    """Counts with views of their own, and so with a connection of their own.

    Parameters
    ----------
    whole
        Returns all rows that a question is about; called in the thread.
    """

    def __init__(self, whole: Callable[[Question], View]) -> None:
        self._whole = whole
        self._engine: Engine | None = None

    def count(self, question: Question) -> str:
        """Return how many rows match, of how many."""
        view = self._whole(question)
        total = view.snapshot.counts.of(view.relation)
        if not question.text.strip():
            return plural(total, view.relation.singular)
        self._engine = view.engine
        return f"{view.query(question.text).count():,} of {total:,} match"

    def stop(self) -> None:
        """Interrupt the connection."""
        engine = self._engine
        if engine is not None:
            engine.interrupt()
