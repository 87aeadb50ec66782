"""`metaquery export`: files for other programs, and what is said of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_what_was_written_is_said_with_its_bytes_its_snapshot_and_what_is_unknown(cli: Cli, workspace: Path) -> None:
    told = cli("export", "dark", "-o", "night.ndjson")
    size = (workspace / "night.ndjson").stat().st_size
    assert (told.code, told.out) == (0, "")
    first, *rest = told.err.splitlines()
    assert re.fullmatch(
        rf"Wrote 25 data units to night\.ndjson: ndjson, {size:,} bytes, of snapshot \d{{8}}T\d{{6}}-\d{{9}}\.", first
    )
    assert rest == ["10 more are unknown: dark has no value there (… or dark is null includes them)."]
    assert cli("export", "dark", "-o", "night.ndjson", "-q") == (0, "", "")


def test_it_takes_what_a_query_takes_and_writes_the_same_bytes(cli: Cli, workspace: Path) -> None:
    (workspace / "slow.filter").write_text("speed < :most\n")
    asked = ["--where-file", "slow.filter", "--param", "most=9", "--search", "scene", "--order-by", "speed desc",
             "--limit", "3", "--select", "title,speed"]  # fmt: skip
    assert cli("query", *asked, "-o", "a.csv").code == 0
    assert cli("export", *asked, "-o", "b.csv").code == 0
    assert (workspace / "a.csv").read_bytes() == (workspace / "b.csv").read_bytes()
    assert "Showing 3 of 9 that match; --limit 0 for all." in cli("export", *asked, "-o", "b.csv").err


def test_a_minus_is_standard_output_where_the_format_is_named(cli: Cli, here: Path) -> None:
    told = cli("export", "city = 'Oslo'", "-o", "-", "-f", "ids", "-q")
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[:2] == ["unit-00", "unit-06"]
    assert len(told.out.splitlines()) == 20
    assert json.loads(cli("query", "city = 'Oslo'", "-o", "-", "-f", "json", "-q").out)[0]["city"] == "Oslo"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["dark"], "Missing option '-o'"),
        (["dark", "-o", "-"], "give --format json|"),
        (["dark", "-o", "night.xls"], "end it in .json, "),
        (["dark", "-o", "night.txt", "-f", "table"], "there is no format 'table'"),
        (["dark", "-o", "night", "-f", "parqet"], "did you mean parquet?"),
        (["dark", "-o", "a.txt", "--select", "title"], "ids has columns of its own"),
        (["dark", "-o", "absent/a.csv"], "there is no directory absent"),
        (["drak", "-o", "a.csv"], "did you mean 'dark'?"),
        (["lake", "there", "-o", "a.csv"], "unexpected extra argument"),
    ],
)
def test_what_cannot_be_meant_is_refused(cli: Cli, workspace: Path, line: list[str], words: str) -> None:
    before = sorted(workspace.iterdir())
    told = cli("export", *line)
    assert told.code == 2
    assert words in told.err
    assert sorted(workspace.iterdir()) == before


def test_what_is_no_text_is_not_written_to_a_terminal(cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metaquery.cli.output.sys.stdout.isatty", lambda: True)
    for command in (["export", "-o", "-"], ["query"]):
        told = cli(*command, "-f", "arrow")
        assert told.code == 2
        assert "arrow is no text, and standard output is a terminal" in told.err


def test_what_coco_has_no_place_for_is_said_in_any_case(cli: Cli, workspace: Path) -> None:
    label = {"data_hash": "unit-01", "class": "lane\x1b[2J", "shape": "poly\x1b[2Jline"}
    (workspace / "labels.ndjson").write_text(json.dumps(label))
    assert cli("sync", "--labels", "labels.ndjson").code == 0
    told = cli("export", "-q", "--on", "labels", "-o", "a.coco.json")
    assert told.code == 0
    assert told.err.splitlines() == [
        "1 label left out: 1 (no box: poly\\u{1B}[2Jline).",
        "1 data unit without an image: 1 (no width and height).",
    ]
    assert cli("export", "--fail-empty", "--on", "labels", "-o", "a.coco.json").code == 1
