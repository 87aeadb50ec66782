"""The words of the command line: commands, flags, help, what is asked and what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from metaquery.cli.groups import RunsItself
from metaquery.cli.options import confirmed
from metaquery.cli.root import COMMANDS
from metaquery.cli.root import cli as root
from metaquery.cli.switches import SWITCHES, forget_switches

Cli = Callable[..., Any]

TREE = """
connect, sync, rematerialise, query, count, export, export lake, open, facet, describe, explain, log
diff, prune, verify, status, config, completion, demo
schema set, schema show, schema check, schema infer, schema history, schema restore
filter save, filter list, filter show, filter delete
collection new, collection list, collection show, collection add, collection remove, collection rename
collection describe, collection freeze, collection delete, collection restore, collection diff, collection drift
collection send, collection pull, tag add, tag list, tag remove, push log, push undo
metadata list, metadata get, metadata set, metadata import, metadata undo, metadata resume, metadata log
sandbox serve
"""
"""Commands that scripts may use: none of them goes away or gets another name."""

NEAR_SYNONYMS = (
    ("update", "upgrade"), ("delete", "drop"), ("new", "create"), ("show", "view"), ("list", "ls"),
    ("send", "upload"), ("undo", "revert"), ("count", "tally"), ("query", "search"), ("log", "history"),
)  # fmt: skip

STANDARD = {
    "-h": "--help", "-q": "--quiet", "-o": "--output", "-f": "--format", "-n": "--dry-run", "-y": "--yes",
    "-w": "--workspace",
}  # fmt: skip
"""The only short flags."""

ROLES = {
    "--workspace": {"Directory of the workspace"},
    "--on": {"What to select rows of", "Only filters on these"},
    "--as-of": {"Ask an earlier snapshot"},
    "--time-zone": {"Zone of dates and times without one"},
    "--where": {"Rows that a filter finds", "Data units that a filter finds", "Only"},
    "--where-file": {"Take the filter from a file"},
    "--param": {"Value of :NAME in the filter"},
    "--yes": {"Do it without asking"},
    "--quiet": {"No progress and no remarks", "The number alone"},
    "--fail-empty": {"Exit with 1 where nothing matches"},
    "--failed-to": {"Write every member that failed"},
    "--wait": {"Wait so long for"},
    "--dry-run": {"Show what would be", "Say what would be", "Check"},
    "--skip-unknown": {"Leave ids out that are not there"},
    "--limit": {"At most so many", "Units to name, at most"},
    "--json": {"One JSON", "A JSON list", "The typed form", "The same as", "With --dry-run, the plan as one JSON"},
}
"""How the help of a flag begins, in whichever command it stands: a flag has one meaning."""


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        if not isinstance(command, click.Group) or isinstance(command, RunsItself):
            yield (*path, name), command


EVERY = dict(commands(root))

OPTIONS = [
    (" ".join(path), option)
    for path, command in EVERY.items()
    for option in command.params
    if isinstance(option, click.Option) and option.name not in SWITCHES
]


def test_no_command_goes_away_or_gets_another_name() -> None:
    assert {tuple(name.split()) for name in re.split(r"[,\n]\s*", TREE.strip())} <= set(EVERY)


def test_commands_are_plain_words_without_near_synonyms() -> None:
    for group in {path[:-1] for path in EVERY}:
        words = {path[-1] for path in EVERY if path[:-1] == group}
        assert all(re.fullmatch("[a-z]+(-[a-z]+)?", word) for word in words)
        assert not [pair for pair in NEAR_SYNONYMS if set(pair) <= words]


def test_the_line_of_help_of_each_command_is_its_own(cli: Cli) -> None:
    told = " ".join(cli("--help").out.split())
    for name, entry in COMMANDS.items():
        assert f"{name} {entry.help}" in told


def test_every_short_flag_is_a_standard_one_and_stands_for_its_long_one_everywhere() -> None:
    for command, option in OPTIONS:
        short = [name for name in option.opts if not name.startswith("--")]
        long = [name for name in option.opts if name.startswith("--")]
        assert long, command
        assert all(STANDARD[name] in long for name in short), command
        for name in STANDARD.items():
            assert name[1] not in long or name[0] in short, (command, name)


@pytest.mark.parametrize("flag", ROLES)
def test_a_flag_means_the_same_in_every_command(flag: str) -> None:
    helps = [(command, option.help or "") for command, option in OPTIONS if flag in option.opts]
    assert helps
    assert not [each for each in helps if not each[1].startswith(tuple(ROLES[flag]))]


def test_abbreviations_are_not_accepted_and_order_is_free(cli: Cli, here: Path) -> None:
    assert cli("query", "dark", "--form", "csv").code == 2
    assert cli("quer", "dark").code == 2
    assert cli("query", "--csv", "dark", "-q") == cli("query", "-q", "dark", "--csv")


def test_h_is_help_everywhere_and_leads_with_what_it_does(cli: Cli) -> None:
    for path, command in EVERY.items():
        told = cli(*path, "-h")
        assert told.code == 0
        assert told == cli(*path, "--help")
        if path[0] != "sandbox":
            assert f"metaquery {' '.join(path)}" in (command.help or ""), path


def test_alone_it_says_what_it_is_with_three_examples_the_most_used_commands_and_where_the_pages_are(cli: Cli) -> None:
    assert cli() == (0, OVERVIEW, "")


OVERVIEW = """\
Which of my units …? metaquery filters the client metadata of your data units on this machine, and turns what it
finds into Collections.

Examples:
  metaquery sync --project "Street scenes"
  metaquery query "dark = true and captured_at > 2023-01-01"
  metaquery collection new "Night drives" --where "dark" --description "After sunset"

Most used:
  sync        Import projects: data units, client metadata, labels, predictions.
  query       Show or write the rows that match a filter.
  count       Count what matches a filter, and what is unknown and why.
  collection  Make Collections of what a filter finds, and send them.
  status      Show the connection, the snapshot and what was not sent.

metaquery --help lists every command, metaquery COMMAND --help shows examples of one; metaquery demo plays the whole
job without an account. The pages are in docs/ of the repository, the filter language on one page in grammar/README.md.
"""


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (["colection"], "did you mean 'collection'?"),
        (["collection", "lsit"], "did you mean 'list'?"),
        (["query", "--limt", "5"], "--limit"),
        (["query", "dark", "-f", "cvs"], "did you mean csv?"),
        (["query", "dark", "--on", "label"], "labels"),
        (["count", "drak"], "did you mean 'dark'?"),
        (["count", "@nigth"], "did you mean"),
        (["collection", "show", "Night drive"], "did you mean 'Night drives'?"),
        (["filter", "show", "nigth"], "did you mean 'night'?"),
        (["tag", "remove", "checked", "--all"], "there is no tag 'checked'"),
        (["count", "dark", "--time-zone", "oslo"], "did you mean 'Europe/Oslo'?"),
        (["count", "dark", "--time-zone", "New York"], "did you mean 'America/New_York'?"),
        (["query", "dark", "--order-by", "speed descending"], "write desc"),
        (["query", "--order-by", "speed Ascending"], "write asc"),
        (["count", "brightness > 3"], "fields are city, dark, speed, data_hash, title, data_type, …"),
        (["-w", ".", "count", "dark"], "the options of a command stand behind its name: metaquery COMMAND -w …"),
        (["open", "sc\udce9ne_01.jpg"], "did you mean 'scene_01.jpg'?"),
        (["count", "city = 'Z\udcfcrich'"], "a byte that is no UTF-8"),
        (["sync", "--from", "."], ". is a directory"),
        (["sync", "--from", "/dev/null"], "read from standard input: -"),
    ],
)
def test_what_was_probably_meant_is_named_and_never_done(cli: Cli, here: Path, line: list[str], meant: str) -> None:
    told = cli(*line)
    assert told.code in {1, 2}
    assert told.out == ""
    assert meant in told.err


def test_what_has_no_filter_is_about_all_rows(cli: Cli, here: Path) -> None:
    assert cli("count") == (0, "60 data units.\n", "")
    assert cli("count", "-q", "--on", "labels").out == "0\n"
    assert cli("query", "-f", "csv", "-q").out.count("\n") == 61


@pytest.mark.parametrize(
    ("line", "following"),
    [
        (["collection", "new", "Oslo's", "--where", "city = 'Oslo'"], "Next: metaquery collection send 'Oslo'\"'\"'s'"),
        (["filter", "save", "slow", "speed < 10"], "Next: metaquery count '@slow'"),
        (["collection", "delete", "Night drives"], "Undo: metaquery collection restore 'Night drives'"),
        (["sync", "--from", "units.ndjson"], ""),
        (["rematerialise"], 'Next: metaquery query "…"'),
    ],
)
def test_a_change_says_what_changed_and_what_to_do_next(
    cli: Cli, workspace: Path, line: list[str], following: str
) -> None:
    told = cli(*line)
    assert told.code == 0
    assert following in told.out
    assert len(told.out.splitlines()) > 1


def test_nobody_is_asked_where_nobody_is(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    forget_switches()
    assert confirmed("Drop 1 snapshot?", yes=True)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(click.UsageError, match=r"Drop 1 snapshot.* give --yes to go ahead") as refused:
        confirmed("Drop 1 snapshot?", yes=False)
    assert refused.value.exit_code == 2
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    cli("--no-input")
    with pytest.raises(click.UsageError, match="give --yes"):
        confirmed("Drop 1 snapshot?", yes=False)
