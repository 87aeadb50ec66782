"""Predictions of anybody's model, from a file, on the data units of a server."""

from __future__ import annotations

import json
from pathlib import Path

from encord import EncordUserClient

import metaquery
from metaquery.sandbox import SandboxProcess

from .conftest import Terminal

PROJECT = ("--project", "Street scenes Europe")


def predictions(path: Path, units: list[tuple[str, int]]) -> Path:
    """Two boxes a unit: one on its first frame, one on its last."""
    rows = [
        {"data_hash": unit, "class": name, "confidence": confidence, "model": "ours", "frame": frame,
         "prediction_hash": f"{unit}-{name}", "x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2}
        for unit, frames in units
        for name, confidence, frame in (("lorry", 0.9, 0), ("bicycle", 0.2, frames - 1))
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_model_s_predictions_stay_on_the_server_s_units_whatever_is_synced_afterwards(
    server: SandboxProcess, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("sync", *PROJECT, "-q")
    workspace = metaquery.open(tmp_path)
    theirs = workspace.predictions.count()
    videos = workspace.data.filter("frames > 1").select("data_hash", "frames").limit(2)
    images = (
        workspace.data.filter("data_type = 'image' and dataset_title = 'Street scenes north'")
        .select("data_hash", "frames")
        .limit(3)
    )
    units = [(row["data_hash"], row["frames"] or 1) for view in (videos, images) for row in view.to_arrow().to_pylist()]
    assert len(units) == 5

    report = terminal.run("sync", "--predictions", str(predictions(tmp_path / "model.ndjson", units))).stdout
    assert "expected 10 rows, got 10, rejected 0" in report
    assert "Kept as they were: Street scenes" in report
    mine = workspace.predictions.filter("model = 'ours'")
    assert (mine.count(), workspace.predictions.count()) == (10, theirs + 10)
    last = mine.filter("class = 'bicycle' and frame > 0 and confidence < 0.5").select("data_hash", "frame")
    assert {(row["data_hash"], row["frame"] + 1) for row in last.to_arrow().to_pylist()} == set(units[:2])
    assert workspace.data.filter("any prediction(model = 'ours' and class = 'lorry')").count() == 5

    sdk = EncordUserClient.create_with_ssh_private_key(server.key_file.read_text(), domain=server.url)
    (north,) = sdk.get_datasets(title_eq="Street scenes north")
    dataset = sdk.get_dataset(north["dataset"].dataset_hash)
    gone = units[-1][0]
    dataset.delete_data([gone])
    report = terminal.run("sync", *PROJECT).stdout
    assert "1 removed" in report
    assert "2 annotations left out: their data unit is not there." in report
    assert workspace.predictions.filter("model = 'ours'").count() == 8
