"""An import of a schema that is killed leaves the old schema or the new one, and a history that says which."""

from pathlib import Path

from metaquery.sandbox import start

from .driven import driven


def test_a_killed_import_leaves_the_old_or_the_new_schema_and_its_history_says_which(tmp_path: Path) -> None:
    with start(units=4, key_out=tmp_path / "key") as server:
        found = driven("schema_driver", server.url, server.key_file, tmp_path)
    assert found["wrong"] == []
    assert found["killed"] >= 8
