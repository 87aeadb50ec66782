"""The root command, and the one place where errors become exit codes."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

from metaquery.cli.failures import interrupt, reader_gone, refused, told, told_interrupted
from metaquery.cli.groups import Commands
from metaquery.cli.switches import forget_switches, with_switches
from metaquery.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COMMANDS", "cli", "main"]


class _Entry(NamedTuple):
    module: str
    name: str
    help: str


COMMANDS: dict[str, _Entry] = {
    "connect": _Entry("connect", "connect", "Check a key against a server and remember the connection."),
    "schema": _Entry("schema", "schema", "Import and verify the organisation's metadata schema."),
    "sync": _Entry("sync", "sync", "Import projects: data units, client metadata, labels, predictions."),
    "rematerialise": _Entry("rematerialise", "rematerialise", "Type what was synced anew, by the schema as it is now."),
    "query": _Entry("query", "query", "Show or write the rows that match a filter."),
    "count": _Entry("query", "count", "Count what matches a filter, and what is unknown and why."),
    "export": _Entry("export", "export", "Write all rows that match for other programs: Parquet, Arrow, COCO, ids."),
    "facet": _Entry("facet", "facet", "Count values of fields, in bars; what is missing and invalid, too."),
    "describe": _Entry("describe", "describe", "Show of each key how full it is, its range and its values."),
    "explain": _Entry("query", "explain", "Show what a filter selects, in words and as SQL."),
    "compile": _Entry("compile", "compile_filter", "Write a filter as SQL of DuckDB or Spark, for a job of your own."),
    "open": _Entry("open", "open_unit", "Show one data unit whole: metadata, labels, predictions, history."),
    "repl": _Entry("repl", "repl", "Ask in a conversation: completion, counts while you type, _ for the last result."),
    "explore": _Entry("explore", "explore", "Explore in a browser: click to filter, look, collect, send."),
    "filter": _Entry("filter", "filters", "Save filters under a name, for use as @name."),
    "collection": _Entry("collection", "collection", "Make Collections of what a filter finds, and send them."),
    "tag": _Entry("tag", "tag", "Tag data units, without a Collection."),
    "push": _Entry("push", "push", "List what was sent to the server, and take it back."),
    "active": _Entry("active", "active", "Have Encord's Active read a project anew."),
    "metadata": _Entry("metadata", "metadata", "List client metadata, and edit it on the server."),
    "log": _Entry("log", "log", "List the snapshots that are kept, newest first."),
    "diff": _Entry("diff", "diff", "Show what two snapshots differ by: units, and which fields."),
    "prune": _Entry("prune", "prune", "Drop earlier snapshots, and make what is stored smaller."),
    "verify": _Entry("verify", "verify", "Check what is stored: files, counts, references."),
    "status": _Entry("status", "status", "Show the connection, the snapshot and what was not sent."),
    "config": _Entry("config", "config", "Show what is set, and where each value is from."),
    "completion": _Entry("completion", "completion", "Complete commands, filters and values in bash, zsh or fish."),
    "sandbox": _Entry("sandbox", "sandbox", "Start a stand-in Encord on this machine."),
    "demo": _Entry("demo", "demo", "Play the whole job against the sandbox."),
}
"""Every command: its module, its name there, and its line of help."""


class _Root(Commands):
    """The root: its commands are imported when they are run; help is printed from `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"metaquery.cli.{entry.module}")
        command: click.Command = getattr(module, entry.name)
        return with_switches(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


_MARKS_OF_KEYS = ("PRIVATE KEY", "b3BlbnNzaC1rZXkt")  # the second begins every OpenSSH key's text
_KEY_AS_ARGUMENT = (
    "The text of a key is among the arguments; --key takes the path of its file, ENCORD_SSH_KEY the text."
)
"""Instead of a message that would quote the key, as click quotes each argument that is too many."""

_OBJECTS = 100_000
"""New ones before the garbage collector looks through them: nearly all that a command imports stays until its end."""

_EXAMPLES = """\b
Examples:
  metaquery demo
  metaquery connect --domain https://api.encord.com --key ~/.ssh/encord
  metaquery sync --project "Street scenes"
  metaquery query "dark = true and captured_at > 2023-01-01"
  metaquery collection new "Night drives" --where "dark" --description "After sunset"
  metaquery collection send "Night drives"
"""

_MOST_USED = ("sync", "query", "count", "collection", "status")

_OVERVIEW = """\
Which of my units …? metaquery filters the client metadata of your data units on this machine, and turns what it
finds into Collections.

Examples:
  metaquery sync --project "Street scenes"
  metaquery query "dark = true and captured_at > 2023-01-01"
  metaquery collection new "Night drives" --where "dark" --description "After sunset"

Most used:
{commands}

metaquery --help lists every command, metaquery COMMAND --help shows examples of one; metaquery demo plays the whole
job without an account. The pages are in docs/ of the repository, the filter language on one page in grammar/README.md.
"""


@click.group(
    cls=_Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The switches above may stand behind a command, too. The filter language is described in grammar/README.md "
    "of the repository.",
)
@click.version_option(__version__, message="metaquery %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Which of my units …? Filter client metadata on this machine, and turn what you find into Collections."""
    if ctx.invoked_subcommand is None and _at_a_terminal_with_a_workspace():
        ctx.exit(run_again(["repl"]))
    if ctx.invoked_subcommand is None:
        commands = "\n".join(f"  {name:<12}{COMMANDS[name].help}" for name in _MOST_USED)
        click.echo(_OVERVIEW.format(commands=commands), nl=False)


def _at_a_terminal_with_a_workspace() -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    from metaquery.settings import Settings  # who reads the overview from a pipe need not pay
    from metaquery.store.layout import Layout
    from metaquery.store.snapshot import current_id

    return current_id(Layout.of(Settings.read().workspace)) is not None


cli.help = f"{cli.help}\n\n{_EXAMPLES}"
with_switches(cli, hidden=False)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Exit codes: 0 done, 1 failed, 2 usage or a bad filter, 3 no server answers, 4 not authenticated, 130 interrupted.
    """
    shell = os.environ.get("_METAQUERY_COMPLETE")
    if shell is not None:
        complete_in(shell)
        sys.exit(0)
    _open_what_is_closed()
    signal.signal(signal.SIGINT, interrupt)
    gc.set_threshold(_OBJECTS)
    code = _run(arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # where it failed before, that has been told, or there is nobody to tell
            stream.flush()
    # Everything that counts is durable already. Taking the interpreter apart would be a sixth of a count; and where
    # somebody interrupted, threads may wait a minute for an answer.
    os._exit(code)


def _open_what_is_closed() -> None:
    """Give a standard stream that the caller has closed (`>&-`) a place to go.

    The next file that is opened would get its number, and whoever writes to the stream by number would write into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  # it stays open


def complete_in(shell: str) -> None:
    """Answer the script of a shell, which asks what may stand at the cursor; never an error."""
    from metaquery.cli.completing import offers  # a key press pays for these, no command does
    from metaquery.cli.shells import answer

    answer(shell, lambda line: offers(cli, line))


def _run(arguments: Sequence[str] | None) -> int:
    forget_switches()
    return run_again(arguments)


def run_again(arguments: Sequence[str] | None) -> int:  # one return an exit code
    """Run one more command line, with the switches of the one before; tell of errors, and return the exit code."""
    try:
        try:
            given = None if arguments is None else list(arguments)
            result = cli.main(args=given, prog_name="metaquery", standalone_mode=False)
        except click.exceptions.Exit as leave:
            result = leave.exit_code
        sys.stdout.flush()
    except click.ClickException as error:
        quotes_a_key = any(mark in error.message for mark in _MARKS_OF_KEYS)
        return refused(click.UsageError(_KEY_AS_ARGUMENT) if quotes_a_key else error)
    except (click.Abort, KeyboardInterrupt):
        return told_interrupted()
    except (BrokenPipeError, SystemExit):  # click makes of a broken pipe an exit with 1, and of nothing else an exit
        return reader_gone()
    except Exception as error:  # noqa: BLE001  # ours by class, or the last resort: a fault, told in one line
        return told(error)
    return result if isinstance(result, int) else 0
