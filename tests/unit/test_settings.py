"""Settings: precedence, units, and what is refused."""

from pathlib import Path

import pytest

from metaquery.errors import SettingsError
from metaquery.settings import KeySource, Settings, key_source


def test_an_argument_beats_the_environment_and_that_beats_the_default() -> None:
    environ = {"METAQUERY_PAGE_ROWS": "200", "METAQUERY_TIMEOUT_S": "1.5"}
    settings = Settings.read(environ, page_rows=50, threads=None)
    assert (settings.page_rows, settings.timeout_s, settings.connections) == (50, 1.5, 4)


def test_an_unknown_variable_is_named_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean METAQUERY_PAGE_ROWS"):
        Settings.read({"METAQUERY_PAGE_ROW": "1"})


@pytest.mark.parametrize(("variable", "value"), [("PAGE_ROWS", "many"), ("PAGE_ROWS", "0"), ("CONNECTIONS", "99")])
def test_a_value_that_cannot_be_used_is_refused(variable: str, value: str) -> None:
    with pytest.raises(SettingsError):
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
