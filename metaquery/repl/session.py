"""`Session`: what a conversation has come to, and how a filter is answered; the same at a terminal and in a script."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from metaquery.answers import asked_and_when, cut_short, invalid_values, misfit_lines
from metaquery.errors import FilterError, UsageError
from metaquery.formats import FORMATS, Screen
from metaquery.language import parse_view
from metaquery.repl.refinement import Refined, refers_to_last, refined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from metaquery.language.complete import Completion
    from metaquery.moment import Moment
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = ["CommandLine", "Last", "Question", "Session", "wants_more"]

SCREENFUL = 50
"""Rows that are shown where the text has no limit."""

_LEAVING = "\\q leaves, and so does Ctrl-D"
_HELPING = "\\? lists the commands, \\d the fields that a filter may name"
_ELSEWHERE = {"exit": _LEAVING, "quit": _LEAVING, "q": _LEAVING, "help": _HELPING, "?": _HELPING}
"""Words that are commands of other prompts, and what is one here; where a field has that name, they are filters."""

_UNFINISHED = frozenset({"unexpected-end", "unterminated-string", "unterminated-name", "unterminated-comment"})


class CommandLine(Protocol):
    """What the command line does for the conversation: its commands, its pager, its words for an error.

    Attributes
    ----------
    interrupted
        Exit code of what Ctrl-C has ended.
    """

    interrupted: int

    def run(self, arguments: Sequence[str], given: Mapping[str, str]) -> int:
        """Run a command, with those of the options `given` that it has; tell of errors, and return the exit code."""

    def offers(self, words: Sequence[str], begun: str) -> Iterable[tuple[str, str]]:
        """Return what may stand behind words of a command line, each with a remark."""

    def page(self, text: bytes) -> None:
        """Write to standard output, by way of the pager where that is a terminal and the text longer than it."""

    def told(self, error: Exception) -> int:
        """Tell of an error on standard error, and return the exit code."""

    def told_interrupted(self) -> int:
        """Say what an interruption leaves behind, and return the exit code."""

    def commands(self) -> Mapping[str, str]:
        """Return every command with its line of help."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last result, for which `_` stands.

    Attributes
    ----------
    view
        What was asked, without a limit that only the screen has.
    text
        Its filter, canonical.
    on
        What it has rows of.
    """

    view: View
    text: str
    on: str


class Question(NamedTuple):
    """What is asked while it is typed: all that its answer depends on."""

    text: str
    on: str
    as_of: str | None
    time_zone: str
    newest: str | None = None


@dataclass
class Session:
    """A conversation about one workspace.

    Attributes
    ----------
    workspace
        It.
    command_line
        What does all else.
    time_zone, on, as_of, select, form, timing, goes_on
        What the commands of these names have set; `as_of` is None for the newest snapshot.
    at_terminal
        Whether a person reads along: everything goes to standard output then.
    last
        The last result.
    code
        Exit code of the first failure.
    over
        Whether the conversation has been ended.
    begun
        Text that the next prompt begins with.
    """

    workspace: Workspace
    command_line: CommandLine
    time_zone: str = "UTC"
    on: str = "data"
    as_of: str | None = None
    select: str | None = None
    form: str = "table"
    timing: bool = True
    goes_on: bool = False
    at_terminal: bool = False
    last: Last | None = None
    typed: str = ""
    code: int = 0
    over: bool = False
    begun: str = ""
    _moment: Moment | None = field(default=None, repr=False)
    _moment_of: tuple[str | None, str | None] = (None, None)
    _line: str = ""

    # What is asked

    def whole(self) -> View:
        r"""Return all rows that are talked about, of the newest snapshot or the one that `\as-of` names.

        Raises
        ------
        NoSnapshot, UsageError
            There is none.
        """
        from metaquery.store.snapshot import Snapshot, current_id

        newest = current_id(self.workspace.layout)
        wanted = (newest, self.as_of)
        if self._moment is None or self._moment_of != wanted:
            ref = self.as_of or newest
            self._moment = self.workspace.as_of(ref or Snapshot.current(self.workspace.layout).id)
            self._moment_of = wanted
        return self._moment.view(self.on).at(time_zone=self.time_zone)

    def refined(self, text: str, *, touched: int | None = None) -> Refined:
        """Return a text with the last filter in place of `_`, as far as that is of the same rows."""
        fits = self.last is not None and self.last.on == self.on
        return refined(text, self.last.text if self.last is not None and fits else None, touched=touched)

    def question(self, text: str) -> Question:
        """Return what is asked while it is typed; of another snapshot, which anybody may publish, it is another."""
        from metaquery.store.snapshot import current_id

        newest = current_id(self.workspace.layout)
        return Question(self.refined(text).text, self.on, self.as_of, self.time_zone, newest)

    def view_of(self, text: str) -> View:
        """Return what a text asks for.

        Raises
        ------
        FilterError
            It is no filter; told in places of the text as it was typed.
        UsageError
            It is about the last result, and there is none, or one of other rows; or it is a word that other prompts
            know as a command.
        """
        asked, whole = self.refined(text), self.whole()
        if not asked.pieces and refers_to_last(text) and "_" not in whole.snapshot.schema.names():
            self._refuse_last()
        try:
            view = whole.query(asked.text)
        except FilterError as error:
            _refuse_words(text)
            raise asked.retold(error) from None
        return view if self.select is None else view.select(self.select)

    def _refuse_last(self) -> None:
        if self.last is None:
            raise UsageError("there is no result yet that _ or a line that begins with and could refine")
        raise UsageError(
            f"the last result is of {self.last.on}, and {self.on} are asked now",
            hint=f"go back with \\on {self.last.on}, or write the filter out",
        )

    def complete(self, text: str, cursor: int, *, later: Callable[[], None] | None = None) -> Completion:
        """Return what may stand at the cursor of a text, as `View.complete`."""
        asked = self.refined(text, touched=cursor)
        found = self.whole().complete(asked.text, asked.place(cursor), later=later)
        return type(found)(asked.typed_span(found.span), found.candidates)

    def wants_more(self, text: str) -> bool:
        """Whether a text is a filter that ends too early; any other mistake is told when it is run."""
        return not text.lstrip().startswith("\\") and wants_more(self.refined(text).text)

    # How it is answered

    def answer(self, text: str) -> None:
        """Show the rows that a filter matches, under what they are; they become the last result."""
        self.typed = text
        self.show(self.view_of(text))

    def show(self, view: View) -> None:
        """Show the rows of a view, as `answer`."""
        started = time.perf_counter()
        tally = view.counts()
        form = FORMATS[self.form]
        limited = view if view.row_limit is not None or not form.for_people else view.limit(SCREENFUL)
        screen = Screen()
        shown = form.write(limited.batches(), screen) if tally.matched else 0
        seconds = time.perf_counter() - started
        self.last = Last(view, view.canonical or "true", self.on)
        head = asked_and_when(view, tally, seconds if self.timing else None, did="")
        head += invalid_values(view, tally)
        rows = screen.getvalue() if tally.matched else b""
        if self.at_terminal:
            head = [part for line in head for part in _folded(line)]  # a pager would cut it
            self.command_line.page(_lines([*head, ""]) + rows if rows else _lines(head))
        else:
            self.say(*head)
            self.command_line.page(rows)
        if not tally.matched:
            self.say(*view.why_nothing())
        elif shown < tally.matched:
            self.say(cut_short(shown, tally.matched, f"limit {tally.matched} behind the filter, or \\o FILE,"))
        self.say(*misfit_lines(view))

    def failed(self, code: int) -> None:
        """Remember an exit code, if it is the first that says something failed, and stop a script that is to stop.

        What Ctrl-C has ended is typed already at the next prompt.
        """
        if not code:
            return
        self.code = self.code or code
        interrupted = code == self.command_line.interrupted
        if not self.at_terminal:
            self.over = self.over or interrupted or not self.goes_on
        elif interrupted:
            self.begun = self._line

    def run(self, line: str) -> None:
        """Run a line, whatever it is; errors are told, and remembered as `failed` does."""
        from metaquery.repl.commands import run_command

        self._line = line
        try:
            if line.lstrip().startswith("\\"):
                run_command(self, line)
            else:
                self.answer(line)
        except KeyboardInterrupt:
            self.failed(self.command_line.told_interrupted())
        except Exception as error:  # noqa: BLE001  # one mistake, or fault, does not end a conversation
            self.failed(self.command_line.told(error))

    def say(self, *lines: str) -> None:
        """Say something that is no row: on standard error, where a script's rows go to standard output."""
        if not self.at_terminal:
            sys.stderr.write(_lines(lines).decode())
            sys.stderr.flush()
            return
        folded = [part for line in lines for part in (_folded(line) or [""])]
        sys.stdout.write(_lines(folded).decode())
        sys.stdout.flush()


def _folded(line: str) -> list[str]:
    """Fold a sentence to the terminal's width."""
    import textwrap  # scripts need not pay
    from shutil import get_terminal_size

    return textwrap.wrap(line, get_terminal_size().columns, subsequent_indent="  ", break_on_hyphens=False)


def _refuse_words(text: str) -> None:
    """Name the command that a word is at other prompts."""
    meant = _ELSEWHERE.get(text.strip().casefold())
    if meant is not None:
        raise UsageError(f"{text.strip()!r} is no filter", hint=meant)


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def wants_more(text: str) -> bool:
    """Whether a text is none only because it ends too early."""
    try:
        parse_view(text)
    except FilterError as error:
        return error.code in _UNFINISHED
    return False
