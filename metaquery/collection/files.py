"""Names for files that are being written."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["temporary"]


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """Give a name for a file that is being written; what is not renamed goes, by the next change if this one dies."""
    path = folder / f".{uuid.uuid4().hex}.{os.getpid()}.tmp"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
