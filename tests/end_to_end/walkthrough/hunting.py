"""Looking for a private key, and for signatures made with it, in all that a run leaves."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

__all__ = ["base64_forms", "contents", "key_forms", "leaks", "signature_texts"]

_PUBLIC_LINES = 2
"""Lines of a key's file that begin the container: the same for every key, then its public half."""

_RUN = re.compile(rb"[0-9A-Za-z+/]{40,}")
_WINDOW = 20


def key_forms(text: str) -> dict[str, bytes]:
    """Return the secret half of an OpenSSH Ed25519 key in each form that it may be written down in."""
    armour = text.strip().splitlines()[1 + _PUBLIC_LINES : -1]
    key: Any = load_ssh_private_key(text.encode(), password=None)
    seed: bytes = key.private_bytes_raw()
    return {
        **{f"line {number} of the key's file": line.encode() for number, line in enumerate(armour, start=1)},
        "bytes": seed,
        "bytes as Python shows them": repr(seed)[2:-1].encode(),
        "hex": seed.hex().encode(),
        "upper hex": seed.hex().upper().encode(),
        **{f"base64, {place}": form for place, form in base64_forms(seed).items()},
        **{f"the file in base64, {place}": form for place, form in base64_forms("\n".join(armour).encode()).items()},
    }


def base64_forms(secret: bytes) -> dict[str, bytes]:
    """Return what base64 of a longer text has of a secret in it: that depends on where it begins, modulo three."""
    forms = {}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret)[4 if before else 0 : -4]
        forms[f"{before} bytes after a third"] = whole
        forms[f"{before} bytes after a third, for URLs"] = whole.translate(bytes.maketrans(b"+/", b"-_"))
    return forms


def signature_texts(headers: Iterable[str]) -> set[bytes]:
    """Return the secret part of `Authorization` and `Signature` headers (`encord-wire-protocol.md` §2.2, §2.3)."""
    return {header.removeprefix("encord-sig=:").rstrip(":=").rpartition(":")[2].encode() for header in headers}


def leaks(root: Path, key_texts: Iterable[str], signatures: Iterable[bytes] = ()) -> set[tuple[str, str]]:
    """Return the files below `root` in which a secret is, and in which form; a piece of one is enough."""
    pieces = {
        (form, piece)
        for text in key_texts
        for form, secret in key_forms(text).items()
        for piece in _cut(secret, 8 if form == "bytes" else 16)
    }
    windows = {piece for signature in signatures for piece in _cut(signature, _WINDOW)}
    found = set()
    for file in (path for path in root.rglob("*") if path.is_file()):
        name = str(file.relative_to(root))
        for content in (name.encode(), *contents(file)):
            found |= {(name, form) for form, piece in pieces if piece in content}
            if windows and any(window in windows for run in _RUN.findall(content) for window in _each(run)):
                found.add((name, "a signature"))
    return found


def _cut(secret: bytes, size: int) -> list[bytes]:
    return [secret[at : at + size] for at in range(0, len(secret) - size + 1, size)]


def _each(run: bytes) -> Iterator[bytes]:
    return (run[at : at + _WINDOW] for at in range(len(run) - _WINDOW + 1))


def contents(file: Path) -> Iterator[bytes]:
    """Return the bytes of a file, and what they say where they are compressed."""
    raw = file.read_bytes()
    yield raw
    if raw[:4] == b"\x28\xb5\x2f\xfd":
        with pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as page:
            yield page.read()
    elif raw[:4] == b"PAR1":
        yield _shown(duckdb.from_parquet(str(file)).fetchall())
    elif raw[8:12] == b"DUCK":
        with duckdb.connect(str(file), read_only=True) as database:
            tables = database.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            for (table,) in tables:
                yield _shown(database.execute(f'FROM "{table}"').fetchall())


def _shown(rows: list[tuple[Any, ...]]) -> bytes:
    return repr(rows).encode("utf-8", "surrogateescape")
