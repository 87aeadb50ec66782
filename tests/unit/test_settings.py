"""Settings: precedence, sources, units, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.errors import SettingsError
from metaquery.settings import KeySource, Origin, Settings, key_source, merged
from metaquery.user_directories import cache_directory, config_directory, state_directory
from tests.budget import cases


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory of projects, and the user's own files beside it."""
    (tmp_path / "config" / "metaquery").mkdir(parents=True)
    (tmp_path / "project" / "deep").mkdir(parents=True)
    return tmp_path


def read(home: Path, environ: dict[str, str] | None = None, **arguments: Any) -> Settings:
    environ = {"XDG_CONFIG_HOME": str(home / "config"), **(environ or {})}
    return Settings.read(environ, start=home / "project" / "deep", **arguments)


def test_an_argument_beats_the_environment_that_the_project_that_the_user_and_that_the_default(home: Path) -> None:
    user, project = home / "config/metaquery/config.toml", home / "project/metaquery.toml"
    user.write_text("page_rows = 1\ntimeout_s = 1\nthreads = 1\nconnections = 1\n")
    project.write_text("page_rows = 2\ntimeout_s = 2\nthreads = 2\n")
    environ = {"METAQUERY_PAGE_ROWS": "3", "METAQUERY_TIMEOUT_S": "3"}
    settings = read(home, environ, page_rows=4, threads=None)
    found = {name: (getattr(settings, name), settings.origin(name)) for name in settings.names()}
    assert found["page_rows"] == (4, Origin("argument"))
    assert found["timeout_s"] == (3.0, Origin("environment", "METAQUERY_TIMEOUT_S"))
    assert found["threads"] == (2, Origin("project file", str(project)))
    assert found["connections"] == (1, Origin("user file", str(user)))
    assert found["memory_mb"] == (0, Origin("default"))


KINDS = ("user file", "project file", "environment", "argument")


@given(st.lists(st.dictionaries(st.sampled_from(Settings.names()), st.integers()), min_size=4, max_size=4))
@cases(60)
def test_each_value_is_that_of_the_last_level_that_has_one(levels: list[dict[str, int]]) -> None:
    layers = [{n: (v, Origin(kind)) for n, v in level.items()} for kind, level in zip(KINDS, levels, strict=True)]
    values, origins = merged(layers)
    assert set(values) == set(itertools.chain(*levels))
    for name, value in values.items():
        level = max(place for place, level in enumerate(levels) if name in level)
        assert (value, origins[name].kind) == (levels[level][name], KINDS[level])


def test_the_nearest_project_file_counts_and_its_paths_are_from_where_it_lies(home: Path) -> None:
    (home / "metaquery.toml").write_text("page_rows = 2\nthreads = 2\n")
    (home / "project/metaquery.toml").write_text('workspace = "units"\npage_rows = 3\n')
    settings = read(home)
    assert (settings.workspace, settings.page_rows, settings.threads) == (home / "project/units", 3, 0)


def test_an_empty_variable_sets_nothing_but_an_empty_pager_is_none(home: Path) -> None:
    settings = read(home, {"METAQUERY_PAGE_ROWS": "", "METAQUERY_WORKSPACE": "", "METAQUERY_PAGER": ""})
    assert (settings.page_rows, settings.workspace, settings.pager) == (1_000, None, "")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("No", False), ("off", False)])
def test_a_switch_of_the_environment_is_read_in_words(text: str, value: bool) -> None:
    assert Settings.read({"METAQUERY_OFFLINE": text}).offline is value


def test_an_unknown_variable_is_named_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean METAQUERY_PAGE_ROWS"):
        Settings.read({"METAQUERY_PAGE_ROW": "1"})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("page_row = 1", "'page_row' is not a setting of metaquery\ndid you mean page_rows?"),
        ("[sync]\npage_rows = 1", "'sync' is not a setting of metaquery"),
        ('encord_ssh_key = "text"', "'encord_ssh_key' is not a setting"),
        ('page_rows = "1"', "page_rows is '1', and has to be a whole number"),
        ("page_rows = true", "page_rows is True, and has to be a whole number"),
        ('timeout_s = "1"', "has to be a number"),
        ("offline = 1", "has to be true or false"),
        ("workspace = 1", "has to be a text"),
        ("page_rows = 0", "page_rows is 0, and has to be from 1 to 1,000"),
        ("page_rows", "is no TOML"),
        ('pager = "curl"', "a project's file cannot set pager, as that is a program to start"),
    ],
)
def test_what_a_file_may_not_say_is_refused_with_its_path(home: Path, content: str, words: str) -> None:
    file = home / "project/metaquery.toml"
    file.write_text(content)
    with pytest.raises(SettingsError) as refused:
        read(home)
    assert words in str(refused.value)
    assert str(file) in str(refused.value)


def test_configuration_cache_and_state_lie_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = {"CONFIG": config_directory, "CACHE": cache_directory, "STATE": state_directory}
    monkeypatch.setenv("HOME", str(tmp_path))
    environ = {f"XDG_{name}_HOME": f"/somewhere/{name}" for name in find}
    assert [str(each(environ)) for each in find.values()] == [f"/somewhere/{name}/metaquery" for name in find]
    usual = [str(tmp_path / each / "metaquery") for each in (".config", ".cache", ".local/state")]
    assert [str(each({})) for each in find.values()] == usual
    assert [str(each(dict.fromkeys(environ, "not/absolute"))) for each in find.values()] == usual


def test_the_users_own_file_may_set_the_pager(home: Path) -> None:
    (home / "config/metaquery/config.toml").write_text('pager = "more"\n')
    assert read(home).pager == "more"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PAGE_ROWS", "many"),
        ("PAGE_ROWS", "0"),
        ("CONNECTIONS", "99"),
        ("TIMEOUT_S", "nan"),
        ("TIMEOUT_S", "-1"),
        ("OFFLINE", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"METAQUERY_{variable}"):
        Settings.read({f"METAQUERY_{variable}": value})


def test_the_key_is_found_as_the_official_sdk_finds_it() -> None:
    environ = {"ENCORD_SSH_KEY_FILE": "~/key", "ENCORD_SSH_KEY": "text"}
    assert key_source("/given", environ) == KeySource("the key file", Path("/given"))
    assert key_source(None, environ) == KeySource("ENCORD_SSH_KEY_FILE", Path("~/key").expanduser())
    del environ["ENCORD_SSH_KEY_FILE"]
    found = key_source(None, environ)
    assert found is not None
    assert found.text() == "text"
    assert key_source(None, {}) is None


def test_a_keys_text_is_not_in_its_repr() -> None:
    found = key_source(None, {"ENCORD_SSH_KEY": "very secret"})
    assert "very secret" not in repr(found)
    mistaken = key_source(None, {"ENCORD_SSH_KEY_FILE": "-----BEGIN\nvery secret\n-----END"})
    assert "very secret" not in repr(mistaken)


@pytest.mark.parametrize(("mode", "told"), [(0o600, None), (0o400, None), (0o644, "mode 0644"), (0o660, "mode 0660")])
def test_a_key_file_that_others_may_read_is_noticed(tmp_path: Path, mode: int, told: str | None) -> None:
    file = tmp_path / "key"
    file.touch()
    file.chmod(mode)
    assert KeySource("the key file", file).exposed() == told
    assert KeySource("the key file", tmp_path / "absent").exposed() is None
