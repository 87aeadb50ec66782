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
from contextlib import nullcontext
from unittest import mock

from metaquery.cli.root import _run
from metaquery.wire import transport
from metaquery.wire.auth import PrivateKey


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


def _ran(arguments: list[str], environ: dict[str, str], printed: str, fault: bool = False) -> int:
    """Run one command; with `fault`, there is a fault of ours in signing a request, where the key is at hand."""
    before = dict(os.environ)
    os.environ.update(environ)
    for stream, name in ((1, f"{printed}.out"), (2, f"{printed}.err")):
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(descriptor, stream)
        os.close(descriptor)
    try:
        with mock.patch.object(transport, "sign_v2", _faulty) if fault else nullcontext():
            return _run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.environ.clear()
        os.environ.update(before)


def _faulty(key: PrivateKey, *_: object) -> dict[str, str]:
    raise ZeroDivisionError(f"a fault, with {key!r}")


if __name__ == "__main__":
    main()
