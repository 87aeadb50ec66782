"""Saved filters as text files outside of the workspace: written, and read again.

A folder has a file a filter, as the workspace has them: `data/night.filter`. One file has any number, each behind a
line with its name::

    # metaquery filter, language 1, on data: @night
    dark = true and captured_at > 2023-01-01
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from metaquery.errors import UsageError, shown
from metaquery.saved_filters.record import HEADER, SavedFilter, content, normal, text_of
from metaquery.schema import RELATIONS
from metaquery.store.durable import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Exported", "Found", "bundle", "exported", "found_in"]

_HEADER = re.compile(r"# metaquery filter, language (\d+), on (\w+)(?:: @(?:\"((?:[^\"]|\"\")+)\"|([\w-]+)))?\s*")

_AS = f"{HEADER} language 1, on data: @NAME"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did.

    Attributes
    ----------
    filters
        What was exported, by relation and name.
    written
        Files that are new or say something else now; the others said so already.
    others
        Filters in the folder that are not saved here.
    """

    filters: tuple[SavedFilter, ...]
    written: tuple[Path, ...]
    others: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A filter that was read from a file, and is not checked yet.

    Attributes
    ----------
    place
        Where it was read, in words: the path as it was given.
    filter
        What it says that it is.
    source
        The file's text up to the filter's end, with all before the filter as empty lines: what is wrong in it is told
        by the file's lines.
    wrong
        Why it is no filter at all; None where it may be one.
    """

    place: str
    filter: SavedFilter
    source: str
    wrong: str | None = None


def bundle(filters: Iterable[SavedFilter]) -> str:
    """Return filters as one text."""
    return "\n".join(content(saved, named=True) for saved in filters)


def exported(filters: Sequence[SavedFilter], to: Path, *, replace: bool) -> Exported:
    """Write filters to a folder, or to a file where the name has an ending; errors as `SavedFilters.export`."""
    is_file = to.is_file() or (bool(to.suffix) and not to.is_dir())
    texts = {to: bundle(filters)} if is_file else {to / saved.path: content(saved) for saved in filters}
    try:
        held = {path: path.read_bytes() for path in texts if path.exists()}
        written = tuple(path for path, text in texts.items() if held.get(path) != text.encode())
        differing = [str(path) for path in written if path in held]
        if differing and not replace:
            more = f", and {len(differing) - 1:,} more" if len(differing) > 1 else ""
            raise UsageError(f"{differing[0]} is there and says something else{more}", hint="give --replace")
        for path in written:
            if not is_file:
                path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, texts[path].encode())
    except OSError as error:
        raise UsageError(f"{to} cannot be written: {error.strerror}") from None
    others = () if is_file else tuple(path for path in _files(to) if path not in texts)
    return Exported(tuple(filters), written, others)


def found_in(place: Path | str, relation: str) -> list[Found]:
    """Read filters from a folder, a file, or `-` for standard input.

    Parameters
    ----------
    place
        Where they are.
    relation
        What filters are on that do not say it.

    Raises
    ------
    UsageError
        It cannot be read, or has no filter.
    """
    if str(place) == "-":
        return list(_sections("standard input", sys.stdin.buffer.read(), None, relation))
    place = Path(place)
    files = _files(place) if place.is_dir() else [place]
    if not files:
        raise UsageError(
            f"{place} has no file that ends with .filter", hint="metaquery filter export -o DIR writes them"
        )
    try:
        return [found for file in files for found in _sections(shown(str(file)), file.read_bytes(), file, relation)]
    except OSError as error:
        raise UsageError(f"{error.filename} cannot be read: {error.strerror}") from None


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*.filter") if file.is_file() and not file.name.startswith("."))


def _sections(place: str, raw: bytes, file: Path | None, relation: str) -> Iterator[Found]:
    """Cut a file where a line names a filter; what stands before the first belongs to it."""
    stem = normal(unquote(file.stem)) if file else ""
    if file and file.parent.name in RELATIONS:
        relation = file.parent.name
    try:
        lines = raw.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as error:
        at = raw[: error.start].count(b"\n") + 1
        yield Found(place, SavedFilter(stem, relation, ""), "", f"line {at} is not UTF-8")
        return
    starts = [at for at, line in enumerate(lines) if (head := _HEADER.fullmatch(line)) and (head[3] or head[4])]
    for begin, end in zip([0, *starts[1:]], [*starts[1:], len(lines)], strict=True):
        yield _section(place, ["" if at < begin else line for at, line in enumerate(lines[:end])], stem, relation)


def _section(place: str, lines: list[str], stem: str, relation: str) -> Found:
    name, wrong, on = stem, None, relation
    for at, line in enumerate(lines, 1):
        if not line.startswith(HEADER):
            continue
        head = _HEADER.fullmatch(line)
        lines[at - 1] = ""
        if head is None or head[2] not in RELATIONS:
            wrong = wrong or f"line {at} says of what the file is in no form that is known; write: {_AS}"
        elif head[1] != "1":
            wrong = wrong or f"line {at}: the filter is in language {head[1]}, and this is metaquery with language 1"
        else:
            name = normal((head[3] or "").replace('""', '"') or head[4] or name)
            on = head[2]
    if not name:
        wrong = wrong or f"the filter has no name; begin with a line: {_AS}"
    source = "\n".join(lines).rstrip()
    return Found(place, SavedFilter(name, on, text_of(source)), source, wrong)
