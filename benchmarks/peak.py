"""How much memory a process has taken at most."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["peak_mb"]


def peak_mb() -> float:
    """Return the most megabytes that this process had in memory.

    Not `ru_maxrss`, in which Linux keeps the most of the process that started this one, too.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024
