"""A file is copied by a thread of its own, wherever it lies, and who waits for it hears of what went wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import NoReturn

import pytest

from metaquery.store import copying as module
from metaquery.store.copying import copying


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(os.urandom(300_000))
    return path


def test_the_copy_is_whole_and_then_durable(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 1_000)
    with copying(source, tmp_path / "copy") as copy:
        copy.whole()
        assert (tmp_path / "copy").read_bytes() == source.read_bytes()
        copy.durable()


def test_a_file_system_that_cannot_copy_by_itself_is_read_and_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "copy_file_range", refuse)
    with copying(source, tmp_path / "copy") as copy:
        copy.durable()
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()


def test_what_went_wrong_is_told_to_who_waits(source: Path, tmp_path: Path) -> None:
    with copying(source, tmp_path / "no folder" / "copy") as copy:
        with pytest.raises(FileNotFoundError):
            copy.whole()
        with pytest.raises(FileNotFoundError):
            copy.durable()


def test_nothing_is_written_to_a_copy_that_was_given_up(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 1)
    with copying(source, tmp_path / "copy"):
        pass
    left = (tmp_path / "copy").read_bytes()
    assert len(left) < source.stat().st_size
    (tmp_path / "copy").write_bytes(b"typed anew")
    assert (tmp_path / "copy").read_bytes() == b"typed anew"
