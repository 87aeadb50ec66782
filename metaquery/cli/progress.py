"""Progress on standard error: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import os
import sys
import time
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, Self

import click

from metaquery.cli.colour import has_colour
from metaquery.errors import shown

if TYPE_CHECKING:
    from types import TracebackType

    from metaquery.store.spool import Part

__all__ = ["Reporter"]

_SILENCE_S = 10.0
"""Seconds between two lines where there is no terminal."""

_PATIENCE_S = 0.5
"""Seconds that nobody needs a bar for."""


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
        self._lock = Lock()
        self._over = False
        self._timer = Timer(_PATIENCE_S, self._appear)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
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
                console=Console(stderr=True, no_color=not has_colour(sys.stderr)),
                transient=True,
            )
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
        if self._bar:
            self._bar.stop()

    def _appear(self) -> None:
        """Draw the bar: what is done by now needs none."""
        with self._lock:
            if not self._over:
                self._bar.start()

    def stage(self, words: str) -> None:
        """Say what is being done now."""
        self._stage = shown(words)  # a dataset's title is among them
        if self._bar:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._task = self._bar.add_task(self._stage, total=None, rate="")

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
