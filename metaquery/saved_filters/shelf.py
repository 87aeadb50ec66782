"""`Shelf`: the files of saved filters, changed whole or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from metaquery.errors import StoreError
from metaquery.saved_filters.record import Key, SavedFilter, content, text_of
from metaquery.store.durable import clear_leftovers, fsync_folder, read_json, write_bytes, write_json
from metaquery.store.lock import read_lock, write_lock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Shelf"]

_WAIT_S = 10.0
"""For another process; a change takes milliseconds."""


class Shelf:
    """The files of the saved filters of one workspace.

    A change of several files is written down whole in `.change.json` first. Where that is found, its writer died:
    readers see the filters as it has them, and the next change begins with it.

    Parameters
    ----------
    folder
        Where they lie, a folder a relation.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending = folder / ".change.json"

    def read(self) -> dict[Key, SavedFilter]:
        """Return every saved filter, by relation and name.

        Raises
        ------
        StoreError
            A file cannot be read as text.
        """
        with read_lock(self._folder / ".lock", wait_s=_WAIT_S):
            return self._read()

    @contextmanager
    def changing(self) -> Iterator[dict[Key, SavedFilter]]:
        """Keep others from changing anything, and give what there is.

        Raises
        ------
        WorkspaceLocked
            Another process is writing for longer than a few seconds.
        """
        with write_lock(self._folder / ".lock", wait_s=_WAIT_S):
            for folder in (self._folder, *self._folder.glob("*/")):
                clear_leftovers(folder, alone=True)
            self._finish()
            yield self._read()

    def apply(self, put: Iterable[SavedFilter], removed: Iterable[SavedFilter] = ()) -> None:
        """Write some filters and remove others, all or none; within `changing`."""
        files = {saved.path: content(saved) for saved in put}
        gone = [saved.path for saved in removed]
        if len(files) + len(gone) == 1:
            self._change(files, gone)
        elif files or gone:
            write_json(self._pending, {"put": files, "removed": gone})
            self._finish()

    def _read(self) -> dict[Key, SavedFilter]:
        files = {f"{file.parent.name}/{file.name}": _decoded(file) for file in self._folder.glob("*/*.filter")}
        if self._pending.exists():
            change = read_json(self._pending)
            files = {path: text for path, text in files.items() if path not in change["removed"]} | change["put"]
        found = (_saved(path, files[path]) for path in sorted(files))
        return {saved.key: saved for saved in found}

    def _finish(self) -> None:
        """Do what is written down, if anything is."""
        if self._pending.exists():
            change = read_json(self._pending)
            self._change(change["put"], change["removed"])
            self._pending.unlink()
            fsync_folder(self._folder)

    def _change(self, put: dict[str, str], removed: list[str]) -> None:
        for name, text in put.items():
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, text.encode())
        for name in removed:
            path = self._folder / name
            path.unlink(missing_ok=True)
            if path.parent.exists():
                fsync_folder(path.parent)


def _decoded(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        raise StoreError(f"{file} is not UTF-8", hint="mend it, or remove it") from None


def _saved(path: str, text: str) -> SavedFilter:
    place = PurePosixPath(path)
    return SavedFilter(unquote(place.stem), place.parent.name, text_of(text))
