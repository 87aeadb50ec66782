"""What only real sockets do: connections that are reused, cut, reset, or silent."""

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest

from metaquery.errors import ServerError, SettingsError, UnexpectedPayload, Unreachable
from metaquery.wire import EncordClient, RetryPolicy, is_ambiguous

EMPTY = b'{"result": []}'


def whole(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


RESET = object()
SILENCE = object()
CUT = whole(EMPTY)[:-5]
CHUNKED_CUT = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"result"\r\n'
NOT_HTTP = b"hello\r\n\r\n"


class Loopback:
    """Answers the requests of all its connections, one after the other, with the given bytes."""

    def __init__(self, answers: tuple[object, ...]) -> None:
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.domain = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self.requests = 0
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        # shutdown, not close alone: that would leave accept waiting
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        for connection in self._open:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            while self._read(connection):
                answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                if not self._answer(connection, answer):
                    break

    def _read(self, connection: socket.socket) -> bool:
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                connection.close()
                return False
            data += more
        self.requests += 1
        return True

    def _answer(self, connection: socket.socket, answer: object) -> bool:
        """Whether the connection stays open."""
        if answer is SILENCE:
            self._open.append(connection)
            return False
        if answer is RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            connection.sendall(answer)
        if answer is RESET or b"Content-Length" not in answer or len(answer) < len(whole(EMPTY)):
            connection.close()
            return False
        return True


@pytest.fixture
def serve(key) -> Iterator[Callable[..., tuple[EncordClient, Loopback]]]:
    made = []

    def start(*answers: object, **options: object) -> tuple[EncordClient, Loopback]:
        server = Loopback(answers)
        client = EncordClient(key, domain=server.domain, **options)
        made.append((client, server))
        return client, server

    yield start
    for client, server in made:
        client.close()
        server.close()


def test_one_connection_serves_many_requests(serve):
    client, server = serve(whole(EMPTY))
    for _ in range(5):
        assert client.datasets() == []
    assert (server.connections, server.requests) == (1, 5)


@pytest.mark.parametrize("fault", [RESET, CUT, CHUNKED_CUT, NOT_HTTP], ids=["reset", "cut", "chunk", "not-http"])
def test_a_read_recovers_from_a_connection_that_breaks(fault, serve):
    client, server = serve(fault, fault, whole(EMPTY))
    assert client.datasets() == []
    assert server.requests == 3


@pytest.mark.parametrize("fault", [RESET, CUT], ids=["reset", "cut"])
def test_a_broken_creation_is_ambiguous_and_sent_once(fault, serve):
    client, server = serve(fault)
    with pytest.raises(Unreachable) as caught:
        client.create_dataset("d")
    assert is_ambiguous(caught.value)
    assert server.requests == 1


def test_a_silent_server_is_given_up_and_named(serve):
    client, server = serve(SILENCE, timeout_s=0.05, retry=RetryPolicy(attempts=2))
    with pytest.raises(Unreachable, match=r"no answer in time from http://127.0.0.1:\d+ \(0.05 s without") as caught:
        client.datasets()
    assert "tried 2 times" in caught.value.message
    assert server.domain in caught.value.message


def test_a_compressed_body_that_ends_early_is_not_believed(serve):
    packed = gzip.compress(EMPTY)[:-10]
    client, _ = serve(whole(packed, b"Content-Encoding: gzip"), retry=RetryPolicy(attempts=2))
    with pytest.raises(UnexpectedPayload, match="not whole JSON"):
        client.datasets()


def test_a_redirect_is_not_followed(serve):
    client, server = serve(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(ServerError, match="redirects are not followed"):
        client.datasets()
    assert server.requests == 1


def test_a_proxy_for_others_is_not_asked_about_this_machine(serve, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    client, _ = serve(whole(EMPTY))
    assert client.datasets() == []


REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


def test_a_proxy_is_asked_about_other_hosts_unless_no_proxy_names_them(serve, key, monkeypatch):
    _, proxy = serve(REFUSED)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, proxy.domain)
    looked_up = []

    def nowhere(host, *_, **__):
        looked_up.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.delenv("NO_PROXY", raising=False)
    client = EncordClient(key, domain="https://encord.invalid", retry=RetryPolicy(attempts=1))
    with client, pytest.raises(Unreachable, match="403 Forbidden"):
        client.check()
    assert proxy.requests == 1
    monkeypatch.setenv("NO_PROXY", "encord.invalid")
    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    client = EncordClient(key, domain="https://encord.invalid", retry=RetryPolicy(attempts=1))
    with client, pytest.raises(Unreachable, match="HTTPS_PROXY"):
        client.check()
    assert (proxy.requests, looked_up) == (1, ["encord.invalid"])


def test_authorities_come_from_ssl_cert_file_and_one_that_cannot_be_used_is_named(key, monkeypatch, tmp_path):
    file = tmp_path / "authorities.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    for content in (None, "no certificate"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(SettingsError, match="SSL_CERT_FILE or SSL_CERT_DIR cannot be used"):
            EncordClient(key, domain="https://encord.invalid")
