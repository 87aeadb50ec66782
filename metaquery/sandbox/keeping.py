"""Keeping an organisation in a file, so that a sandbox that was killed goes on where it was.

After each request that may change something the file is replaced before the answer goes out: what was answered is
kept, and what was kept may be without an answer, as with any server. It is not fsynced: processes are killed, not
machines. The file holds pickled objects, so only one's own is ever read.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metaquery.sandbox.signatures import Registry

if TYPE_CHECKING:
    from pathlib import Path

    from metaquery.sandbox.state import Organisation

__all__ = ["Kept"]


@dataclass(frozen=True, slots=True)
class Kept:
    """An organisation's file.

    Parameters
    ----------
    path
        Where it lies; it need not be there yet.
    """

    path: Path

    def read(self) -> Organisation | None:
        """Return what is kept; None where nothing is. The keys that it knew are not."""
        if not self.path.exists():
            return None
        org: Organisation = pickle.loads(self.path.read_bytes())  # noqa: S301 - written by `write` alone
        org.keys = Registry()
        return org

    def write(self, org: Organisation) -> None:
        """Replace what is kept."""
        beside = self.path.with_name(f"{self.path.name}.next")
        known, org.keys = org.keys, Registry()
        try:
            beside.write_bytes(pickle.dumps(org))
        finally:
            org.keys = known
        beside.replace(self.path)
