"""`keep_crash()`: the file that keeps the traceback of a fault of ours, for who reports it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from metaquery.user_directories import state_directory
from metaquery.version import __version__

__all__ = ["keep_crash"]


def keep_crash(error: Exception) -> Path:
    """Write the traceback to a file that the user alone can read, and return its path."""
    import tempfile  # only a crash pays for these
    import traceback
    from contextlib import suppress

    directory = state_directory()
    if directory is not None:
        with suppress(OSError):  # the system's directory for temporary files does as well
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    usable = directory is not None and os.access(directory, os.W_OK)
    with tempfile.NamedTemporaryFile(
        "w",
        prefix="metaquery-crash-",
        suffix=".txt",
        dir=directory if usable else None,
        delete=False,
        encoding="utf-8",
        errors="backslashreplace",
    ) as file:
        file.write(f"metaquery {__version__}, Python {sys.version}\n\n")
        traceback.print_exception(error, file=file)
    return Path(file.name)
