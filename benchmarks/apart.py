"""What is measured in a process of its own: how long it took, by the clock and the processor, and how much memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["apart", "peak_mb", "spending"]


def apart(benchmark: str, *arguments: str) -> Any:
    """Run a benchmark as a process of its own, and return the JSON of the last line that it prints."""
    command = [sys.executable, "-m", f"benchmarks.{benchmark}", *arguments]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(answer.splitlines()[-1])


@contextmanager
def spending() -> Iterator[dict[str, float]]:
    """Give what has, behind the `with`, the seconds, the processor's seconds, and the process's peak in megabytes."""
    spent: dict[str, float] = {}
    began, processor = time.perf_counter(), time.process_time()
    yield spent
    spent.update(seconds=time.perf_counter() - began, processor=time.process_time() - processor, peak=peak_mb())


def peak_mb() -> float:
    """Return the most megabytes that this process had in memory.

    Not `ru_maxrss`, in which Linux keeps the most of the process that started this one, too.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024
