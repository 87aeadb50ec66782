"""`Spool`: the raw pages of one part of an organisation, as they came, and the point to resume from.

A *part* is what is read as a whole: the data units of a dataset, or the label rows of a project. Its pages lie in a
*generation*, a folder of its own, so that a new read never touches the pages that a published snapshot was made from.
A generation holds all of the part, or what has changed since the generation that it names as its base: together they
are a `Chain`. Complete generations stay: they are the raw layer, from which tables are typed anew, and history.

A page is the JSON array between the brackets of the server's envelope, nothing else: DuckDB reads such files 20 times
faster than it unnests envelopes (`measurements.md` §4). It is compressed by zstd at level 1, to an eighth, which DuckDB
reads as fast as plain text.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal

from metaquery.errors import CorruptSpool
from metaquery.frozen import dataclass
from metaquery.store.checkpoint import READ_ANEW, Checkpoint
from metaquery.store.durable import clear_leftovers, fsync_folder, write_bytes
from metaquery.store.seal import digest_on, write_sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Part", "Spool", "discard"]

_CHECKPOINT = "checkpoint.json"

_RESUMABLE_S = 24 * 3600
"""A read that was interrupted longer ago is begun anew: its index and its first pages are of another day."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is read as a whole.

    Attributes
    ----------
    kind
        `units` of a dataset, or `labels` of a project.
    hash
        The dataset's or project's.
    title
        Its title, as last seen.
    projects
        For units: hash and title of each known project that the dataset is attached to.
    origin
        Path of the file that it was read from, `-` for standard input; empty for a server.
    """

    kind: Literal["units", "labels"]
    hash: str
    title: str
    projects: tuple[tuple[str, str], ...] = ()
    origin: str = ""

    @property
    def folder(self) -> str:
        """Name of the part's folder in the spool; a hash that is no name of a file is stood for by its digest."""
        if re.fullmatch(r"[0-9a-z-]{1,64}", self.hash):
            return f"{self.kind}-{self.hash}"
        return f"{self.kind}_{hashlib.blake2b(self.hash.encode(), digest_size=16).hexdigest()}"

    @property
    def way_out(self) -> str:
        """What reads it anew, where its pages are damaged."""
        if self.origin:
            return f"give the rows of {self.origin} once more, with --full: metaquery sync --full --from FILE …"
        import shlex  # as damage is rare

        kind = "project" if self.kind == "labels" else "dataset"
        return f"run: metaquery sync --full --{kind} {shlex.quote(self.title)} (or --all)"

    def to_json(self) -> dict[str, Any]:
        """Return a form that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Part:
        """Read what `to_json` wrote."""
        projects = tuple((h, t) for h, t in data["projects"])
        return cls(data["kind"], data["hash"], data["title"], projects, data.get("origin", ""))


class Spool:
    """One generation of one part, on disk.

    Parameters
    ----------
    folder
        The generation's folder.

    Raises
    ------
    CorruptSpool
        Its checkpoint is not what was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoint = Checkpoint()
        if (folder / _CHECKPOINT).exists():
            self.checkpoint = Checkpoint.read(folder / _CHECKPOINT)

    @classmethod
    def resume_or_start(cls, part_folder: Path, *, spare: Iterable[str] = (), bases: Iterable[str] = ("",)) -> Spool:
        """Go on with an unfinished generation of a part, or start a new one.

        Parameters
        ----------
        part_folder
            `spool/<part>`; made when absent.
        spare
            Names of generations that a snapshot was made from.
        bases
            Names of generations that an unfinished one may continue; empty stands for none.
        """
        part_folder.mkdir(parents=True, exist_ok=True)
        for spool in cls._of_late(part_folder, spare):
            if not spool.checkpoint.complete and spool.checkpoint.base in tuple(bases) and spool.damage() is None:
                spool.forget_uncounted()
                return spool
        name = _next_generation(max((folder.name for folder in part_folder.iterdir()), default=""))
        (part_folder / name).mkdir()
        fsync_folder(part_folder)
        return cls(part_folder / name)

    @classmethod
    def begin_compacted(cls, oldest: Spool) -> Spool:
        """Start a generation that others are compacted into, hidden until `reveal`.

        It is of the time of the oldest of them, so that it never seems newer than what was read since.
        """
        moment = "-".join(oldest.folder.name.split("-")[:2])
        folder = oldest.folder.with_name(f".{moment}-c{os.urandom(3).hex()}")
        folder.mkdir()
        return cls(folder)

    def reveal(self) -> Spool:
        """Give a compacted generation that is complete its name, durably, and return it."""
        folder = self.folder.rename(self.folder.with_name(self.folder.name.removeprefix(".")))
        fsync_folder(folder.parent)
        return Spool(folder)

    @classmethod
    def finished_since(cls, part_folder: Path, base: str, *, spare: Iterable[str] = ()) -> Spool | None:
        """Return the generation that a run read to its end and did not come to publish; None where there is none.

        Parameters
        ----------
        part_folder
            `spool/<part>`.
        base
            Name of the generation that it has to continue, or to replace; empty where nothing is published.
        spare
            Names of generations that a snapshot was made from.
        """
        for spool in cls._of_late(part_folder, spare):
            point = spool.checkpoint
            leads_on = point.base == base or (not point.base and spool.folder.name > base)
            if point.complete and leads_on and any(point.pages.values()) and spool.damage() is None:
                return spool
        return None

    @classmethod
    def _of_late(cls, part_folder: Path, spare: Iterable[str]) -> Iterator[Spool]:
        """Yield the generations that a run of today or yesterday may have left, newest first; never damaged ones."""
        oldest = _generation(time.time() - _RESUMABLE_S)
        for folder in sorted(part_folder.iterdir(), reverse=True) if part_folder.exists() else ():
            if folder.name > oldest and folder.name not in spare and (folder / _CHECKPOINT).exists():
                spool = cls.readable(folder)
                if spool is not None:
                    yield spool

    @classmethod
    def readable(cls, folder: Path) -> Spool | None:
        """Return a generation; None where its checkpoint is damaged, so that nothing can go on with it."""
        try:
            return cls(folder)
        except CorruptSpool:
            return None

    def restart(self) -> None:
        """Forget what was read."""
        self.advance(pages={}, digests={})
        self.forget_uncounted()

    def forget_uncounted(self) -> None:
        """Remove what a run that died wrote and did not come to count."""
        clear_leftovers(self.folder, alone=True)
        counted = {file.name for stream in self.checkpoint.pages for file in self.files(stream)}
        for file in self.folder.glob("*.json.zst"):
            if file.name not in counted:
                file.unlink()

    def append(self, stream: str, *bodies: bytes, **progress: Any) -> Checkpoint:
        """Make raw pages durable, then advance the resume point, once.

        The pages are written and fsynced before the checkpoint is replaced, and what they stand for moves with them
        in that one replacement: after a crash the spool holds every page up to the checkpoint, and those beyond it,
        which were not counted, are written again by the next run.

        Parameters
        ----------
        stream
            Which of the part's streams the pages belong to.
        *bodies
            JSON arrays, UTF-8.
        **progress
            Fields of `Checkpoint` that move with these pages.

        Raises
        ------
        NoSpace
            The disk is full.
        """
        number = self.checkpoint.pages.get(stream, 0)
        digests = dict(self.checkpoint.digests)
        for place, body in enumerate(bodies, number):
            page = _compressed(body)
            write_bytes(self._page(stream, place), page)
            if stream in digests or place == 0:  # else an earlier version began it, and kept none
                digests[stream] = digest_on(digests.get(stream, ""), page)
        return self.advance(
            pages={**self.checkpoint.pages, stream: number + len(bodies)},
            digests=digests,
            largest=max([self.checkpoint.largest, *(_largest_row(body) for body in bodies if stream == "labels")]),
            **progress,
        )

    def advance(self, **progress: Any) -> Checkpoint:
        """Move the resume point without a page, durably."""
        moved = replace(self.checkpoint, **progress)
        write_sealed(self.folder / _CHECKPOINT, asdict(moved))
        self.checkpoint = moved
        return moved

    def files(self, stream: str) -> list[Path]:
        """Return the durable pages of a stream, in the order in which they came.

        Raises
        ------
        CorruptSpool
            A page that the checkpoint counts is gone.
        """
        files = [self._page(stream, n) for n in range(self.checkpoint.pages.get(stream, 0))]
        gone = next((f for f in files if not f.exists()), None)
        if gone is not None:
            raise CorruptSpool(f"the spooled page {gone} is gone", hint=READ_ANEW)
        return files

    def bodies(self, stream: str) -> Iterator[bytes]:
        """Yield the pages of a stream as they were appended.

        Raises
        ------
        CorruptSpool
            A page that the checkpoint counts is gone, or they are not what was written: then none is yielded.
        """
        import pyarrow as pa  # 180 ms that only a sync pays

        damage = self._damage_of(stream)
        if damage is not None:
            raise CorruptSpool(damage, hint=READ_ANEW)
        for file in self.files(stream):
            try:
                with pa.CompressedInputStream(str(file), "zstd") as page:
                    body = page.read()
            except OSError as error:
                raise CorruptSpool(f"the spooled page {file} cannot be read: {error}", hint=READ_ANEW) from error
            yield body

    def damage(self) -> str | None:
        """Return which stream's pages are not what was written, in words; None where nothing is known to be wrong."""
        return next((damage for damage in map(self._damage_of, self.checkpoint.pages) if damage), None)

    def _damage_of(self, stream: str) -> str | None:
        try:
            files = self.files(stream)
        except CorruptSpool as error:
            return error.message
        kept = self.checkpoint.digests.get(stream)
        if kept is None:
            return None
        found = ""
        for file in files:
            found = digest_on(found, file.read_bytes())
        return None if found == kept else f"the pages {stream} of {self.folder} are not what was written"

    @property
    def undigested(self) -> bool:
        """Whether there are pages of which an earlier version kept no checksum."""
        return any(count and stream not in self.checkpoint.digests for stream, count in self.checkpoint.pages.items())

    def discard(self) -> None:
        """Remove the generation."""
        discard(self.folder)

    def _page(self, stream: str, number: int) -> Path:
        return self.folder / f"{stream}-{number:06d}.json.zst"


def discard(generation: Path) -> None:
    """Remove a generation, its checkpoint first: without one, half of a generation is none."""
    (generation / _CHECKPOINT).unlink(missing_ok=True)
    fsync_folder(generation)
    shutil.rmtree(generation)


def _largest_row(body: bytes) -> int:
    import msgspec  # a query reads descriptions of spools, and no pages

    return max((len(bytes(row)) for row in msgspec.json.decode(body, type=list[msgspec.Raw])), default=0)


def _compressed(body: bytes) -> bytes:
    import pyarrow as pa  # 180 ms that only a sync pays

    packed: bytes = pa.Codec("zstd", _LEVEL).compress(body, asbytes=True)
    return packed


_LEVEL = 1


def _generation(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))


def _next_generation(after: str) -> str:
    """Return a name that says when it was given, and sorts behind `after`: of two in one second, or a clock set back.

    What comes later tells what an interrupted read leads on from.
    """
    seconds, rest = divmod(time.time_ns(), 10**9)
    name = f"{_generation(seconds)}-{rest:09d}"
    return name if name > after else f"{after}-1"
