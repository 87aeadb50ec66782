"""A sandbox as a process of its own, for tests, benchmarks and the demo."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from metaquery.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

__all__ = ["SandboxProcess", "start"]


@dataclass
class SandboxProcess:
    """A running sandbox; also a context manager that stops it.

    Parameters
    ----------
    url
        Where it listens; what a client takes as its domain.
    key_file
        The private key that it accepts.
    process
        The child process.
    """

    url: str
    key_file: Path
    process: subprocess.Popen[str]

    def stop(self) -> int:
        """Stop it and wait until it has; returns its exit status, 0 where it stopped as asked."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            for stream in (self.process.stdin, self.process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()


def start(
    set_name: str = "scenes",
    *,
    key_out: Path,
    units: int | None = None,
    seed: int = 7,
    port: int = 0,
    schema_out: Path | None = None,
    with_schema: bool = False,
    state: Path | None = None,
) -> SandboxProcess:
    """Start `python -m metaquery.sandbox` and wait until it accepts connections.

    It stops by itself when this process ends, however that ends. Parameters are those of `serving.serve`.

    Raises
    ------
    UsageError
        Where it did not start; it has then said why on standard error.
    """
    command = [sys.executable, "-m", "metaquery.sandbox", "--stop-with-stdin", "--set", set_name]
    command += ["--seed", str(seed), "--port", str(port), "--key-out", str(key_out)]
    command += [] if units is None else ["--units", str(units)]
    command += [] if schema_out is None else ["--schema-out", str(schema_out)]
    command += ["--with-schema"] if with_schema else []
    command += [] if state is None else ["--state", str(state)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    for line in process.stdout or ():
        name, _, value = line.strip().partition(" ")
        if name == "url":
            return SandboxProcess(value.strip(), key_out, process)
    status = SandboxProcess("", key_out, process).stop()
    raise UsageError(f"the sandbox did not start (exit status {status})")
