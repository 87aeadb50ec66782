"""Runs a driver of this folder as a process of its own, as it forks: whoever forks must not have used DuckDB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["driven"]


def driven(driver: str, *arguments: str | Path, within: tuple[str, ...] = ()) -> Any:
    """Return what a driver has found, as the JSON on its standard output tells; it has to exit with 0.

    Parameters
    ----------
    driver
        Its module's name.
    *arguments
        As its `main` takes them.
    within
        A command that runs it.
    """
    done = subprocess.run(
        [*within, sys.executable, "-m", f"tests.crash.{driver}", *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
