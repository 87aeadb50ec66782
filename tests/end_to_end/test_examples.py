"""The scripts in `examples/` do what their first lines say."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import start
from tests.unit.python_workspace import KEYS, made

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_units_without_labels_and_with_unsure_predictions_are_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ws = made(tmp_path)
    for _ in range(2):
        run("active_learning.py", str(tmp_path), monkeypatch=monkeypatch)
        assert capsys.readouterr().out == "To label next: 1 chosen\nc.jpg car 0.2\n"
    assert ws.collections.get("To label next").data_hashes() == ["u3"]


def test_a_wrong_schema_is_repaired_in_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ws = made(tmp_path)
    ws.schema.keep({**KEYS, "city": "datetime"})
    ws.rematerialise()
    assert ws.data.filter("city is invalid").count() == 4
    run("schema_repair.py", str(tmp_path), monkeypatch=monkeypatch)
    assert "city has a value in 4 data units now" in capsys.readouterr().out
    assert ws.data.filter("city = 'Paris'").count() == 2


def test_collections_are_made_anew_and_sent_each_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(units=40, key_out=tmp_path / "key", with_schema=True) as server:
        ws = metaquery.open(tmp_path)
        ws.connect(server.url, key_file=server.key_file)
        for _ in range(2):
            run("nightly_collections.py", str(tmp_path), monkeypatch=monkeypatch)
            first, second = capsys.readouterr().out.splitlines()
            assert first.startswith("Night, in the rain: ")
            assert second.endswith(" 0 failed")
        assert [pushed.title for pushed in ws.pushes.log()].count("Fast") == 1
        assert ws.collections.get("Fast").members == ws.data.filter("speed > 50").count() > 0
