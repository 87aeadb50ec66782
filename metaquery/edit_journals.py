"""The journals of edits of client metadata: where they lie, and which are unfinished.

Apart from `edits`, as `metaquery status` counts them without DuckDB and without reading a document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from metaquery.store.layout import Layout

__all__ = ["PREFIX", "UnfinishedEdit", "journals", "unfinished_edits"]

PREFIX = "edit-"
"""How the names of their files begin."""


class UnfinishedEdit(NamedTuple):
    """An edit that did not come to its end.

    Attributes
    ----------
    id, words, server
        Which, what it does, and where.
    settled, documents
        Documents that are settled, and documents in all.
    """

    id: str
    words: str
    server: str
    settled: int
    documents: int

    @property
    def next(self) -> str:
        """The command that goes on with it."""
        return f"metaquery metadata resume {self.id}"


def _reader() -> Callable[[bytes], Any]:
    """Return what reads a line as far as it is wanted; documents stay the bytes that they are."""
    import msgspec  # where no edit is unfinished, nothing is read

    fields: list[tuple[str, Any, Any]] = [(name, str, "") for name in ("step", "id", "words", "server")]
    fields += [("works", list[msgspec.Raw], []), ("batch", int, 0)]
    return msgspec.json.Decoder(msgspec.defstruct("Entry", fields, gc=False)).decode


def journals(layout: Layout, edit: str = "", *, unfinished: bool = False) -> list[Path]:
    """Return the files of edits, newest first; parameters as `records`, and some may hold half of a plan."""
    pattern = f"{PREFIX}{edit}*.jsonl" if edit.replace("-", "").isalnum() or not edit else ""
    files = sorted(layout.journal.glob(pattern), reverse=True) if pattern and layout.journal.exists() else []
    return [file for file in files if not (unfinished and _is_done(file))]


def _is_done(file: Path) -> bool:
    """Whether a journal ends with `done`, by its last bytes: before them may be a hundred megabytes."""
    with file.open("rb") as journal:
        journal.seek(max(file.stat().st_size - 4_096, 0))
        return journal.read().rpartition(b"\n")[0].rpartition(b"\n")[2].startswith(b'{"step": "done"')


def unfinished_edits(layout: Layout) -> tuple[UnfinishedEdit, ...]:
    """Return the edits that can be gone on with, newest first."""
    found = (_read(file) for file in journals(layout, unfinished=True))
    return tuple(edit for edit in found if edit is not None)


def _read(journal: Path) -> UnfinishedEdit | None:
    """Return what a journal tells; None where its plan was not written down whole, and so nothing was sent."""
    decode = _reader()
    head, begun = None, False
    sizes: list[int] = []
    sent: set[int] = set()
    with journal.open("rb") as lines:
        for line in lines:
            try:
                entry = decode(line)
            except ValueError:  # a crash cut it off
                continue
            if entry.step == "planned":
                head = entry
            elif entry.step == "targets":
                sizes.append(len(entry.works))
            elif entry.step == "sent":
                sent.add(entry.batch)
            begun = begun or entry.step == "begun"
    if head is None or not begun:
        return None
    return UnfinishedEdit(head.id, head.words, head.server, sum(sizes[number] for number in sent), sum(sizes))
