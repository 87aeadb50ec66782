"""What the sandbox's tests share: a sandbox to write to, and a client that signs by hand."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from metaquery.sandbox import SandboxProcess, start

EMPTY_DIGEST = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


class Client:
    """Speaks both protocols with the standard library alone, so that every byte is in the test's hands."""

    def __init__(self, sandbox: SandboxProcess, key: Ed25519PrivateKey | None = None) -> None:
        loaded = key or load_ssh_private_key(sandbox.key_file.read_bytes(), None)
        assert isinstance(loaded, Ed25519PrivateKey)
        self.key = loaded
        self.name = loaded.public_key().public_bytes_raw().hex()
        self.host = urlsplit(sandbox.url).netloc

    def send(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def v2_headers(self, method: str, target: str, body: bytes = b"", created: float | None = None) -> dict[str, str]:
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
        at = int(time.time() if created is None else created)
        params = f'("@method" "@request-target" "content-digest");created={at};keyid="{self.name}";alg="ed25519"'
        base = f'"@method": {method}\n"@request-target": {target}\n'
        base += f'"content-digest": {digest}\n"@signature-params": {params}'
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        return {
            "Content-Digest": digest,
            "Signature-Input": f"encord-sig={params}",
            "Signature": f"encord-sig=:{signature}:",
        }

    def v2(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        target = path if path.startswith("/") else f"/v2/public/{path}"
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(method, target, data, self.v2_headers(method, target, data) | (headers or {}))

    def legacy_headers(self, body: bytes, kind: str, uuid: str) -> dict[str, str]:
        signature = self.key.sign(hashlib.sha256(body).digest()).hex()
        return {"ResourceType": kind, "ResourceID": uuid, "Authorization": f"{self.name}:{signature}"}

    def legacy(
        self,
        kind: str,
        uuid: str,
        query: str,
        payload: Any = None,
        *,
        uid: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        query_type, method = query.split()
        values = {"uid": uid, "payload": payload}
        body = json.dumps({"query_type": query_type, "query_method": method, "values": values}).encode()
        path = "/public" if kind else "/public/user"
        return self.send("POST", path, body, self.legacy_headers(body, kind, uuid) | (headers or {}))

    def rows(self, dataset: str, **payload: Any) -> list[dict[str, Any]]:
        asked = {"dataset_access_settings": {"fetch_client_metadata": True}, **payload}
        return self.legacy("dataset", dataset, "datarows GET", asked).body["response"]

    def dataset(self, title: str = "Street scenes north") -> str:
        listed = self.v2("GET", "datasets/list").body["result"]
        return next(d["datasetUuid"] for d in listed if d["title"] == title)

    def project(self, title: str = "Street scenes Europe") -> str:
        listed = self.v2("GET", "projects").body["results"]
        return next(p["projectHash"] for p in listed if p["title"] == title)

    def folder(self) -> str:
        return self.v2("GET", "storage/folders").body["results"][0]["uuid"]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox that one module's tests may write to."""
    with start(units=120, key_out=tmp_path_factory.mktemp("own") / "key") as process:
        yield process


@pytest.fixture(scope="module")
def client(own: SandboxProcess) -> Client:
    return Client(own)


@pytest.fixture(scope="session")
def connect() -> type[Client]:
    """The client, for tests that start sandboxes themselves."""
    return Client


@pytest.fixture
def client_with(own: SandboxProcess) -> Callable[[Ed25519PrivateKey], Client]:
    return lambda key: Client(own, key)
