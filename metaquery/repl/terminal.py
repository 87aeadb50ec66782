"""The prompt at a terminal: keys, menu, history, and the bar below it with the count of what is being typed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import has_focus
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.utils import get_cwidth

from metaquery.errors import MetaqueryError
from metaquery.repl.completer import ReplCompleter
from metaquery.repl.counting import PAUSE_S, Counting, ViewCounter
from metaquery.repl.highlighting import STYLE, FilterLexer
from metaquery.repl.session import Session
from metaquery.user_directories import state_directory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.document import Document
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import Output

    from metaquery.repl.counting import Counter
    from metaquery.repl.session import Question
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = ["Prompt", "age", "counter_of", "fitted", "history_in", "talk"]


_TURN_S = 0.001
"""How long a thread that counts or looks values up keeps the one that draws waiting; Python's own 5 ms are felt."""


class Prompt:
    """The prompt of one conversation.

    Parameters
    ----------
    session
        The conversation.
    counter
        What counts while a filter is typed.
    history
        Lines that were run before, bad ones too.
    input, output
        The terminal; None is the process's own.
    pause_s
        How long nothing is typed before a count begins.
    """

    def __init__(
        self,
        session: Session,
        counter: Counter,
        history: History,
        *,
        input: Input | None = None,  # noqa: A002  # as prompt_toolkit calls it
        output: Output | None = None,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._session = session
        self.prompt: PromptSession[str] = PromptSession(
            history=history,
            lexer=FilterLexer(),
            style=STYLE,
            completer=ReplCompleter(session, self.offer_again),
            complete_while_typing=True,
            complete_in_thread=True,
            auto_suggest=AutoSuggestFromHistory(),
            key_bindings=_keys(session),
            multiline=True,
            prompt_continuation="  … ",
            bottom_toolbar=self._bar,
            include_default_pygments_style=False,
            input=input,
            output=output,
        )
        self._counting = Counting(counter, changed=self._redraw, pause_s=pause_s)
        self.prompt.default_buffer.on_text_changed += self._typed
        self._where: list[str] = []
        Thread(target=self._get_ready, name="metaquery-ready", daemon=True).start()

    def read(self) -> str:
        """Return the next line that is to be run.

        Raises
        ------
        KeyboardInterrupt
            Ctrl-C: the line is given up.
        EOFError
            Ctrl-D.
        """
        self._where = self._place()
        self._counting.ask(self._session.question(""))
        begun, self._session.begun = self._session.begun, ""
        return self.prompt.prompt([("class:prompt", f"{self._session.on}> ")], default=begun)

    def close(self) -> None:
        """Let the count go."""
        self._counting.close()

    def _typed(self, buffer: Buffer) -> None:
        command = buffer.text.lstrip().startswith("\\")
        self._counting.ask(None if command else self._session.question(buffer.text))

    def _get_ready(self) -> None:
        """Import what completes, and read the parser's tables, before the first key is pressed."""
        with suppress(MetaqueryError):
            self._session.complete("", 0)

    def offer_again(self, line: Document) -> None:
        """Open the menu for a line again, unless something else has been typed or chosen; called by any thread."""
        buffer, loop = self.prompt.default_buffer, self.prompt.app.loop

        def offer() -> None:
            chosen = buffer.complete_state is not None and buffer.complete_state.current_completion is not None
            if buffer.document == line and not chosen:
                buffer.complete_state = None  # else the menu that is open stays
                buffer.start_completion()

        if loop is not None:
            loop.call_soon_threadsafe(offer)

    def _redraw(self) -> None:
        self.prompt.app.invalidate()

    def _bar(self) -> str:
        told = self._counting.told
        width = self.prompt.app.output.get_size().columns
        return fitted([*self._where, "…" if told is None else told], width)

    def _place(self) -> list[str]:
        """Return workspace, snapshot and relation."""
        name, on = self._session.workspace.layout.root.name, self._session.on
        try:
            snapshot = self._session.whole().snapshot
        except MetaqueryError:
            return [name, "no snapshot", on]
        return [name, snapshot.id, age((datetime.now(UTC) - snapshot.created_at).total_seconds()), on]


def fitted(parts: list[str], width: int) -> str:
    """Return as many parts as a line has room for, the last and then the last but one for certain."""
    kept = [part for part in parts if part]
    while len(kept) > 1 and get_cwidth(" · ".join(kept)) > width:
        del kept[1 if len(kept) > 4 else 0]  # the snapshot's id first, which its age stands for
    return " · ".join(kept)


def talk(session: Session, prompt: Prompt) -> int:
    """Read and run lines until the conversation is over; return 0, as a person has seen each error."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        while not session.over:
            try:
                line = prompt.read()
                if line.strip():
                    session.run(line)
            except KeyboardInterrupt:  # or just before the prompt was there: what it was for has ended by itself
                continue
            except EOFError:
                break
    finally:
        prompt.close()
        sys.setswitchinterval(before)
    return 0


def counter_of(open_again: Callable[[], Workspace]) -> ViewCounter:
    """Return what counts, over the workspace opened once more: what it waits for, nothing else waits for."""
    own: list[Session] = []

    def whole(question: Question) -> View:
        if not own:
            own.append(Session(open_again(), None))  # type: ignore[arg-type]  # it runs no commands
        session = own[0]
        session.on, session.as_of, session.time_zone = question.on, question.as_of, question.time_zone
        return session.whole()

    return ViewCounter(whole)


def history_in(directory: Path | None = None) -> History:
    """Return the history that is kept in the user's state directory; one that is forgotten where it cannot be."""
    directory = state_directory() if directory is None else directory
    if directory is None:
        return InMemoryHistory()
    file = directory / "repl-history"
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))


def age(seconds: float) -> str:
    """Return how old something is, in the largest unit that it has one of: `3 min old`."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} old"
    return "just made"


def _keys(session: Session) -> KeyBindings:
    keys = KeyBindings()
    typing = has_focus(DEFAULT_BUFFER)

    @keys.add("enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        """Take the candidate that is chosen; else run the line, but go on with a filter that ends too early."""
        buffer = event.current_buffer
        if buffer.complete_state is not None and buffer.complete_state.current_completion is not None:
            buffer.complete_state = None
        elif session.wants_more(buffer.text):
            buffer.newline(copy_margin=False)
        else:
            buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=typing)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys
