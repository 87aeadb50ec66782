"""Where each convention of the faces is tested: the table in `tests/README.md` names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROWS = re.findall(r"^\| (\d+) \| .+ \| `(.+)::(.+)` \|$", (ROOT / "tests" / "README.md").read_text(), re.MULTILINE)


def test_each_point_is_named_once_with_a_test_that_is_there() -> None:
    points = [int(number) for number, _, _ in ROWS]
    assert points == sorted(set(points))
    assert set(points) <= set(range(1, 63))
    assert len(points) > 30
    for number, file, name in ROWS:
        names = {
            node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.FunctionDef)
        }
        assert name in names, f"point {number}"
