r"""A text in the user's editor, as `\e` opens it."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from metaquery.errors import UsageError

__all__ = ["edited"]


def edited(text: str) -> str:
    """Return a text as it is after the user has had it in an editor: `VISUAL`, then `EDITOR`, then `vi`.

    Raises
    ------
    UsageError
        The editor is not there, or failed; nothing is changed then.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="metaquery-") as folder:
        file = Path(folder, "filter.txt")
        file.write_text(f"{text}\n", encoding="utf-8")
        try:
            done = subprocess.run([*shlex.split(command), str(file)], check=False)  # noqa: S603  # what the user named
        except (OSError, ValueError):
            raise UsageError(f"the editor {command!r} cannot be started", hint="name one by EDITOR") from None
        if done.returncode:
            raise UsageError(f"the editor {command!r} exited with {done.returncode}; the text is as it was")
        return file.read_text(encoding="utf-8").strip()
