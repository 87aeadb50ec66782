"""A real shell in a pseudo-terminal, as far as a test has to see it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

_LONGEST_S = 120.0


def install(folder: Path) -> Path:
    """Make a `metaquery` that runs this checkout, and return the directory that it is in."""
    folder.mkdir(exist_ok=True)
    command = folder / "metaquery"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m metaquery "$@"\n')
    command.chmod(0o755)
    return folder


class Terminal:
    """Starts a program in a pseudo-terminal of 24 rows, types, and reads until something appears."""

    def __init__(self, *command: str, cwd: Path, environ: dict[str, str], columns: int = 80) -> None:
        self._ours, theirs = pty.openpty()
        subprocess.run(["stty", "rows", "24", "cols", str(columns)], stdin=theirs, check=True)
        # fish wants the terminal to be its own, which `setsid --ctty` does.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command], stdin=theirs, stdout=theirs, stderr=theirs, cwd=cwd, env=environ
        )
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def until(self, mark: str) -> str:
        """Return what appears up to a mark, which is taken away."""
        while mark not in self.seen:
            if not self._read():
                how = "it goes on" if self.process.poll() is None else f"it ended with {self.process.returncode}"
                raise AssertionError(f"{mark!r} did not appear in {self.seen!r}; {how}")
        found, _, self.seen = self.seen.partition(mark)
        return found

    def rest(self) -> str:
        """Return all that appears until the program ends."""
        while self._read():
            pass
        return self.seen

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], _LONGEST_S)[0]:
            return False
        try:
            got = os.read(self._ours, 65_536)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        self.seen += got.decode(errors="replace")
        return bool(got)


class Screen(Terminal):
    """Answers where the cursor is, as every terminal does."""

    def _read(self) -> bool:
        before = len(self.seen)
        more = super()._read()
        if "\x1b[6n" in self.seen[before:]:
            self.type("\x1b[1;1R")
        return more
