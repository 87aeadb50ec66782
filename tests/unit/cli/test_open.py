"""`metaquery open`: one data unit for people and for scripts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_all_of_a_unit_is_shown(cli: Cli, workspace: Path) -> None:
    (workspace / "labels.ndjson").write_text(
        "".join(json.dumps({"data_hash": "unit-04", "class": "car", "frame": n}) + "\n" for n in range(21))
    )
    assert cli("sync", "--labels", "labels.ndjson").code == 0
    told = cli("open", "scene_04.jpg")
    assert (told.code, told.err) == (0, "")
    assert re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", re.sub(r"\d{4}-\d\d-\d\d \S+", "AT", told.out)) == SHOWN
    assert cli("open", "unit-04") == told
    assert cli("open", "2", "--dataset", "South") == told


SHOWN = """\
scene_04.jpg
Snapshot SNAPSHOT.

data_hash      unit-04
title          scene_04.jpg
dataset_hash   South
dataset_title  South
projects       –
index          2

Client metadata: 3 keys
city   STRING   "Paris"
speed  NUMBER   4
dark   BOOLEAN  true

21 labels
class  frame  last_frame
""" + "".join(f"car    {n:<5}  {n}\n" for n in range(20)) + """\
… and 1 more; --json has all.

0 predictions

In 1 Collection: Night drives

History
AT UTC  SNAPSHOT  added
"""  # fmt: skip


def test_scripts_get_one_object(cli: Cli, here: Path) -> None:
    told = cli("open", "unit-04", "--json")
    found = json.loads(told.out)
    assert (told.code, told.err) == (0, "")
    assert [value["text"] for value in found["metadata"]] == ['"Paris"', "4", "true"]
    assert found["fields"]["dataset_title"] == "South"
    assert (found["gone"], found["collections"], len(found["history"])) == (None, ["Night drives"], 1)


def test_a_unit_that_is_gone_is_shown_with_when_and_what_changed(cli: Cli, workspace: Path) -> None:
    rows = (workspace / "units.ndjson").read_text().splitlines(keepends=True)
    rows[4] = rows[4].replace('"Paris"', '"\\u001b[2Jx"').replace('"speed": 4', '"speed": "four", "note": 1')
    (workspace / "units.ndjson").write_text("".join(rows))
    assert cli("sync", "--from", "units.ndjson").code == 0
    shown = cli("open", "unit-04").out
    assert "\x1b" not in shown
    words = " ".join(shown.split())
    assert 'speed NUMBER "four" invalid: it has to be a number note NUMBER 1 outside the schema' in words
    assert 'changed city "Paris" → "\\u001b[2Jx" speed 4 → "four" note nothing → 1' in words
    (workspace / "units.ndjson").write_text("".join(rows[:4] + rows[5:]))
    assert cli("sync", "--from", "units.ndjson").code == 0
    gone = cli("open", "unit-04")
    assert gone.code == 0
    assert re.search(r"^Gone since \S+ \S+ UTC  \S+; this is how it was last\.$", gone.out, re.MULTILINE)
    assert gone.out.rstrip().endswith("removed")
    assert 'speed  NUMBER   "four"' in gone.out


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["scene_4.jpg"], 1, "did you mean 'scene_04.jpg'?"),
        (["Unit-04"], 1, "did you mean 'unit-04'?"),
        (["3"], 2, "say which: --dataset TITLE"),
        ([], 2, "Missing argument 'UNIT'"),
        (["unit-04", "--as-of", "2001-01-01"], 1, "there was no snapshot by 2001-01-01"),
    ],
)
def test_what_cannot_be_found_is_told_as_for_the_other_commands(
    cli: Cli, here: Path, line: list[str], code: int, words: str
) -> None:
    told = cli("open", *line)
    assert (told.code, told.out) == (code, "")
    assert words in told.err
