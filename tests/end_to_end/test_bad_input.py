"""What goes wrong, told as what it is: keys, servers, answers. Never a traceback, never a lost or invented unit."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from metaquery.sandbox import SandboxProcess, start

from .conftest import Terminal


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    home = tmp_path_factory.mktemp("server")
    with start(units=60, key_out=home / "key", with_schema=True) as process:
        yield process


@pytest.fixture
def connected(server: SandboxProcess, tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path, {"METAQUERY_RETRY_BUDGET_S": "0.2"})
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    return terminal


@pytest.fixture
def faults(server: SandboxProcess) -> Iterator[Any]:
    """Have the sandbox fail as told: `faults(kind="status", status=503, match="datarows")`."""

    def add(**rule: Any) -> None:
        httpx.post(f"{server.url}/sandbox/faults", json={"rules": [rule]}).raise_for_status()

    yield add
    httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()


def write(path: Path, key: Any, form: PrivateFormat = PrivateFormat.OpenSSH, password: bytes | None = None) -> Path:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, form, encryption))
    path.chmod(0o600)
    return path


def test_each_unusable_key_is_told_apart_and_exits_with_4(server: SandboxProcess, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    keys = {
        "absent": (tmp_path / "absent", "absent"),
        "empty": (tmp_path / "empty", "empty"),
        "binary": (tmp_path / "binary", "not"),
        "rsa": (write(tmp_path / "rsa", rsa.generate_private_key(65537, 2048)), "RSA"),
        "ecdsa": (write(tmp_path / "ecdsa", ec.generate_private_key(ec.SECP256R1())), "ECDSA"),
        "locked": (
            write(tmp_path / "locked", ed25519.Ed25519PrivateKey.generate(), password=b"secret"),
            "passphrase",
        ),
        "pkcs8": (write(tmp_path / "pkcs8", ed25519.Ed25519PrivateKey.generate(), PrivateFormat.PKCS8), "OpenSSH"),
        "stranger": (write(tmp_path / "stranger", ed25519.Ed25519PrivateKey.generate()), "registered"),
    }
    for path, word in keys.values():
        told = terminal.run("connect", "--domain", server.url, "--key", str(path), exits=4).stderr
        assert word in told
    assert "ENCORD_SSH_KEY_FILE" in terminal.run("connect", "--domain", server.url, exits=4).stderr
    assert not (tmp_path / ".metaquery").exists()


def test_the_official_variables_are_honoured_file_before_text(server: SandboxProcess, tmp_path: Path) -> None:
    text = server.key_file.read_text()
    both = Terminal(tmp_path, {"ENCORD_SSH_KEY_FILE": str(tmp_path / "absent"), "ENCORD_SSH_KEY": text})
    assert "absent" in both.run("connect", "--domain", server.url, exits=4).stderr
    alone = Terminal(tmp_path, {"ENCORD_SSH_KEY": text})
    alone.run("connect", "--domain", server.url)
    alone.run("sync", "--all")
    assert alone.run("count", "-q", "true").stdout == "60\n"
    stored = b"".join(f.read_bytes() for f in (tmp_path / ".metaquery").rglob("*") if f.is_file())
    assert text.splitlines()[2].encode() not in stored


def test_no_server_exits_with_3(server: SandboxProcess, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    terminal = Terminal(tmp_path, {"METAQUERY_RETRY_BUDGET_S": "0"})
    told = terminal.run("connect", "--domain", f"http://127.0.0.1:{port}", "--key", str(server.key_file), exits=3)
    assert str(port) in told.stderr


def test_a_domain_that_would_show_signatures_is_refused(server: SandboxProcess, tmp_path: Path) -> None:
    told = Terminal(tmp_path).run(
        "connect", "--domain", "http://encord.example", "--key", str(server.key_file), exits=2
    )
    assert "https" in told.stderr


def test_nothing_works_before_connecting_and_it_says_so(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert "metaquery connect" in terminal.run("sync", "--all", exits=2).stderr
    assert "metaquery sync" in terminal.run("count", "dark", exits=1).stderr


@pytest.mark.parametrize(
    ("rule", "exits", "words"),
    [
        ({"kind": "status", "status": 401}, 4, "401"),
        ({"kind": "status", "status": 404}, 1, ""),
        ({"kind": "status", "status": 429, "retry_after": "30"}, 1, "30"),
        ({"kind": "status", "status": 500}, 1, "500"),
        ({"kind": "status", "status": 503}, 1, "503"),
        ({"kind": "malformed"}, 1, "JSON"),
        ({"kind": "truncate"}, 3, ""),
        ({"kind": "reset"}, 3, ""),
        ({"kind": "envelope", "status": 400, "code": "UNKNOWN_ERROR"}, 1, "UNKNOWN_ERROR"),
    ],
)
def test_a_server_that_keeps_failing_publishes_nothing(
    connected: Terminal, faults: Any, rule: dict[str, Any], exits: int, words: str
) -> None:
    faults(match="datarows", **rule)
    told = connected.run("sync", "--all", exits=exits).stderr
    assert words in told
    assert told.startswith("error: ")
    assert "metaquery sync" in connected.run("count", "true", exits=1).stderr


@pytest.mark.parametrize("kind", ["status", "malformed", "truncate", "reset"])
def test_a_server_that_fails_once_is_asked_again(connected: Terminal, faults: Any, kind: str) -> None:
    connected.environ["METAQUERY_RETRY_BUDGET_S"] = "10"
    faults(match="datarows|labelrow", kind=kind, status=503, times=2)
    connected.run("sync", "--all")
    assert connected.run("count", "-q", "true").stdout == "60\n"


def test_a_failed_sync_leaves_the_snapshot_before_and_is_gone_on_with(
    connected: Terminal, server: SandboxProcess, faults: Any
) -> None:
    connected.environ["METAQUERY_PAGE_ROWS"] = "5"
    connected.environ["METAQUERY_CONNECTIONS"] = "1"
    connected.run("sync", "--dataset", "Street scenes north")
    before = connected.run("count", "-q", "true").stdout
    faults(match="datarows", kind="status", status=503, after=2)
    connected.run("sync", "--all", exits=1)
    assert connected.run("count", "-q", "true").stdout == before
    httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()
    report = connected.run("sync", "--all").stdout
    assert "from the interrupted run before" in report
    assert connected.run("count", "-q", "true").stdout == "60\n"


def checkpoints(terminal: Terminal) -> str:
    return "".join(file.read_text() for file in terminal.home.glob(".metaquery/spool/*/*/checkpoint.json"))


def test_a_killed_sync_is_gone_on_with(connected: Terminal, server: SandboxProcess, faults: Any) -> None:
    connected.environ["METAQUERY_PAGE_ROWS"] = "5"
    connected.environ["METAQUERY_CONNECTIONS"] = "1"
    faults(match="datarows", kind="delay", delay_s=60, after=2)
    process = subprocess.Popen(
        [sys.executable, "-m", "metaquery", "sync", "--all"],
        cwd=connected.home,
        env={"PATH": "/usr/bin", **connected.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while '"position": 10' not in checkpoints(connected):
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()
    assert "10 from the interrupted run before" in connected.run("sync", "--all").stdout
    assert connected.run("count", "-q", "true").stdout == "60\n"


def test_ctrl_c_during_a_sync_exits_with_130(connected: Terminal, faults: Any) -> None:
    faults(match="datarows", kind="delay", delay_s=3)
    process = subprocess.Popen(
        [sys.executable, "-m", "metaquery", "sync", "--all"],
        cwd=connected.home,
        env={"PATH": "/usr/bin", **connected.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(connected.home.glob(".metaquery/spool/*/*/index-000000.json.zst")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in told
