"""Options that several commands share, so that a flag means the same everywhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from metaquery.answers import plural
from metaquery.cli.switches import switched

if TYPE_CHECKING:
    from metaquery.lake import Lake
    from metaquery.store.snapshot import Snapshot
    from metaquery.view import View
    from metaquery.workspace import Workspace

__all__ = [
    "as_of_option",
    "confirmed",
    "fail_empty_option",
    "lake_option",
    "of_the_past",
    "on_option",
    "open_asked",
    "open_here",
    "plural",
    "quiet_option",
    "standard_output",
    "time_zone_option",
    "view_here",
    "workspace_option",
    "yes_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])

_PATIENCE_S = 1.0
"""How long nobody wonders what is going on."""


def workspace_option(command: Command) -> Command:
    """Add `-w/--workspace`, given to the command as `workspace`."""
    return click.option(
        "-w",
        "--workspace",
        type=click.Path(path_type=Path),
        help="Directory of the workspace; else the nearest from here upwards that has one.",
    )(command)


def on_option(command: Command) -> Command:
    """Add `--on`, given to the command as `on`."""
    return click.option(
        "--on",
        type=click.Choice(["data", "labels", "predictions"]),
        default="data",
        show_default=True,
        help="What to select rows of.",
    )(command)


def quiet_option(command: Command) -> Command:
    """Add `-q/--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="No progress and no remarks.")(command)


def time_zone_option(command: Command) -> Command:
    """Add `--time-zone`, given to the command as `time_zone`."""
    return click.option(
        "--time-zone",
        default="UTC",
        show_default=True,
        metavar="ZONE",
        help="Zone of dates and times without one.",
    )(command)


def as_of_option(command: Command) -> Command:
    """Add `--as-of`, given to the command as `as_of`."""
    return click.option(
        "--as-of",
        metavar="SNAPSHOT|DATE",
        help="Ask an earlier snapshot, by the beginning of its id or by a day or time (UTC); metaquery log lists them.",
    )(command)


def lake_option(command: Command) -> Command:
    """Add `--lake`, given to the command as `lake`."""
    return click.option(
        "--lake",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Ask a lake that metaquery export lake has written, instead of a workspace.",
    )(command)


def fail_empty_option(command: Command) -> Command:
    """Add `--fail-empty`."""
    return click.option("--fail-empty", is_flag=True, help="Exit with 1 where nothing matches.")(command)


def yes_option(command: Command) -> Command:
    """Add `-y/--yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Do it without asking.")(command)


def open_here(workspace: Path | None, *, quiet: bool = False, **options: Any) -> Workspace:
    """Open the workspace that `--workspace` names; where a query has to wait for long, standard error says for what."""
    from metaquery.workspace import open_workspace  # help must not pay for it

    if not quiet:
        options["waiting"] = _told_when_long
    if switched("offline"):
        options["offline"] = True
    return open_workspace(workspace, **options)


def open_asked(
    workspace: Path | None, lake: Path | None, *, quiet: bool = False, time_zone: str = "UTC"
) -> Workspace | Lake:
    """Open what `--lake` names, else the workspace; as `open_here`."""
    if lake is None:
        return open_here(workspace, quiet=quiet, time_zone=time_zone)
    if workspace is not None:
        raise click.UsageError("--lake and --workspace are each what is asked: give one of them")
    from metaquery.lake import open_lake  # as in `open_here`

    return open_lake(lake, time_zone=time_zone)


def view_here(opened: Workspace | Lake, on: str, as_of: str | None) -> View:
    """Return the view that `--on` and `--as-of` name."""
    return opened.view(on) if as_of is None else opened.as_of(as_of).view(on)


def of_the_past(opened: Workspace | Lake, snapshot: Snapshot) -> str | None:
    """Return which snapshot an answer is of, in words; None for the newest of a workspace."""
    from metaquery.local import Local  # as in `open_here`
    from metaquery.store.snapshot import current_id

    if isinstance(opened, Local) and snapshot.id == current_id(opened.layout):
        return None
    return f"As of {snapshot.created_at:%Y-%m-%d %H:%M:%S} UTC, snapshot {snapshot.id}."


@contextmanager
def _told_when_long(words: str) -> Iterator[None]:
    """Say on standard error what is waited for, if it takes more than a second."""
    from threading import Timer  # only who waits pays for it

    timer = Timer(_PATIENCE_S, lambda: click.echo(f"{words} …", err=True))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Give standard output for bytes; when its reader goes away, as `head` does, that is no error and exits with 0."""
    sys.stdout.flush()
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from None


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask before something leaves this machine, or is gone for good.

    Raises
    ------
    UsageError
        Nobody is there to ask, and `--yes` was not given.
    """
    if yes:
        return True
    if switched("no_input") or not sys.stdin.isatty():
        raise click.UsageError(f"{question} Nobody is there to ask: give --yes to go ahead.")
    return click.confirm(question, err=True)
