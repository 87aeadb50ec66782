"""What a menu offers: filters by `View.complete`, commands by their table, what follows them by the command line."""

from __future__ import annotations

import shlex
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from prompt_toolkit.completion import Completer, Completion

from metaquery.errors import MetaqueryError
from metaquery.repl.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prompt_toolkit.completion import CompleteEvent
    from prompt_toolkit.document import Document

    from metaquery.language import complete
    from metaquery.repl.session import CommandLine

__all__ = ["ReplCompleter"]

_FILTERS = ("explain", "e")
"""Commands that a filter follows."""


class _Talk(Protocol):
    """The part of a conversation that is needed here."""

    command_line: CommandLine

    def complete(self, text: str, cursor: int, *, later: Callable[[], None] | None) -> complete.Completion:
        """Return what may stand at the cursor of a filter."""


class ReplCompleter(Completer):
    """Completes filters and commands of a conversation; what cannot be completed has no candidates, and no error.

    Parameters
    ----------
    session
        The conversation.
    again
        Called by another thread when there is more to offer for a line than when it was asked about; None has the
        first key press that needs values wait for them.
    """

    def __init__(self, session: _Talk, again: Callable[[Document], None] | None = None) -> None:
        self._session = session
        self._again = again

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """Return what may stand at the cursor, best first."""
        text, cursor = document.text, document.cursor_position
        try:
            if text.lstrip().startswith("\\"):
                return list(self._commands(text[:cursor].lstrip(), document))
            return list(self._filter(text, cursor, document))
        except MetaqueryError:  # no snapshot any more, a damaged file: running the line tells
            return []

    def _filter(self, text: str, cursor: int, line: Document) -> Iterator[Completion]:
        again = self._again
        found = self._session.complete(text, cursor, later=None if again is None else lambda: again(line))
        for each in found.candidates:
            yield Completion(each.text, found.span.start - cursor, display=each.label, display_meta=each.detail)

    def _commands(self, typed: str, line: Document) -> Iterator[Completion]:
        head, blank, rest = typed.partition(" ")
        name = head.removeprefix("\\")
        if not blank:
            yield from self._names(name)
            return
        command = COMMANDS.get(name)
        if name in _FILTERS:
            rest = rest.lstrip()
            yield from self._filter(rest, len(rest), line)
        elif command is not None and command.choices:
            begun = rest.lstrip()
            yield from (Completion(each, -len(begun)) for each in command.choices if each.startswith(begun))
        elif command is None or command.words:
            yield from self._offered(command.words if command is not None else (name,), rest)

    def _names(self, begun: str) -> Iterator[Completion]:
        every = {name: row.help for name, row in COMMANDS.items()}
        every |= {name: said for name, said in self._session.command_line.commands().items() if name not in every}
        for name, said in every.items():
            if name.startswith(begun):
                yield Completion(f"\\{name}", -len(begun) - 1, display_meta=said)

    def _offered(self, words: tuple[str, ...], rest: str) -> Iterator[Completion]:
        """Return what the command line offers, each quoted as a word that it is."""
        apart = _apart(rest)
        if apart is None:
            return
        done, begun, typed = apart
        for text, remark in self._session.command_line.offers([*words, *done], begun):
            yield Completion(shlex.quote(text), -typed, display=text, display_meta=remark)


def _apart(rest: str) -> tuple[list[str], str, int] | None:
    """Return the words, the one that is being typed, and how long that is as typed; None where it is at its end."""
    if not rest or rest.endswith(" "):
        with suppress(ValueError):  # a quotation is open, and goes on with a blank
            return shlex.split(rest), "", 0
    for quote in ("", "'", '"'):
        with suppress(ValueError):
            *done, begun = shlex.split(rest + quote)
            start = rest.rfind(quote or " ") + (0 if quote else 1)
            return None if not quote and rest[-1] in "'\"" else (done, begun, len(rest) - start)
    return None
