"""`docs/reference/cli.md`: the help of every command, as `--help` prints it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from metaquery.cli.failures import INTERRUPTED
from metaquery.cli.root import COMMANDS
from metaquery.cli.root import cli as root
from metaquery.cli.switches import SWITCHES
from tests.documentation.public import error_kinds

WIDTH = 100
"""Columns of the help."""

HEAD = """\
# Command line reference

What `--help` prints, of every command. A flag means the same everywhere, is never abbreviated, and may stand before or
behind the arguments. Data go to standard output, all else to standard error. A filter is taken as an argument, from a
file (`--where-file FILE`) or from standard input (`-`).

A table on a terminal is cut where it is too wide, and says so; what other programs read (`-f csv`, `-f json` and their
kin) never is.
"""

MEANINGS = {
    0: "Done. Nothing found is success, too, unless `--fail-empty` is given.",
    1: "Failed, or not all of it was done: members or documents that were not taken, units that somebody changed "
    "meanwhile, what `schema check` or `verify` found. It says what, and what to do; what was finished is kept.",
    2: "Not understood: a usage error, a bad filter, a setting or a schema that cannot be read. Nothing was done.",
    3: "No server answers, after all retries.",
    4: "Not authenticated: no key, or one that the server does not take.",
    INTERRUPTED: "Interrupted by Ctrl-C. The same command again goes on.",
}


def page() -> str:
    """Return the page."""
    parts = [HEAD, _exit_codes(), _switches(), _overview()]
    parts += [f"## {' '.join(path)}\n\n```text\n{told}\n```\n" for path, told in helps()]
    return "\n".join(parts)


def helps() -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every command by its words, with its help; the root first."""
    yield from _helps(root, None, "metaquery")


def _helps(command: click.Command, parent: click.Context | None, name: str) -> Iterator[tuple[tuple[str, ...], str]]:
    width = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, parent=parent, info_name=name, help_option_names=["-h", "--help"], **width)
    yield tuple(context.command_path.split()), command.get_help(context)
    for below in command.list_commands(context) if isinstance(command, click.Group) else ():
        found = command.get_command(context, below)
        assert found is not None
        yield from _helps(found, context, below)


def _exit_codes() -> str:
    by_code: dict[int, list[str]] = {}
    for kind in error_kinds():
        by_code.setdefault(kind.exit_code, []).append(kind.__name__)
    lines = ["## Exit codes\n", "| code | meaning | errors |", "|--:|---|---|"]
    for code, meaning in MEANINGS.items():
        names = ", ".join(f"[`{name}`](errors.md#{name.lower()})" for name in by_code.pop(code, []))
        lines.append(f"| {code} | {meaning} | {names} |")
    assert not by_code, "an exit code without a meaning"
    return "\n".join([*lines, ""])


def _switches() -> str:
    rows = [f"| `--{name.replace('_', '-')}` | {words} |" for name, words in SWITCHES.items()]
    head = ["## Switches of every command\n", "They may stand anywhere.\n", "| switch | meaning |", "|---|---|"]
    return "\n".join([*head, *rows, ""])


def _overview() -> str:
    rows = [f"| [`metaquery {name}`](#metaquery-{name}) | {entry.help} |" for name, entry in COMMANDS.items()]
    return "\n".join(["## Commands\n", "| command | what it does |", "|---|---|", *rows, ""])
