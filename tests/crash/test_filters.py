"""A change of saved filters that is killed leaves the old or the new; processes that change at once lose nothing."""

from __future__ import annotations

from pathlib import Path

from .driven import driven


def test_filters_renamed_or_imported_are_all_there_or_none_and_nothing_is_lost(tmp_path: Path) -> None:
    found = driven("filters_driver", tmp_path)
    assert found["wrong"] == []
    assert min(found["points"].values()) >= 10
    assert found["shared"] == [
        *(["data", f"mine {n}", "dark"] for n in range(8)),
        *(["data", f"user {n}", f'@"mine {n}"'] for n in range(8)),
    ]
