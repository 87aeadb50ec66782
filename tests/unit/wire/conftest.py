"""A server in a function: it checks every signature, then answers what the test says."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from metaquery.wire import EncordClient, PrivateKey

HERE = Path(__file__).parent
SEED = bytes(range(32))

Respond = Callable[[httpx.Request], httpx.Response]


def openssh(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def signature_holds(request: httpx.Request) -> bool:
    """Verify as a server would: over the raw target and the bytes received."""
    digest = hashlib.sha256(request.content).digest()
    if "Authorization" in request.headers:
        public, signature = map(bytes.fromhex, request.headers["Authorization"].split(":"))
        Ed25519PublicKey.from_public_bytes(public).verify(signature, digest)
        return True
    content_digest = f"sha-256=:{base64.b64encode(digest).decode()}:"
    params = request.headers["Signature-Input"].removeprefix("encord-sig=")
    public_hex = re.search(r'keyid="([0-9a-f]{64})"', params)[1]
    base = (
        f'"@method": {request.method}\n"@request-target": {request.url.raw_path.decode()}\n'
        f'"content-digest": {content_digest}\n"@signature-params": {params}'
    )
    signature = base64.b64decode(request.headers["Signature"].removeprefix("encord-sig=:").removesuffix(":"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_hex)).verify(signature, base.encode())
    return request.headers["Content-Digest"] == content_digest


class Script:
    """Answers requests one after the other; the last answer serves all that follow."""

    def __init__(self, answers: tuple[Any, ...]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert signature_holds(request)
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            return answer
        # Not json=answer: httpx makes an empty body of None, where the protocol has the four letters null.
        return answer(request) if callable(answer) else httpx.Response(200, content=json.dumps(answer))

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def key_text() -> str:
    return openssh(Ed25519PrivateKey.from_private_bytes(SEED))


@pytest.fixture
def key(key_text: str) -> PrivateKey:
    return PrivateKey.from_text(key_text, origin="the test key")


@pytest.fixture
def talk(key: PrivateKey) -> Iterator[Callable[..., tuple[EncordClient, Script]]]:
    """Make a client whose requests the given answers meet."""
    clients = []

    def make(*answers: Any, **options: Any) -> tuple[EncordClient, Script]:
        script = Script(answers)
        client = EncordClient(key, transport=httpx.MockTransport(script), **options)
        clients.append(client)
        return client, script

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def example() -> Callable[[str], list[dict[str, Any]]]:
    """Read the exchanges of one recorded operation of the official SDK."""

    def read(name: str) -> list[dict[str, Any]]:
        return json.loads((HERE / "examples" / f"{name}.json").read_text("utf-8"))["exchanges"]

    return read


@pytest.fixture
def worked_example() -> dict[str, Any]:
    return json.loads((HERE / "auth-worked-example.json").read_text("utf-8"))


def legacy(response: Any, status: int = 200, **more: Any) -> httpx.Response:
    return httpx.Response(200, json={"status": status, "response": response, **more})


@pytest.fixture(name="legacy")
def legacy_fixture() -> Callable[..., httpx.Response]:
    return legacy
