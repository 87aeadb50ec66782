"""What a command does not need is not imported: a cold start is felt on each command.

import-linter checks who may import what; only a fresh process shows what is imported when.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import metaquery
from metaquery.sandbox import SandboxProcess

HEAVY = {"click", "duckdb", "httpx", "lark", "prompt_toolkit", "pyarrow", "pyspark", "rich", "starlette", "msgspec"}


OPTIONAL = {"metaquery.language.cql2_json", "metaquery.language.words"}
"""Parts of ours that most commands do without."""


def modules(code: str, cwd: Path) -> set[str]:
    report = "\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code + report], cwd=cwd, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def imported(code: str, cwd: Path) -> set[str]:
    found = modules(code, cwd)
    return {name.partition(".")[0] for name in found} & HEAVY | found & OPTIONAL


def command(*arguments: str) -> str:
    return (
        f"import sys\nfrom metaquery.cli.root import _run\nassert _run({list(arguments)!r}) == 0, 'the command failed'"
    )


def test_importing_metaquery_costs_nothing(tmp_path: Path) -> None:
    assert imported("import metaquery", tmp_path) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []])
def test_help_imports_click_alone(tmp_path: Path, arguments: list[str]) -> None:
    assert imported(command(*arguments), tmp_path) == {"click"}


def test_counting_imports_neither_http_nor_arrow(sandbox: SandboxProcess, tmp_path: Path) -> None:
    workspace = metaquery.open(tmp_path)
    workspace.connect(sandbox.url, key_file=sandbox.key_file)
    workspace.sync(datasets=["Street scenes north"])
    assert imported(command("count", "city = 'Oslo'"), tmp_path) == {"click", "duckdb", "lark"}


def test_a_count_in_python_imports_what_it_needs_of_ours_alone(sandbox: SandboxProcess, tmp_path: Path) -> None:
    workspace = metaquery.open(tmp_path)
    workspace.connect(sandbox.url, key_file=sandbox.key_file)
    workspace.sync(datasets=["Street scenes north"])
    found = modules("import metaquery\nmetaquery.open().data.filter(\"city = 'Oslo'\").count()", tmp_path)
    rooms = ("collection", "saved_filters", "connections", "sync", "wire", "language.mistakes", "store.evidence")
    assert not found & {f"metaquery.{room}" for room in rooms}


def test_a_key_press_in_a_shell_imports_neither_the_engine_nor_what_writes_sql(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    workspace = metaquery.open(tmp_path)
    workspace.connect(sandbox.url, key_file=sandbox.key_file)
    workspace.sync(datasets=["Street scenes north"])
    press = "import os\nos.environ['COMP_LINE'] = 'metaquery count \"dark and ci'\n"
    found = modules(f"{press}from metaquery.cli.root import complete_in\ncomplete_in('bash')", tmp_path)
    assert "metaquery.language.complete" in found
    rooms = ("collection", "saved_filters", "connections", "language.sql", "language.dialects", "engines.duckdb")
    assert not found & {"duckdb", "calendar", *(f"metaquery.{room}" for room in rooms)}


def test_the_status_is_found_out_with_click_alone(sandbox: SandboxProcess, tmp_path: Path) -> None:
    workspace = metaquery.open(tmp_path)
    workspace.connect(sandbox.url, key_file=sandbox.key_file)
    workspace.sync(datasets=["Street scenes north"])
    workspace.data.collect("All")
    assert imported(command("status"), tmp_path) == {"click"}


def test_the_language_imports_cql2_json_on_first_use(tmp_path: Path) -> None:
    code = "import metaquery.language as language"
    assert imported(code, tmp_path) == {"lark"}
    assert imported(f"{code}\nlanguage.from_cql2_json", tmp_path) == {"lark", "metaquery.language.cql2_json"}
    assert imported("from metaquery.language import to_cql2_json", tmp_path) == {"lark", "metaquery.language.cql2_json"}


def test_the_public_surface_is_sorted_and_there() -> None:
    assert metaquery.__all__ == sorted(metaquery.__all__)
    for name in metaquery.__all__:
        assert name == "__version__" or getattr(metaquery, name).__doc__, f"{name} has no docstring"
