"""`docs/saved-filters.md` prints what it shows, run command by command; the official SDK reads the presets."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

encord = pytest.importorskip("encord")

import metaquery  # noqa: E402
from metaquery.cli.root import _run  # noqa: E402
from metaquery.errors import PresetError, UsageError  # noqa: E402
from metaquery.sandbox import start  # noqa: E402

from .pages import commands, comparable  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*")

PAGE = (Path(__file__).parents[2] / "docs" / "saved-filters.md").read_text(encoding="utf-8")

PROJECT = "Street scenes Europe"


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[metaquery.Workspace, Any]]:
    """A synced workspace and the official SDK, which has made a preset of its own, on one sandbox."""
    home = tmp_path_factory.mktemp("server")
    with start(units=60, key_out=home / "key", schema_out=home / "schema.json") as process:
        user = encord.EncordUserClient.create_with_ssh_private_key(
            ssh_private_key_path=process.key_file, domain=process.url
        )
        strange = {"global_filters": {"filters": [{"metric": "blur", "above": 0.5}]}}
        user.create_preset("Blurry", filter_preset_json=strange, description="Made by hand")
        workspace = metaquery.open(tmp_path_factory.mktemp("workspace"))
        workspace.connect(process.url, key_file=process.key_file)
        workspace.schema.set(json.loads((home / "schema.json").read_text()))
        workspace.sync(projects=[PROJECT])
        yield workspace, user


def told(text: str) -> list[str]:
    """Return the lines of an output, without what differs from run to run."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", comparable(text)).splitlines()


def test_the_page_prints_what_it_shows(
    connected: tuple[metaquery.Workspace, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = connected
    monkeypatch.chdir(workspace.layout.root)
    shown = commands(PAGE)
    assert len(shown) == 21
    for command, printed in shown:
        words = shlex.split(command)
        if words[0] == "echo":
            Path(words[3]).write_text(f"{words[1]}\n")
        elif words[0] == "cat":
            assert Path(words[1]).read_text() == printed.rstrip("\n") + "\n"
        else:
            code = _run(words[1:])
            done = capsys.readouterr()
            assert told(done.out + done.err) == told(printed), command
            assert (code > 0) == printed.startswith("error:")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(code, "saved-filters.md", "exec"), {})  # noqa: S102
    assert workspace.filters.get("slippery there", "data").text == "weather in ('rain', 'snow')"


def test_the_official_sdk_reads_what_was_pushed(connected: tuple[metaquery.Workspace, Any]) -> None:
    workspace, user = connected
    workspace.filters.save("slow", "data", "speed < 20")
    made = workspace.filters.push("slow")
    preset = user.get_filter_preset(made.uuid)
    assert (preset.name, preset.description) == ("slow", "A filter of metaquery, on data")
    (entry,) = preset.get_filter_preset_json().global_filters.filters
    assert entry == {"metaquery": {"language": 1, "on": "data", "filter": "speed < 20"}}
    assert workspace.filters.push("slow") == made
    workspace.filters.save("slow", "data", "speed < 30", replace=True)
    with pytest.raises(UsageError, match="already, with another filter"):
        workspace.filters.push("slow")
    assert workspace.filters.push("slow", replace=True).uuid == made.uuid
    (entry,) = user.get_filter_preset(made.uuid).get_filter_preset_json().global_filters.filters
    assert entry["metaquery"]["filter"] == "speed < 30"


def test_the_official_sdk_reads_what_was_pushed_to_a_project(connected: tuple[metaquery.Workspace, Any]) -> None:
    workspace, user = connected
    workspace.filters.save("big", "labels", "class = 'bus'")
    with pytest.raises(UsageError, match="presets of the Index are of storage items"):
        workspace.filters.push("big", "labels")
    made = workspace.filters.push("big", "labels", project=PROJECT)
    project = user.get_project(next(iter(user.list_projects(title_eq=PROJECT))).project_hash)
    preset = project.get_filter_preset(made.uuid)
    assert preset.name == "big"
    assert preset.get_filter_preset_json().global_filters.filters[0]["metaquery"]["on"] == "labels"
    workspace.filters.save("big", "labels", "class = 'truck'", replace=True)
    workspace.filters.push("big", "labels", project=PROJECT, replace=True)
    done = workspace.filters.import_preset(made.uuid, called="big there", project=PROJECT)
    assert [(f.relation, f.text) for f in done.new] == [("labels", "class = 'truck'")]


def test_a_preset_is_checked_like_a_file(connected: tuple[metaquery.Workspace, Any]) -> None:
    workspace, user = connected
    kept = {"language": 1, "on": "data", "filter": "dark and\n sped > 1"}
    both = {"global_filters": {"filters": [{"metaquery": kept}]}}
    user.create_preset("elsewhere", filter_preset_json=both)
    with pytest.raises(UsageError, match="preset 'elsewhere', line 2, column 2: unknown field 'sped'"):
        workspace.filters.import_preset("elsewhere")
    user.create_preset("elsewhere", filter_preset_json=both)
    with pytest.raises(UsageError, match="2 presets in the Index are called 'elsewhere'"):
        workspace.filters.import_preset("elsewhere")
    with pytest.raises(PresetError, match="not understood"):
        workspace.filters.import_preset("Blurry", replace=True)
