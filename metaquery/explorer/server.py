"""Start the Explorer on 127.0.0.1, and stop it within a second."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

import uvicorn

from metaquery.errors import UsageError
from metaquery.explorer.app import application
from metaquery.explorer.desk import Desk
from metaquery.explorer.security import PARAMETER, Guard, Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metaquery.explorer.serving import Options
    from metaquery.workspace import Workspace

__all__ = ["Server", "run"]

_LONGEST_ADDRESS = 4 * 2**20
"""Bytes of a request's first line and headers: a filter may be a megabyte, and each blank of it is three bytes."""


def run(workspace: Workspace, options: Options, *, ready: Callable[[str, str], None]) -> None:
    """Serve; as `serving.explore`."""
    made = Server.of(workspace, options, ready=ready)
    asyncio.run(made.serve(sockets=[made.listener]))


def _listener(port: int) -> socket.socket:
    # The protocol is named, or asyncio leaves Nagle's delay on.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"port {port} cannot be used: {why}", hint="leave --port out, and any free one is taken"
        ) from None
    return listener


class Server(uvicorn.Server):
    """A server that says when it is ready, and takes SIGINT and SIGTERM as a request to stop, not as a failure.

    Parameters
    ----------
    config
        What it serves, and how.
    listener
        Where.
    ready
        Called when connections are accepted.
    stopping
        Called when it is asked to stop.
    """

    def __init__(
        self, config: uvicorn.Config, listener: socket.socket, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self.listener = listener
        self._ready = ready
        self._stopping = stopping

    @classmethod
    def of(cls, workspace: Workspace, options: Options, *, ready: Callable[[str, str], None]) -> Server:
        """Make the server of a workspace; parameters and errors as `serving.explore`."""
        listener = _listener(options.port)
        port = listener.getsockname()[1]
        desk, secrets = Desk(workspace, options), Secrets()
        guarded = Guard(application(desk), secrets, port=port, read_only=options.read_only)
        config = uvicorn.Config(
            guarded, log_config=None, log_level=logging.CRITICAL + 1, access_log=False, lifespan="off", ws="none",
            loop="asyncio", http="h11", timeout_keep_alive=75, timeout_graceful_shutdown=0, server_header=False,
            h11_max_incomplete_event_size=_LONGEST_ADDRESS, proxy_headers=False,
        )  # fmt: skip
        logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
        logging.getLogger("uvicorn.error").propagate = False
        url = f"http://127.0.0.1:{port}/?{PARAMETER}="
        return cls(config, listener, lambda: ready(url + secrets.token, url + next(iter(secrets.once))), desk.close)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals, where this is the main thread: elsewhere there are none."""
        if current_thread() is main_thread():
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop)
        yield

    def stop(self) -> None:
        """Stop; a second time at once."""
        self._stopping()
        self.force_exit = self.should_exit
        self.should_exit = True
