"""How command lines end: the exit codes, what is told, and what is kept."""

from __future__ import annotations

import inspect
import re
import shlex
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from metaquery import errors
from metaquery.cli import query, root
from metaquery.cli.switches import with_switches

Cli = Callable[..., Any]

REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text()

CODES = {
    name: found.exit_code
    for name, found in vars(errors).items()
    if inspect.isclass(found) and issubclass(found, errors.MetaqueryError)
}


def test_the_reference_has_the_codes() -> None:
    assert re.findall(r"^\| (\d+) \|", REFERENCE, re.MULTILINE) == ["0", "1", "2", "3", "4", "130"]
    assert set(CODES.values()) == {1, 2, 3, 4}


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Have `metaquery count` fail with an error."""

    def fail(error: BaseException) -> None:
        @click.command()
        def broken() -> None:
            raise error

        monkeypatch.setattr(query, "count", with_switches(broken))

    return fail


@pytest.mark.parametrize("name", CODES)
def test_every_error_of_ours_ends_with_its_code_and_no_traceback(
    cli: Cli, failing: Callable[[BaseException], None], name: str
) -> None:
    kind = getattr(errors, name)
    span = {"code": "x", "source": "dark", "span": errors.Span(0, 4)} if issubclass(kind, errors.FilterError) else {}
    failing(kind(message="that is wrong", **span) if span else kind("that is wrong", hint="do this"))
    told = cli("count")
    assert (told.code, told.out) == (CODES[name], "")
    assert told.err.startswith("error: that is wrong\n")
    assert "Traceback" not in told.err
    assert "Traceback" in cli("count", "--debug").err


def test_ctrl_c_and_an_answer_that_is_refused_end_with_130(cli: Cli, failing: Callable[[BaseException], None]) -> None:
    for error in (KeyboardInterrupt(), click.Abort()):
        failing(error)
        told = cli("count")
        assert told.code == 130
        assert "what was finished is kept; run the same command again to go on" in told.err


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A private key that no server knows."""
    file = tmp_path / "key"
    made = Ed25519PrivateKey.generate()
    file.write_bytes(made.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    file.chmod(0o600)
    return file


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> str:
    """A URL where nobody listens, and no patience with it."""
    monkeypatch.setenv("METAQUERY_RETRY_BUDGET_S", "0")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--version", 0),
        ("count dark", 0),
        ("count --nonsense", 2),
        ("count --limi 5 dark", 2),
        ("explain", 2),
        ("count drak", 2),
        ("count 'dark ='", 2),
        ("query dark -f xls", 2),
        ("query dark --as-of nonsense", 2),
        ("nonsense", 2),
        ("collection show nonsense", 1),
        ("filter show nonsense", 1),
        ("-w absent count dark", 2),
        ("count dark -w absent", 1),
        ("sync --all", 2),
        ("prune --keep nonsense", 2),
        ("connect --domain ftp://x --key KEY", 2),
        ("connect --domain CLOSED --key absent", 4),
        ("connect --domain CLOSED --key KEY", 3),
        ("connect --domain CLOSED --key KEY --offline", 2),
    ],
)
@pytest.mark.usefixtures("here")
def test_each_failure_has_its_exit_code(cli: Cli, key: Path, closed: str, line: str, code: int) -> None:
    told = cli(*shlex.split(line.replace("KEY", str(key)).replace("CLOSED", closed)))
    assert told.code == code, told.err
    assert "Traceback" not in told.err


def test_a_fault_of_ours_is_one_line_and_a_file_with_the_traceback(
    cli: Cli, failing: Callable[[BaseException], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    failing(KeyError("a fault\nof ours"))
    told = cli("count")
    (file,) = (tmp_path / "state/metaquery").iterdir()
    assert told.code == 1
    assert told.err == (
        f"error: metaquery failed: KeyError: 'a fault\\nof ours'\nthe details are in {file}; please report them\n"
    )
    assert "Traceback (most recent call last)" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "Traceback" in cli("count", "--debug").err


def test_a_crash_is_told_where_nothing_can_be_kept_in_the_users_state(
    cli: Cli, failing: Callable[[BaseException], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("no directory")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    failing(RuntimeError("a fault"))
    assert f"the details are in {tmp_path}" in cli("count").err


def test_offline_nothing_is_asked_of_a_server_and_all_else_works(
    cli: Cli, here: Path, key: Path, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METAQUERY_OFFLINE", "1")
    told = cli("connect", "--domain", closed, "--key", str(key))
    assert told.code == 2
    assert told.err.startswith("error: the network is not used: offline is set (METAQUERY_OFFLINE)\n")
    for line in ("count dark", "query dark --csv", "status", "collection list", "verify", "log"):
        assert cli(*line.split()).code == 0


def test_a_key_that_others_can_read_is_warned_of(
    cli: Cli, here: Path, key: Path, closed: str, caplog: pytest.LogCaptureFixture
) -> None:
    cli("connect", "--domain", closed, "--key", str(key))
    assert not caplog.messages
    key.chmod(0o644)
    cli("connect", "--domain", closed, "--key", str(key))
    assert caplog.messages == [f"warning: others can read the key file (mode 0644): chmod 600 {key}"]


def test_the_root_is_told_what_it_does_not_know(cli: Cli) -> None:
    assert "did you mean 'collection'?" in cli("colection").err
    assert "did you mean 'list'?" in cli("collection", "lsit").err
    assert cli("colection").code == 2
    assert root.COMMANDS["count"].name == "count"


def test_an_error_of_types_shows_what_rows_have_there_and_asks_the_engine_once(
    cli: Cli, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for command in (("query",), ("count",), ("facet", "speed", "--where")):
        told = cli(*command, "dark and city > 5")
        assert (told.code, told.out) == (2, "")
        assert told.err.splitlines() == [
            "error: cannot compare STRING 'city' (e.g. 'Oslo') with the number 5",
            "  dark and city > 5",
            "                  ^",
            "city is a STRING: write '5'",
        ]
        monkeypatch.setattr("metaquery.engines.duckdb.DuckDBEngine", None)  # the value was kept


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("qury",), "error: there is no command 'qury'; did you mean 'query'?"),
        (("query", "--limt", "3"), "error: No such option '--limt'. (Did you mean one of: '--limit', '--quiet'?)"),
        (("count", "cit = 'x'"), "error: unknown field 'cit'"),
    ],
)
def test_whoever_finds_the_mistake_it_is_told_in_one_form(
    cli: Cli, here: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    assert told in err.splitlines()
    assert "Usage: metaquery query [OPTIONS]" in err or "Usage" not in err
