"""Progress on standard error: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Self

import click

if TYPE_CHECKING:
    from types import TracebackType

    from metaquery.store.spool import Part

__all__ = ["Reporter"]

_SILENCE_S = 10.0


class Reporter:
    """Shows what a long run is doing; use it in a `with`.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""
        self._told = time.monotonic()

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console  # only a terminal pays for it
            from rich.progress import (
                BarColumn,
                MofNCompleteColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TimeRemainingColumn,
            )

            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def stage(self, words: str) -> None:
        """Say what is being done now."""
        self._stage = words
        if self._bar:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(words, total=None, rate="")

    def rows(self, _part: Part, done: int, total: int) -> None:
        """Say how far the reading of a part has got."""
        self.members(done, total)

    def members(self, done: int, total: int) -> None:
        """Say how many are done."""
        if self._bar:
            if self._task is None:
                self._task = self._bar.add_task(self._stage, total=total, rate="")
            self._bar.update(self._task, completed=done, total=total)
            speed = self._bar.tasks[-1].speed
            self._bar.update(self._task, rate=f"{speed:,.0f}/s" if speed else "")
        elif not self._quiet and time.monotonic() - self._told > _SILENCE_S:
            self._told = time.monotonic()
            click.echo(f"{self._stage}: {done:,} of {total:,}", err=True)
