"""The session of Spark that tests ask, and others in the same process with settings of their own."""

from __future__ import annotations

import logging
import shutil
import warnings
from importlib.util import find_spec
from os import environ
from pathlib import Path
from typing import Any

__all__ = ["lacking", "other", "start"]

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "localhost",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.buffer.pageSize": "256k",  # as a join takes one at least, and a statement here has dozens of joins
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",  # to compile Java takes ten times as long as to answer for thirty rows
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


def lacking() -> str | None:
    """Return what is not there that Spark needs; None where nothing is."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed: pip install 'metaquery[spark]'"
    if shutil.which("java") is None and not (Path(environ.get("JAVA_HOME", "")) / "bin" / "java").exists():
        return "there is no Java: install a JDK, 17 or later, or say by JAVA_HOME where it is"
    return None


def start() -> Any:
    """Return a new session on two threads of this machine."""
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)  # writes what it raises to standard error
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master("local[2]")
        for name, value in _SETTINGS.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")  # what goes wrong comes to Python as an error
        session.range(1).toArrow()  # imports what warns, here and now
        return session


def other(session: Any, **settings: str) -> Any:
    """Return a session whose settings and views are its own; `ansi_enabled="false"` sets `spark.sql.ansi.enabled`."""
    found = session.newSession()
    own = {name: value for name, value in _SETTINGS.items() if name.startswith("spark.sql.")}
    for name, value in (own | {f"spark.sql.{name}": value for name, value in settings.items()}).items():
        found.conf.set(name, value)
    return found
