"""The spool: a page is durable before the checkpoint counts it, and a dead run is gone on with."""

from pathlib import Path

import pytest

from metaquery.errors import CorruptSpool
from metaquery.store.durable import read_json
from metaquery.store.spool import Spool


def test_an_unfinished_generation_is_resumed_with_its_pages(tmp_path: Path) -> None:
    spool = Spool.resume_or_start(tmp_path / "part")
    spool.append("rows", b"[1]", received=1, position=1, expected=2)
    again = Spool.resume_or_start(tmp_path / "part")
    assert again.folder == spool.folder
    assert again.checkpoint == spool.checkpoint
    assert list(again.bodies("rows")) == [b"[1]"]


def test_a_complete_generation_is_never_written_again(tmp_path: Path) -> None:
    spool = Spool.resume_or_start(tmp_path / "part")
    spool.append("rows", b"[1]")
    spool.advance(complete=True)
    assert Spool.resume_or_start(tmp_path / "part").folder != spool.folder


def test_a_generation_that_a_snapshot_serves_from_is_spared(tmp_path: Path) -> None:
    spool = Spool.resume_or_start(tmp_path / "part")
    spool.append("rows", b"[1]")
    assert Spool.resume_or_start(tmp_path / "part", spare=[spool.folder.name]).folder != spool.folder


def test_a_generation_of_another_day_is_begun_anew(tmp_path: Path) -> None:
    old = tmp_path / "part" / "20200101T000000-abcd"
    old.mkdir(parents=True)
    Spool(old).append("rows", b"[1]")
    assert Spool.resume_or_start(tmp_path / "part").folder != old


def test_a_page_beyond_the_checkpoint_is_written_over(tmp_path: Path) -> None:
    """A crash between page and checkpoint leaves one page too many; it must not be counted twice."""
    spool = Spool.resume_or_start(tmp_path / "part")
    spool.append("rows", b"[1]")
    (spool.folder / "rows-000001.json.zst").write_bytes(b"[half")
    again = Spool.resume_or_start(tmp_path / "part")
    again.append("rows", b"[2]")
    assert list(again.bodies("rows")) == [b"[1]", b"[2]"]


def test_pages_and_what_they_stand_for_move_in_one_step(tmp_path: Path) -> None:
    """Two replacements would let a crash between them count a batch's pages and ask for the batch again."""
    spool = Spool.resume_or_start(tmp_path / "part")
    spool.append("rows", b"[1]", b"[2]", position=2, received=2)
    written = read_json(spool.folder / "checkpoint.json")
    assert (written["pages"], written["position"], written["received"]) == ({"rows": 2}, 2, 2)


def test_a_page_that_is_gone_is_named(tmp_path: Path) -> None:
    spool = Spool.resume_or_start(tmp_path / "part")
    spool.append("rows", b"[1]")
    (spool.folder / "rows-000000.json.zst").unlink()
    with pytest.raises(CorruptSpool, match="rows-000000"):
        spool.files("rows")


def test_generations_sort_in_the_order_in_which_they_were_begun_whatever_the_clock_says(tmp_path: Path) -> None:
    begun = []
    for _ in range(5):
        spool = Spool.resume_or_start(tmp_path / "part")
        spool.advance(complete=True)
        begun.append(spool.folder.name)
    ahead = tmp_path / "part" / "29990101T000000-000000000"
    ahead.mkdir()
    later = Spool.resume_or_start(tmp_path / "part").folder.name
    assert sorted([*begun, ahead.name, later]) == [*begun, ahead.name, later]
