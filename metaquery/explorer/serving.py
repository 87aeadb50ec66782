"""`explore()`: the server from its start to Ctrl-C; starlette and uvicorn are imported only to serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from metaquery.workspace import Workspace

__all__ = ["Options", "explore"]

MISSING = "pip install 'metaquery[explorer]'"


@dataclass(frozen=True, slots=True)
class Options:
    """How a workspace is served.

    Attributes
    ----------
    port
        0 for any free one.
    read_only
        Whether every change is refused: Collections, syncs, what is sent.
    pictures
        Path of a data unit's picture on this machine, with `{title}` or `{data_hash}` in it; None for none.
    """

    port: int = 0
    read_only: bool = False
    pictures: str | None = None


def explore(workspace: Workspace, options: Options, *, ready: Callable[[str, str], None]) -> None:
    """Serve the Explorer of a workspace on 127.0.0.1 until SIGINT or SIGTERM.

    Parameters
    ----------
    workspace
        What is explored; need not have a snapshot.
    options
        How.
    ready
        Called once connections are accepted, with the address to print and the one to start a browser with, which is
        good for one request.

    Raises
    ------
    UsageError
        The port is taken, or starlette and uvicorn are not installed.
    SettingsError
        The template of pictures has no place for a name.
    """
    if options.pictures is not None:
        from metaquery.pictures import picture_place

        picture_place(options.pictures)
    try:
        from metaquery.explorer.server import run
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in {"starlette", "uvicorn", "anyio", "h11"}:
            raise UsageError("the Explorer needs starlette and uvicorn", hint=MISSING) from None
        raise
    run(workspace, options, ready=ready)
