"""The rows of a view as a file: `/data.csv` is the page `/data` with all of its rows, written as they are read."""

from __future__ import annotations

import asyncio
import io
from dataclasses import replace
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.responses import Response

from metaquery.crashes import keep_crash
from metaquery.errors import NotFound
from metaquery.explorer.asking import Asked
from metaquery.explorer.leaving import stopped_when_gone
from metaquery.formats import FORMATS
from metaquery.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from starlette.types import Receive, Scope, Send

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
    headers = {"content-disposition": f'attachment; filename="{view.relation.name}.{form.name}"'}
    return _Download(desk, _Body(form, view.batches()), media_type=_TYPES[form.name], headers=headers)


class _Download(Response):
    """An answer that is written while it is sent; where the client goes away, writing and reading stop."""

    def __init__(self, desk: Desk, body: _Body, *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        self._desk = desk
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # as all answers
        """Send it."""
        watch = asyncio.ensure_future(stopped_when_gone(receive, self._body.stop))
        self._desk.interruptions.add(self._body.interruption)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            self._body.start()
            while (piece := await anyio.to_thread.run_sync(self._body.next, abandon_on_cancel=True)) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            watch.cancel()
            self._body.stop()
            self._desk.interruptions.discard(self._body.interruption)


class _Body(io.RawIOBase):
    """What a format writes, a piece at a time; where nobody reads any more, writing fails."""

    def __init__(self, form: Format, reader: pa.RecordBatchReader) -> None:
        super().__init__()
        self.interruption = Interruption()
        self._form = form
        self._reader = reader
        self._queue: Queue[bytes | None] = Queue(_AHEAD)
        self._over = Event()
        self._held = bytearray()

    def start(self) -> None:
        """Begin to write, in a thread of its own."""
        Thread(target=self._work, name="metaquery-download", daemon=True).start()

    def stop(self) -> None:
        """Let writing, and what it waits for, come to an end."""
        self._over.set()
        self.interruption.stop()

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer of bytes
        """Take some bytes."""
        self._held += data
        if len(self._held) >= _PIECE:
            self._put(bytes(self._held))
            self._held.clear()
        return len(data)

    def _put(self, piece: bytes | None) -> None:
        while not self._over.is_set():
            try:
                self._queue.put(piece, timeout=_AGAIN_S)
            except Full:
                continue
            return
        raise BrokenPipeError

    def _work(self) -> None:
        try:
            with self.interruption:
                self._form.write(self._reader, self)  # type: ignore[arg-type]  # it writes, and asks for nothing else
            if self._held:
                self._put(bytes(self._held))
            self._put(None)
        except Exception as error:  # noqa: BLE001  # the answer has begun: it breaks off, and the file tells why
            if not self._over.is_set():
                keep_crash(error)
        finally:
            self._over.set()

    def next(self) -> bytes | None:
        """Return the next piece; None at the end.

        Raises
        ------
        ConnectionAbortedError
            It failed on the way, or was stopped: the answer must not look whole.
        """
        while True:
            try:
                return self._queue.get(timeout=_AGAIN_S)
            except Empty:
                if self._over.is_set() and self._queue.empty():
                    raise ConnectionAbortedError from None
