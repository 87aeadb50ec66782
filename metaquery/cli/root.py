"""The root command, and the one place where errors become exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import click

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
    "explain": _Entry("query", "explain", "Show what a filter selects, in words and as SQL."),
    "filter": _Entry("filter", "filters", "Save filters under a name, for use as @name."),
    "collection": _Entry("collection", "collection", "Make Collections of what a filter finds, and send them."),
    "tag": _Entry("tag", "tag", "Tag data units, without a Collection."),
    "push": _Entry("push", "push", "List what was sent to the server, and take it back."),
    "metadata": _Entry("metadata", "metadata", "List client metadata, and edit it on the server."),
    "log": _Entry("log", "log", "List the snapshots that are kept, newest first."),
    "diff": _Entry("diff", "diff", "Show what two snapshots differ by: units, and which fields."),
    "prune": _Entry("prune", "prune", "Drop earlier snapshots, and make what is stored smaller."),
    "verify": _Entry("verify", "verify", "Check what is stored: files, counts, references."),
    "status": _Entry("status", "status", "Show the connection, the snapshot and what was not sent."),
    "sandbox": _Entry("sandbox", "sandbox", "Start a stand-in Encord on this machine."),
    "demo": _Entry("demo", "demo", "Play the whole job against the sandbox."),
}
"""Every command: its module, its name there, and its line of help."""


class _Lazy(click.Group):
    """A group whose commands are imported when they are run; help is printed from `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"metaquery.cli.{entry.module}")
        command: click.Command = getattr(module, entry.name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from metaquery.suggestions import similar  # only a mistake pays for it

            meant = similar(args[0], COMMANDS)
            hint = f"did you mean '{meant[0]}'?" if meant else "metaquery --help lists the commands"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in COMMANDS.items()])


_INTERRUPTED = 130

_EXAMPLES = """\b
Examples:
  metaquery demo
  metaquery connect --domain https://api.encord.com --key ~/.ssh/encord
  metaquery sync --project "Street scenes"
  metaquery query "dark = true and captured_at > 2023-01-01"
  metaquery collection new "Night drives" --where "dark" --description "After sunset"
  metaquery collection send "Night drives"
"""


@click.group(
    cls=_Lazy,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The filter language is described in grammar/README.md of the repository.",
)
@click.version_option(__version__, message="metaquery %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Which of my units …? Filter client metadata on this machine, and turn what you find into Collections."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


cli.help = f"{cli.help}\n\n{_EXAMPLES}"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Exit codes: 0 done, 1 failed, 2 usage or a bad filter, 3 no server answers, 4 not authenticated, 130 interrupted.
    """
    code = _run(arguments)
    if code == _INTERRUPTED:
        # Threads may wait a minute for an answer; everything that counts is durable already.
        sys.stdout.flush()
        os._exit(code)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:  # one return an exit code
    try:
        result = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\ninterrupted: what was finished is kept; run the same command again to go on", err=True)
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  # ours by class, or the last resort: a fault, told in one line
        return _told(error)
    return result if isinstance(result, int) else 0


def _told(error: Exception) -> int:
    from metaquery.errors import MetaqueryError  # 3 ms that only a failure pays

    if not isinstance(error, MetaqueryError):
        return _fault(error)
    click.echo(f"error: {error}", err=True)
    return error.exit_code


def _fault(error: Exception) -> int:
    """Tell of a fault of metaquery in one line, and keep the traceback in a file."""
    import tempfile  # only a crash pays for these
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="metaquery-crash-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"metaquery {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    click.echo(f"error: metaquery failed: {type(error).__name__}: {error}", err=True)
    click.echo(f"the details are in {file.name}; please report them", err=True)
    return 1
