"""The cases of `grammar/cases`, asked of the fixture exported as a lake: by the same SQL, the same rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .fixture import lake_engine_over
from .language import compiled, ids, metadata_schema, unknown
from .test_language import ACCEPTED


class OneSession:
    """Runs every statement in one session: views over Parquet take longer to make than most cases to run."""

    def __init__(self, folder: Path) -> None:
        self._engine = lake_engine_over(folder, metadata_schema())
        self._session = self._engine._session("data labels predictions rejects members tags")

    def rows(self, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self._session.execute(text, parameters).fetchall()


def test_a_lake_gives_the_rows_and_the_unknown_ones_that_the_snapshot_gives(tmp_path: Path) -> None:
    engine: Any = OneSession(tmp_path)
    wrong = []
    for block in (param.values[0] for param in ACCEPTED):
        query = compiled(block)
        found = ids(query, engine, ordered=block.is_view), unknown(query, engine)
        if found != (json.loads(block.outcome["ids"]), int(block.outcome["unknown"])):
            wrong.append((block.text, found))
    assert wrong == []
