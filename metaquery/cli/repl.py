"""`metaquery repl`: lends the conversation what the command line has: its commands, its pager, its words for errors."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import click

from metaquery.cli.failures import INTERRUPTED, told, told_interrupted
from metaquery.cli.groups import RunsItself
from metaquery.cli.options import open_here, time_zone_option, workspace_option
from metaquery.cli.pager import put_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from metaquery.repl.session import Session

__all__ = ["repl"]


@click.command(short_help="Ask in a conversation: completion, counts while you type, _ for the last result.")
@time_zone_option
@workspace_option
def repl(time_zone: str, workspace: Path | None) -> None:
    """Ask in a conversation: filters with completion, their count while they are typed, and _ for the last result.

    From a pipe it runs what it reads, and stops at the first error; the exit code is that of the command that failed.
    \\? lists the commands.

    \b
    Examples:
      metaquery repl
      metaquery repl < questions.txt
    """
    from metaquery.repl.session import Session  # help must not pay for it

    session = Session(open_here(workspace, time_zone=time_zone), _CommandLine(), time_zone=time_zone)
    session.whole()  # no conversation about nothing
    session.at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C ends a query and not the conversation
    try:
        code = _talk(session, workspace) if session.at_terminal else _script(session)
    finally:
        signal.signal(signal.SIGINT, before)
    click.get_current_context().exit(code)


def _talk(session: Session, workspace: Path | None) -> int:
    from metaquery.repl.terminal import Prompt, counter_of, history_in, talk

    session.say("A line is a filter. \\? lists the commands, \\d the fields; Ctrl-D leaves.")
    counter = counter_of(lambda: open_here(workspace, quiet=True))
    return talk(session, Prompt(session, counter, history_in()))


def _script(session: Session) -> int:
    from metaquery.repl.script import run_script

    return run_script(session, sys.stdin)


class _CommandLine:
    """The command line, as a conversation uses it."""

    interrupted = INTERRUPTED

    def run(self, arguments: Sequence[str], given: Mapping[str, str]) -> int:
        from metaquery.cli.root import run_again

        known, place = _options(arguments)
        options = [f"{name}={value}" for name, value in given.items() if name in known and name not in arguments]
        return run_again([*arguments[:place], *options, *arguments[place:]])

    def offers(self, words: Sequence[str], begun: str) -> Iterator[tuple[str, str]]:
        from metaquery.cli.completing import offers
        from metaquery.cli.root import cli
        from metaquery.cli.shell_words import Line

        line = Line(("metaquery", *words), begun, "", "", closed=False)
        try:
            return iter([(each.text, each.remark) for each in offers(cli, line)[1]])
        except click.UsageError:  # there is no such command: running the line tells
            return iter(())

    def page(self, text: bytes) -> None:
        put_page(text)

    def told(self, error: Exception) -> int:
        return told(error)

    def told_interrupted(self) -> int:
        return told_interrupted()

    def commands(self) -> dict[str, str]:
        from metaquery.cli.root import COMMANDS

        return {name: entry.help for name, entry in COMMANDS.items()}


def _options(arguments: Sequence[str]) -> tuple[set[str], int]:
    """Return the options of the command that arguments name, and the place behind its name."""
    from metaquery.cli.root import cli

    command: click.Command | None = cli
    place = 0
    while isinstance(command, click.Group) and place < len(arguments):
        below = command.get_command(click.Context(command), arguments[place])
        if below is None and isinstance(command, RunsItself):  # the word is its argument
            break
        command = below
        place += 1
    return {name for option in (command.params if command else ()) for name in option.opts}, place
