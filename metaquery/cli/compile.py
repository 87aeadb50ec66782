"""`metaquery compile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from metaquery.cli.arranging import Arranged, arranging_options
from metaquery.cli.asking import Asked, filter_argument
from metaquery.cli.options import (
    as_of_option,
    lake_option,
    on_option,
    open_asked,
    time_zone_option,
    view_here,
    workspace_option,
)

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.language import Sql

__all__ = ["compile_filter"]

_NAMED = {"duckdb": "{0}", "spark": "p{0}"}
"""What a dialect calls its parameters."""


@click.command("compile", short_help="Write a filter as SQL of DuckDB or Spark, for a job of your own.")
@filter_argument
@click.option("--dialect", type=click.Choice(list(_NAMED)), default="duckdb", show_default=True, help="Whose SQL.")
@on_option
@arranging_options("Without it there are all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: sql, parameters, columns, dialect.")
@as_of_option
@lake_option
@time_zone_option
@workspace_option
def compile_filter(
    asked: Asked,
    dialect: str,
    on: str,
    arranged: Arranged,
    as_json: bool,
    as_of: str | None,
    lake: Path | None,
    time_zone: str,
    workspace: Path | None,
) -> None:
    """Write EXPRESSION as a statement over the tables that metaquery export lake writes, and its parameters.

    Nothing runs. Bind the parameters, as they are no part of the text: spark.sql(sql, args=parameters) in a session
    whose time zone is UTC; connection.execute(sql, parameters) in DuckDB. What has no form on Spark that is known to
    mean the same is an error.

    \b
    Examples:
      metaquery compile --dialect spark "dark and speed > 50"
      metaquery compile --dialect spark --json --select data_hash "any label(class = 'car')" > cars.json
    """
    asked.check()
    view = arranged.of(asked.of(view_here(open_asked(workspace, lake, time_zone=time_zone), on, as_of), ordered=True))
    sql = view.sql(dialect=dialect)
    click.echo(_json(sql, dialect) if as_json else _text(sql, dialect))


def _text(sql: Sql, dialect: str) -> str:
    from metaquery.explanation import parameter_text

    named = _NAMED[dialect]
    told = [f"-- {named.format(place)}: {parameter_text(value)}" for place, value in enumerate(sql.params, 1)]
    return "\n".join([sql.text, *told])


def _json(sql: Sql, dialect: str) -> str:
    import json

    values = [value.isoformat() if hasattr(value, "isoformat") else value for value in sql.params]
    by_name = {f"p{place}": value for place, value in enumerate(values, 1)}
    parameters = values if dialect == "duckdb" else by_name
    document = {"dialect": dialect, "sql": sql.text, "parameters": parameters, "columns": list(sql.names)}
    return json.dumps(document, ensure_ascii=False)
