"""`metaquery config`: each value with its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a project's file, and one below it that we are in."""
    (tmp_path / "below").mkdir()
    (tmp_path / "metaquery.toml").write_text("page_rows = 500\n")
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("METAQUERY_THREADS", "2")
    for name in ("ENCORD_SSH_KEY_FILE", "ENCORD_SSH_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_each_value_is_printed_with_its_source(cli: Cli, project: Path) -> None:
    told = cli("config", "-w", "w", "--offline")
    found = {line.split()[0]: line.split()[1:] for line in told.out.splitlines()}
    assert found["workspace"] == ["w", "--workspace"]
    assert found["threads"] == ["2", "METAQUERY_THREADS"]
    assert found["page_rows"] == ["500", str(project / "metaquery.toml")]
    assert found["offline"] == ["true", "--offline"]
    assert found["connections"] == ["4", "default"]
    assert (told.code, told.err) == (0, "")


def test_scripts_get_the_same_as_json(cli: Cli, project: Path) -> None:
    found = json.loads(cli("config", "--json").out)
    assert found["threads"] == {"value": 2, "source": "environment", "place": "METAQUERY_THREADS"}
    assert found["page_rows"]["source"] == "project file"
    assert found["workspace"] == {"value": None, "source": "default", "place": None}


def test_locate_says_where_the_files_are_and_which_is_not_there(cli: Cli, project: Path) -> None:
    mine = project / "config/metaquery/config.toml"
    project_line, user_line = cli("config", "--locate").out.splitlines()
    assert project_line.split() == ["project", str(project / "metaquery.toml")]
    assert user_line.split(maxsplit=2) == ["user", str(mine), "not there"]
    found = json.loads(cli("config", "--locate", "--json").out)
    assert found["user"] == {"path": str(mine), "exists": False}
    assert found["project"] == {"path": str(project / "metaquery.toml"), "exists": True}


def test_the_text_of_a_key_is_not_shown(cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCORD_SSH_KEY", "very secret")
    told = cli("config")
    assert "ENCORD_SSH_KEY" in told.out
    assert "secret" not in told.out + cli("config", "--json").out


def test_an_unknown_setting_is_named_with_the_nearest_and_exits_with_2(
    cli: Cli, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METAQUERY_PAGE_ROW", "1")
    told = cli("config")
    assert told.code == 2
    assert told.err == "error: METAQUERY_PAGE_ROW is not a setting of metaquery\ndid you mean METAQUERY_PAGE_ROWS?\n"
