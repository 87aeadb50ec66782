"""Start the stand-in on 127.0.0.1 and stop it cleanly."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import stat
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from uvicorn.protocols.http.h11_impl import H11Protocol

from metaquery.errors import UsageError
from metaquery.sandbox.app import Application
from metaquery.sandbox.keeping import Kept
from metaquery.sandbox.state import Organisation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from metaquery.sandbox.source import UnitSource

__all__ = ["key_pair", "run"]


def run(
    source: UnitSource, *, port: int, key_file: Path, with_schema: bool, state: Path | None, stop_with_stdin: bool
) -> None:
    """Serve `source` until told to stop; prints the key file and, once connections are accepted, the URL.

    Parameters
    ----------
    port
        0 for any free one.
    key_file
        Where the private key lies, or is to lie.
    state
        File in which the organisation is kept from one process to the next; what is there already is gone on with.
    stop_with_stdin
        Whether to stop when standard input ends, which it does when the process that started us is gone.
    """
    kept = None if state is None else Kept(state)
    org = (kept and kept.read()) or Organisation(source, with_schema=with_schema)
    public, fresh = key_pair(key_file)
    org.keys.register(public)
    listener = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named, or asyncio leaves Nagle on
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        raise UsageError(f"port {port} cannot be used: {error.strerror}") from None
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    _say(f"data  {source.units:,} data units, {len(source.datasets)} dataset(s): {source.folder}")
    _say(f"key   {key_file}{'' if fresh else ' (was there already; used as it is)'}")
    config = uvicorn.Config(
        Application(org, kept), log_config=None, log_level=logging.CRITICAL + 1, access_log=False, lifespan="off",
        ws="none", loop="asyncio", http=_Protocol, timeout_keep_alive=75, timeout_graceful_shutdown=1,
        server_header=False, date_header=False,
    )  # fmt: skip
    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
    logging.getLogger("uvicorn.error").propagate = False
    server = _Server(config, lambda: _say(f"url   {url}"), stop_with_stdin=stop_with_stdin)
    asyncio.run(server.serve(sockets=[listener]))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what the process is started for to say


class _Protocol(H11Protocol):
    """HTTP/1.1, with the connection within an application's reach, so that it can break it on request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """A server that says when it is ready, and takes SIGINT and SIGTERM as a request to stop, not as an end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], *, stop_with_stdin: bool) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop_with_stdin = stop_with_stdin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._stop_with_stdin:
            threading.Thread(target=self._wait_for_stdin, daemon=True).start()
        self._ready()

    def _wait_for_stdin(self) -> None:
        while os.read(0, 1024):
            pass
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def key_pair(path: Path) -> tuple[Ed25519PublicKey, bool]:
    """Give the public half of the key in a file, writing a fresh private key where there is no file.

    A file that is there already is never written over: it may be somebody's real key.

    Returns
    -------
    tuple of Ed25519PublicKey and bool
        The public key, and whether it is fresh.

    Raises
    ------
    UsageError
        Where the file cannot be written, or holds something else than an Ed25519 key without passphrase.
    """
    if path.exists():
        return _read_key(path), False
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
    except OSError as error:
        raise UsageError(f"the key file {path} cannot be written: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
    return key.public_key(), True


def _read_key(path: Path) -> Ed25519PublicKey:
    try:
        key = serialization.load_ssh_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(
            f"{path} is there already and is not an Ed25519 key without a passphrase",
            hint="name a file that is not there yet; the sandbox does not write over files",
        )
    return key.public_key()
