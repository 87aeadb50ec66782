"""An import of a schema that is killed leaves the old schema or the new one, and a history that says which."""

import json
import subprocess
import sys
from pathlib import Path

from metaquery.sandbox import start


def test_a_killed_import_leaves_the_old_or_the_new_schema_and_its_history_says_which(tmp_path: Path) -> None:
    with start(units=4, key_out=tmp_path / "key") as server:
        done = subprocess.run(
            [sys.executable, "-m", "tests.crash.schema_driver", server.url, str(server.key_file), str(tmp_path)],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["killed"] >= 8
