"""A session of Spark Connect is as good as a classic one."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import metaquery
from tests.budget import whole
from tests.unit.test_lake import directory, ws

from .sessions import lacking

__all__ = ["directory", "ws"]


@pytest.mark.skipif(not whole(), reason="a server of its own takes half a minute: make test-spark-whole")
def test_a_lake_is_asked_by_spark_connect(ws: metaquery.Workspace, directory: Path) -> None:
    needed = lacking() or (find_spec("grpc") is None and "gRPC is not installed: pip install 'pyspark[connect]'")
    if needed:
        pytest.skip(f"NO SPARK CONNECT, so nothing of it is proved: {needed}")
    command = [sys.executable, "-m", "tests.spark.connected", str(directory), str(ws.layout.home)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.stdout.endswith("connected\n"), done.stderr[-4000:]
