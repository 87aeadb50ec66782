"""What a push did: every member that was asked for, and what became of it."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from metaquery.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Failure", "PushReport", "ReadBack", "TargetReport", "write_failures"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A member that is not where it should be.

    Attributes
    ----------
    data_hash
        The data unit; empty where a storage item stands behind none that is known here.
    member
        As the server names it: the storage item, or data hash and frame, and annotation of a label; empty where the
        member was not sent.
    place
        Where it should be, in words; empty where it was not sent at all.
    reason
        Why it is not.
    """

    data_hash: str
    member: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class TargetReport:
    """What became of one Collection, dataset or project on the server.

    Attributes
    ----------
    kind
        `collection`, `project-collection`, `dataset` or `project`.
    title
        Its title there.
    where
        The folder or the project it is in, in words; empty for datasets and projects.
    uuid
        Encord's id of it.
    created, deleted
        Whether this push made it, or deleted it.
    requested
        Members that it should have; of a project none, as its dataset has them.
    already, added, removed
        Members that were there, that this push added, and that it removed.
    failed
        Members that should be there, or gone, and are not.
    """

    kind: str
    title: str
    where: str
    uuid: str
    created: bool
    deleted: bool
    requested: int
    already: int
    added: int
    removed: int
    failed: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class PushReport:
    """What a push did.

    Attributes
    ----------
    id
        Of the push, for `metaquery push undo`; empty where nothing was to be done.
    title
        Of the Collection.
    targets
        One for each Collection, dataset and project on the server.
    left_out
        Members that were not sent, each with its reason.
    """

    id: str
    title: str
    targets: tuple[TargetReport, ...]
    left_out: tuple[Failure, ...]

    @property
    def requested(self) -> int:
        """Members that were asked for, in all."""
        return sum(t.requested for t in self.targets) + len(self.left_out)

    @property
    def added(self) -> int:
        """Members added, in all."""
        return sum(t.added for t in self.targets)

    @property
    def already(self) -> int:
        """Members that were there, in all."""
        return sum(t.already for t in self.targets)

    @property
    def removed(self) -> int:
        """Members removed, in all."""
        return sum(t.removed for t in self.targets)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Every member that is not where it should be."""
        return (*self.left_out, *(failure for target in self.targets for failure in target.failed))

    @property
    def failed(self) -> int:
        """How many those are."""
        return len(self.failures)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the server lists of a Collection, against what it should have.

    Attributes
    ----------
    found
        Storage items that the server lists.
    missing
        Storage items that stand behind a member, and that the server does not list.
    extra
        Those that it lists and that stand behind no member.
    """

    found: frozenset[str]
    missing: frozenset[str]
    extra: frozenset[str]


def write_failures(failures: Iterable[Failure], path: Path) -> None:
    """Write all failures to a file, CSV or NDJSON by the end of its name; one without rows where there are none.

    Raises
    ------
    UsageError
        The name ends otherwise, or the file cannot be written.
    """
    names = [field.name for field in fields(Failure)]
    try:
        if path.suffix == ".csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows(asdict(failure) for failure in failures)
        elif path.suffix in {".ndjson", ".jsonl"}:
            with path.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(failure), ensure_ascii=False) + "\n" for failure in failures)
        else:
            raise UsageError(f"{path.name} is neither .csv nor .ndjson", hint="name the file failures.csv, for example")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
