"""`Active`: has Encord's Active read a project, for the first time or anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaquery.errors import UsageError
from metaquery.sources.encord import found_project
from metaquery.suggestions import similar
from metaquery.wire import ACTIVE_MODES

if TYPE_CHECKING:
    from metaquery.connections import Connections

__all__ = ["Active"]


class Active:
    """What a workspace asks of Active.

    Encord answers before Active has read anything, and has no call that tells how far it is
    (`encord-wire-protocol.md` §7.5).

    Parameters
    ----------
    server
        How the server is reached.

    Examples
    --------
    >>> ws.active.sync("Street scenes Europe")
    'Street scenes Europe'
    """

    def __init__(self, server: Connections) -> None:
        self._server = server

    def sync(self, project: str) -> str:
        """Have Active read a project anew: after its metadata schema was corrected, or its client metadata edited.

        Parameters
        ----------
        project
            Title or hash.

        Returns
        -------
        str
            The project's title.

        Raises
        ------
        NotFound
            There is no such project.
        WireError
            The server refuses, or does not answer.

        Examples
        --------
        >>> ws.active.sync("Street scenes Europe")
        'Street scenes Europe'
        """
        with self._server.client() as client:
            project_hash, title = found_project(client, project)
            client.sync_active(project_hash)
        return title

    def import_project(self, project: str, *, mode: str = "label") -> str:
        """Have Active import a project; else as `sync`.

        Parameters
        ----------
        project
            Title or hash.
        mode
            How much of it: `data`, `label`, `metric` or `advanced`.

        Returns
        -------
        str
            The project's title.

        Raises
        ------
        UsageError
            There is no such mode.

        Examples
        --------
        >>> ws.active.import_project("Street scenes Europe", mode="data")
        'Street scenes Europe'
        """
        if mode not in ACTIVE_MODES:
            meant = similar(mode, ACTIVE_MODES)
            raise UsageError(
                f"Active has no mode {mode!r}", hint=f"did you mean {meant[0]}?" if meant else ", ".join(ACTIVE_MODES)
            )
        with self._server.client() as client:
            project_hash, title = found_project(client, project)
            client.import_into_active(project_hash, mode)
        return title
