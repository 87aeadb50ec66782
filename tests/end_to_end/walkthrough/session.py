"""Runs commands of metaquery one after the other in one process, and keeps every byte that they leave.

Each line of standard input is a command: `{"arguments": […], "environ": {…}, "printed": NAME}`. What it prints goes to
`NAME.out` and `NAME.err`, its exit code to standard output. What any library logs, at every level and with every
attribute of its records, goes to `everything.log`.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

from metaquery.cli.root import _run


class _Everything(logging.Formatter):
    """Writes the message, all else that the record has, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{super().format(record)} {vars(record)!r}"


def main() -> None:
    """Run what standard input asks for, until it ends."""
    handler = logging.FileHandler("everything.log", encoding="utf-8")
    handler.setFormatter(_Everything())
    logging.basicConfig(level=logging.NOTSET, handlers=[handler])
    commands, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for line in commands:
        answers.write(f"{_ran(**json.loads(line))}\n")
        answers.flush()


def _ran(arguments: list[str], environ: dict[str, str], printed: str, full: bool = False) -> int:
    """Run one command; with `full`, standard output is a disk that has no room left."""
    before = dict(os.environ)
    os.environ.update(environ)
    for stream, name in ((1, "/dev/full" if full else f"{printed}.out"), (2, f"{printed}.err")):
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    try:
        return _run(arguments)
    finally:
        _flush()
        os.environ.clear()
        os.environ.update(before)


def _flush() -> None:
    """Write what is left; what a full disk does not take is gone, as with the process of a command."""
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            stream.flush()


if __name__ == "__main__":
    main()
