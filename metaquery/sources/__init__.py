"""Where data units and labels come from: `Source`, and what it is asked for.

A source fills the spool of one part after another. `encord` reads from Encord, `files` from files; neither is imported
here, so that whoever reads files does not pay for HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from metaquery.store.spool import Part

if TYPE_CHECKING:
    from metaquery.store.chain import Chain
    from metaquery.store.spool import Spool

__all__ = ["Progress", "Scope", "Source"]

Progress = Callable[[Part, int, int], None]
"""Called with the part, the rows that are durable, and the rows expected."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to sync; titles or hashes. Nothing named means everything.

    Attributes
    ----------
    projects
        Projects, with their datasets and labels.
    datasets
        Datasets on their own.
    """

    projects: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether nothing was named."""
        return not self.projects and not self.datasets


class Source(Protocol):
    """Anything that can fill spools."""

    @property
    def domain(self) -> str:
        """What the snapshot says it came from."""

    @property
    def resumes(self) -> bool:
        """Whether a spool that was begun is gone on with."""

    def owns(self, part: Part) -> bool:
        """Whether a part comes from here, so that it goes when it is no longer planned."""

    def plan(self, scope: Scope) -> tuple[Part, ...]:
        """Return the parts that the scope covers, datasets first."""

    def fill(self, part: Part, spool: Spool, base: Chain | None, progress: Progress) -> None:
        """Read the part from the spool's checkpoint to its end.

        Parameters
        ----------
        part
            What to read.
        spool
            Where to; a spool that was begun is gone on with.
        base
            What the published snapshot has of the part; only what differs has to be read. None reads everything.
        progress
            Called as pages become durable.
        """
