"""Neither the private key nor a signature is in anything that metaquery leaves, whatever goes well or wrong."""

from __future__ import annotations

import base64
import socket
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from .conftest import Walk
from .hunting import key_forms, leaks, signature_texts

PROJECT = ("--project", "Street scenes Europe")
BAD_DAYS: tuple[tuple[dict[str, Any], int], ...] = (
    ({"kind": "status", "status": 401}, 4),
    ({"kind": "status", "status": 503}, 1),
    ({"kind": "envelope", "status": 400}, 1),
    ({"kind": "malformed"}, 1),
    ({"kind": "truncate"}, 3),
    ({"kind": "reset"}, 3),
)
FORMS_FOR_SCRIPTS = (
    (("count", "dark", "--json"), 0),
    (("schema", "show", "--json"), 0),
    (("schema", "check", "--json"), 0),
    (("schema", "history", "--json"), 0),
    (("status", "--check", "--json"), 0),
    (("verify", "--all", "--json"), 0),
    (("push", "log", "--json"), 0),
    (("metadata", "list", "--dataset", "Street scenes west", "--json"), 0),
    (("metadata", "undo", "--dry-run", "--json"), 0),
)
MISTAKES = (
    (("count", "drak = true"), 2),
    (("sync", "--project", "No such project"), 1),
    (("schema", "set", "absent.json"), 2),
    (("metadata", "set", "--where", "true", "dark=perhaps", "--yes"), 1),
    (("collection", "send", "Nihgt drives", "--yes"), 1),
)


def openssh(key: Ed25519PrivateKey, form: PrivateFormat = PrivateFormat.OpenSSH) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def in_rules(walk: Walk, *rules: dict[str, Any]) -> None:
    httpx.post(f"{walk.server.url}/sandbox/faults", json={"rules": list(rules)}).raise_for_status()


def wrong_keys(walk: Walk, text: str, stranger: str) -> None:
    """Give the key where it does not belong, in forms that are refused, and one that nobody has registered."""
    session, url = walk.session, walk.server.url
    keys = walk.server.key_file.parent
    key: Any = load_ssh_private_key(text.encode(), password=None)
    files = {"stranger": stranger, "half": text[: len(text) // 2], "pkcs8": openssh(key, PrivateFormat.PKCS8)}
    for name, content in files.items():
        (keys / name).write_text(content)
    (session.home / "other").mkdir()
    here = ("connect", "--domain", url, "-w", "other", "--debug")
    for name in (*(str(keys / name) for name in files), text, *text.strip().splitlines()[3:5]):
        assert session.run(*here, "--key", name)[0] == 4
    assert session.run(*here, "--key", *text.split())[0] == 2  # an unquoted $(cat key)
    assert session.run(*text.split())[0] == 2
    code, told = session.run(*here, *text.strip().splitlines()[1:-1])  # too many arguments, which click would quote
    assert code == 2
    assert "The text of a key is among the arguments" in told
    for environ in ({"ENCORD_SSH_KEY": files["half"]}, {"ENCORD_SSH_KEY_FILE": text}, {"ENCORD_SSH_KEY": str(keys)}):
        assert session.run(*here, **environ)[0] == 4
        assert session.run("config", **environ)[0] == 0
    assert session.run(*here, ENCORD_SSH_KEY=text)[0] == 0
    assert session.run("config", "--json", ENCORD_SSH_KEY=text)[0] == 0
    assert session.run("schema", "show", "-w", "other", "--json", ENCORD_SSH_KEY=text)[0] == 0
    assert session.run("schema", "show", "-w", "other")[0] == 4


def bad_days(walk: Walk) -> None:
    """Let the server fail in each way, be there no more, and refuse members; let there be a fault of ours."""
    session = walk.session
    for rule, exits in BAD_DAYS:
        in_rules(walk, {"match": "datarows|labelrow", **rule})
        assert session.run("sync", *PROJECT, "--full", "--debug", METAQUERY_RETRY_BUDGET_S="0")[0] == exits, rule
    in_rules(walk, {"match": "add-items", "kind": "refuse", "share": 1.0})
    session.run("collection", "new", "Days", "--where", "not dark")
    assert session.run("collection", "send", "Days", "--yes", "--failed-to", "failed.csv")[0] == 1
    in_rules(walk, {"match": ".", "kind": "reset", "times": 1})
    assert session.run("schema", "show")[0] == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        key = ("--key", str(walk.server.key_file), "-w", "other")
        assert session.run("connect", "--domain", nobody, *key, METAQUERY_RETRY_BUDGET_S="0")[0] == 3
    assert session.run("schema", "show", fault=True)[0] == 1


@pytest.fixture(scope="module")
def left(walk: Walk) -> tuple[Path, list[str], set[bytes]]:
    """What the walkthrough and a run of everything that can go wrong leave; the keys in it, and all signatures."""
    text, stranger = walk.server.key_file.read_text(), openssh(Ed25519PrivateKey.generate())
    wrong_keys(walk, text, stranger)
    bad_days(walk)
    for arguments, exits in (*FORMS_FOR_SCRIPTS, *MISTAKES):
        code, told = walk.session.run(*arguments)
        assert code == exits, told
    seen = httpx.get(f"{walk.server.url}/sandbox/requests").json()["requests"]
    return walk.session.home, [text, stranger], signature_texts(one["signature"] for one in seen if one["signature"])


def test_nothing_that_is_left_has_the_key_or_a_signature(left: tuple[Path, list[str], set[bytes]]) -> None:
    home, keys, signatures = left
    assert {len(signature) for signature in signatures} == {86, 128}
    assert len(signatures) > 50
    for pattern in (
        "everything.log", "printed/*.out", "printed/*.err", "cache/metaquery/*",
        ".local/state/metaquery/metaquery-crash-*.txt",
        "failed.csv",
        *(f".metaquery/{name}" for name in (
            "connection.json", "schemas.jsonl", "journal/edit-*.jsonl", "journal/push-*.jsonl", "snapshots/*.duckdb",
            "snapshots/*.json", "spool/*/*/*.json.zst", "collections/*.json", "collections/*.parquet",
        )),
    ):  # fmt: skip
        assert list(home.glob(pattern)), pattern
    log = (home / "everything.log").read_text(encoding="utf-8")
    assert "'name': 'httpcore.http11'" in log
    assert "'name': 'stamina'" in log
    assert leaks(home, keys, signatures) == set()


def test_what_is_planted_is_found_in_every_form_and_file(tmp_path: Path) -> None:
    text = openssh(Ed25519PrivateKey.generate())
    forms = key_forms(text)
    signature = base64.b64encode(bytes(range(64))).rstrip(b"=")
    planted = {}
    for number, (form, secret) in enumerate(forms.items()):
        (tmp_path / f"{number}").write_bytes(b"\0before " + secret[: len(secret) // 2 + 8] + b" after")
        planted[f"{number}"] = form
    (tmp_path / "signature").write_bytes(b"Signature: " + signature[:50])
    (tmp_path / "page.json.zst").write_bytes(pa.Codec("zstd").compress(b"[" + forms["hex"] + b"]", asbytes=True))
    with duckdb.connect(tmp_path / "snapshot.duckdb") as database:
        database.execute("CREATE TABLE t AS SELECT ? AS a FROM range(999)", [forms["hex"].decode()])
        database.execute("COPY t TO ? (FORMAT parquet, COMPRESSION zstd)", [str(tmp_path / "members.parquet")])
    (tmp_path / forms["hex"].decode()).write_text("a name is a leak, too")
    (tmp_path / "clean").write_text(f"{text.splitlines()[0]}\n{text.splitlines()[1]}\n")
    found: dict[str, set[str]] = {}
    for name, form in leaks(tmp_path, [text], [signature]):
        found.setdefault(name, set()).add(form)
    assert all(form in found.get(name, ()) for name, form in planted.items())
    assert found.keys() == {
        *planted, "signature", "page.json.zst", "snapshot.duckdb", "members.parquet", forms["hex"].decode(),
    }  # fmt: skip
    assert found["signature"] == {"a signature"}
