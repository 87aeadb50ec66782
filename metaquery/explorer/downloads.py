"""The rows of a view as a file: `/data.csv` is the page `/data` with all of its rows, written as they are read."""

from __future__ import annotations

import io
from dataclasses import replace
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from metaquery.crashes import keep_crash
from metaquery.errors import NotFound
from metaquery.explorer.asking import Asked
from metaquery.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from metaquery.explorer.asking import Parameters
    from metaquery.explorer.desk import Desk
    from metaquery.formats import Format

__all__ = ["DOWNLOADS", "of_relation"]

DOWNLOADS = tuple(form.name for form in FORMATS.values() if not form.for_people)
"""Formats, by the ending of the address."""

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
    "arrows": "application/vnd.apache.arrow.stream",
}

_AHEAD = 16
"""Pieces that are written before the client has read them."""

_PIECE = 64 * 1024
_AGAIN_S = 0.1


def of_relation(relation: str) -> Callable[[Desk, Parameters], Response]:
    """Return what answers with the rows of a relation."""
    return lambda desk, given: _download(desk, given, relation)


def _download(desk: Desk, given: Parameters, relation: str) -> Response:
    """Return every row of the view; the statement has begun when this returns, so that what is wrong is told."""
    form = FORMATS.get(given.path["format"])
    if form is None or form.name not in DOWNLOADS:
        raise NotFound(f"there is no download .{given.path['format'][:50]}", hint=f"there are {', '.join(DOWNLOADS)}")
    view = replace(Asked.of(given), relation=relation).view(desk, every="every")
    body = _Body(form, view.batches())
    headers = {"content-disposition": f'attachment; filename="{view.relation.name}.{form.name}"'}
    return StreamingResponse(body.pieces(), media_type=_TYPES[form.name], headers=headers)


class _Body(io.RawIOBase):
    """What a format writes, a piece at a time; where nobody reads any more, writing fails."""

    def __init__(self, form: Format, reader: pa.RecordBatchReader) -> None:
        super().__init__()
        self._form = form
        self._reader = reader
        self._queue: Queue[bytes | None] = Queue(_AHEAD)
        self._gone = Event()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer of bytes
        self._held += data
        if len(self._held) >= _PIECE:
            self._put(bytes(self._held))
            self._held.clear()
        return len(data)

    def _put(self, piece: bytes | None) -> None:
        while not self._gone.is_set():
            try:
                self._queue.put(piece, timeout=_AGAIN_S)
            except Full:
                continue
            return
        raise BrokenPipeError

    def _work(self) -> None:
        try:
            self._form.write(self._reader, self)  # type: ignore[arg-type]  # it writes, and asks for nothing else
            if self._held:
                self._put(bytes(self._held))
            self._put(None)
        except BrokenPipeError:
            pass  # nobody reads any more
        except Exception as error:  # noqa: BLE001  # the answer has begun: it breaks off, and the file tells why
            keep_crash(error)
        finally:
            self._gone.set()

    def _next(self) -> bytes | None:
        while True:
            try:
                return self._queue.get(timeout=_AGAIN_S)
            except Empty:
                if self._gone.is_set() and self._queue.empty():
                    raise ConnectionAbortedError from None  # it failed on the way: the answer must not look whole

    def pieces(self) -> Iterator[bytes]:
        """Give the pieces; who does not read to the end stops the writing."""
        Thread(target=self._work, name="metaquery-download", daemon=True).start()
        try:
            while (piece := self._next()) is not None:
                yield piece
        finally:
            self._gone.set()
