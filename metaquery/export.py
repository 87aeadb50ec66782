"""`export()`: all rows of a view as a file for other programs, in one of the formats of `EXPORTS`."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from metaquery import coco
from metaquery.errors import EngineError, UsageError
from metaquery.formats import EXPORTS, format_named, format_of
from metaquery.frozen import dataclass
from metaquery.schema import PREDICTIONS
from metaquery.whole_file import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from metaquery.formats import Format
    from metaquery.rows import Rows

__all__ = ["Export", "export"]


@dataclass(frozen=True, slots=True)
class Export:
    """What was written.

    Attributes
    ----------
    path
        The file; None where it was handed over open.
    format
        Name of a row of `EXPORTS`.
    rows
        Rows, ids, or annotations with a box.
    bytes
        Of the file.
    images
        Of a COCO dataset; None elsewhere.
    left_out
        Reasons why COCO has no place for annotations, and for how many; a shape that is no box is one.
    without_image
        Reasons why data units have no image in a COCO dataset, and how many.
    """

    path: Path | None
    format: str
    rows: int
    bytes: int
    images: int | None
    left_out: Mapping[str, int]
    without_image: Mapping[str, int]


def export(view: Rows, to: str | Path | BinaryIO, format_name: str | None, *, where: str | None) -> Export:
    """Write a view; as `View.export`, and `where` is the view's filter, for a file that says what it is."""
    path = Path(to).expanduser() if isinstance(to, str | Path) else None
    form = _chosen(path, format_name)
    if form.name in {"coco", "ids"} and view.has_columns:
        raise UsageError(f"{form.name} has columns of its own", hint="leave the selection of columns out")
    if isinstance(to, str | Path):
        assert path is not None  # noqa: S101  # for the type checker
        with whole_file(path) as out:
            return _counted(view, form, out, path, where)
    return _counted(view, form, to, None, where)


def _chosen(path: Path | None, format_name: str | None) -> Format:
    if format_name is not None:
        return format_named(format_name, EXPORTS)
    if path is None:
        raise UsageError("an open file has no name that says which format to write", hint="name the format")
    return format_of(path, EXPORTS)


def _counted(view: Rows, form: Format, to: BinaryIO, path: Path | None, where: str | None) -> Export:
    out = _Counted(to)
    made = _Coco(0, None, {}, {})
    if form.name == "coco":
        made = _write_coco(view, form, out, where)
    else:
        made = made._replace(rows=form.write(_rows(view, form), cast("BinaryIO", out)))
    return Export(path, form.name, made.rows, out.written, made.images, made.left_out, made.without_image)


def _rows(view: Rows, form: Format) -> pa.RecordBatchReader:
    if form.name == "ids":
        return view.id_batches()
    return (view if view.has_columns else view.select_all()).batches()


class _Coco(NamedTuple):
    """What of an `Export` COCO has to itself."""

    rows: int
    images: int | None
    left_out: dict[str, int]
    without_image: dict[str, int]


def _write_coco(view: Rows, form: Format, out: Any, where: str | None) -> _Coco:
    import json  # other formats need it not

    sql = view.sql(coco.columns(view.relation))
    with view.engine.gathered(coco.gathering(view.relation, sql.text), sql.params) as gathered:
        left_out = dict(gathered.rows(coco.LEFT_OUT))
        if view.relation is PREDICTIONS:
            return _Coco(form.write(gathered.stream(coco.RESULTS), out), None, left_out, {})
        without_image = dict(gathered.rows(coco.WITHOUT_IMAGE))
        counts = {}
        out.write(b'{"info": ' + json.dumps(_info(view, where), ensure_ascii=False).encode() + b',\n"licenses": []')
        for name, statement in _DATASET.items():
            out.write(f',\n"{name}":\n'.encode())
            counts[name] = form.write(_apart(gathered.stream(statement)), out)
        out.write(b"}\n")
        return _Coco(counts["annotations"], counts["images"], left_out, without_image)


_DATASET = {"categories": coco.CATEGORIES, "images": coco.IMAGES, "annotations": coco.ANNOTATIONS}


def _info(view: Rows, where: str | None) -> dict[str, Any]:
    made = view.snapshot.created_at
    return {
        "description": f"{view.relation.name} where {where or 'true'}",
        "year": made.year,
        "version": view.snapshot.id,
        "contributor": "",
        "url": view.snapshot.domain,
        "date_created": made.isoformat(),
    }


def _apart(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Give the batches of a reader that is sorted by `id`, which no two rows may have.

    Raises
    ------
    EngineError
        Two have: readers would take the one for the other. Of a million it happens once in 18,000 exports.
    """
    import pyarrow as pa  # who has a reader has it
    import pyarrow.compute as pc

    def batches() -> Iterator[pa.RecordBatch]:
        last = pa.array([0], pa.int64())
        for batch in reader:
            ids = pa.concat_arrays([last, batch.column("id")])
            if len(ids) > 1 and not pc.all(pc.less(ids[:-1], ids[1:])).as_py():
                raise EngineError("two images or annotations come to one id", hint="export them in two files")
            last = ids[-1:]
            yield batch

    return pa.RecordBatchReader.from_batches(reader.schema, batches())


class _Counted(io.RawIOBase):
    """Counts what is written to another file, which stays open."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._out.write(data)
        self.written += size
        return size

    def flush(self) -> None:
        self._out.flush()
