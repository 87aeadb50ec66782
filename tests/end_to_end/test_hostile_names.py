"""Names that would steer a terminal, or pass for others, are printed by code point."""

import json
from pathlib import Path

import pytest

from .conftest import Terminal

HOSTILE = "a\u202eb\u200bc"
SHOWN = r"a\u{202E}b\u{200B}c"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A workspace from files whose only key, and a value of it, are hostile."""
    terminal = Terminal(tmp_path_factory.mktemp("hostile"))
    units = [{"data_hash": f"u{n}", "client_metadata": {HOSTILE: [HOSTILE], "plain": f"{n}"}} for n in range(3)]
    (terminal.home / "units.ndjson").write_text("".join(f"{json.dumps(unit)}\n" for unit in units), encoding="utf-8")
    (terminal.home / "schema.json").write_text('{"plain": "number"}')
    terminal.run("sync", "--from", "units.ndjson", "--schema", "schema.json")
    return terminal


def test_lists_of_filters_and_collections_print_names_by_code_point(terminal: Terminal) -> None:
    terminal.run("filter", "save", HOSTILE, f"plain is null and title != '{HOSTILE}'")
    terminal.run("collection", "new", HOSTILE, "--where", "plain is null")
    for command in (("filter", "list"), ("collection", "list"), ("collection", "show", HOSTILE)):
        told = terminal.run(*command).stdout
        assert SHOWN in told
        assert not set(told) & set("\u202e\u200b"), command


def test_schemas_print_keys_and_values_by_code_point(terminal: Terminal, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.json"
    wanted.write_text(json.dumps({"plain": {"ty": "enum", "values": [HOSTILE]}}))
    for command, exits in (
        (("schema", "check"), 1),
        (("schema", "infer"), 0),
        (("schema", "set", "--local", str(wanted)), 0),
        (("rematerialise",), 0),
    ):
        done = terminal.run(*command, exits=exits)
        # The proposal on standard output is a document, whole as it is.
        told = done.stderr if command[1:] == ("infer",) else done.stdout + done.stderr
        assert not set(told) & set("\u202e\u200b"), command
        assert SHOWN in told, command
