"""A change of saved filters that is killed leaves the old or the new; processes that change at once lose nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_filters_renamed_or_imported_are_all_there_or_none_and_nothing_is_lost(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.filters_driver", str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert min(found["points"].values()) >= 10
    assert found["shared"] == [
        *(["data", f"mine {n}", "dark"] for n in range(8)),
        *(["data", f"user {n}", f'@"mine {n}"'] for n in range(8)),
    ]
