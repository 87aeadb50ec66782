"""Runs `metaquery …` as a process of its own that costs no start: a fork of one that has imported everything.

The process that is forked has read nothing and has no connection, so a fork behaves as a new process does. What a
command imports by itself, and what that costs, is the business of `tests/packaging`.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import warnings
from pathlib import Path
from subprocess import CompletedProcess

__all__ = ["run"]

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.preloaded"])


def run(
    arguments: tuple[str, ...], *, home: Path, environ: dict[str, str], stdin: str | None = None
) -> CompletedProcess[str]:
    """Run a command in a directory and an environment; warnings are errors."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "in").write_bytes((stdin or "").encode())
        process = _FORKS.Process(target=_become, args=(arguments, home, environ, scratch))
        process.start()
        process.join()
        assert process.exitcode is not None
        out, err = (Path(scratch, name).read_text("utf-8") for name in ("out", "err"))
        return CompletedProcess(arguments, process.exitcode, out, err)


def _become(arguments: tuple[str, ...], home: Path, environ: dict[str, str], scratch: str) -> None:
    """Be the command, in the child."""
    writes = os.O_WRONLY | os.O_CREAT
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environ)
    for stream, name, flags in ((0, "in", os.O_RDONLY), (1, "out", writes), (2, "err", writes)):
        descriptor = os.open(Path(scratch, name), flags, 0o600)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - multiprocessing has put another there
    sys.argv = ["metaquery", *arguments]
    warnings.resetwarnings()
    warnings.simplefilter("error")
    from metaquery.cli import main

    main()
