"""What a push is going to do, before it does anything: plain data, that can be printed and is journalled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

from metaquery.errors import UsageError
from metaquery.wire import ACTIVE_MODES, CollectionMember

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.push.report import Failure

__all__ = ["BATCH", "Destination", "Kind", "Member", "Options", "PushPlan", "TargetPlan"]

Kind = Literal["collection", "project-collection", "dataset", "project"]

Member = str | CollectionMember
"""A storage item by its uuid, or a frame or label of a project."""

BATCH = 1_000
"""Members a request; each batch is journalled."""

_WORDS = {"collection": "Collection", "project-collection": "Collection", "dataset": "dataset", "project": "project"}


class Options(TypedDict, total=False):
    """The fields of a `Destination`, for functions that take them by name."""

    to: Kind
    project: str | None
    title: str | None
    description: str | None
    ontology: str | None
    like: str | None
    sync: bool
    import_active: str | None


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a Collection is to go.

    Attributes
    ----------
    to
        `collection`: an Index Collection in each folder that holds members. `project-collection`: frames, or labels,
        of a project. `dataset`: an Index Collection, and a dataset of the same storage items. `project`: both, and a
        project over the dataset.
    project
        Title or hash of the project that is to have the Project Collection.
    title, description
        Of the dataset and the project; None takes the Collection's.
    ontology, like
        The new project's ontology, by its hash, or that of a project, by title or hash; None of both lets Encord make
        an empty one.
    sync
        Whether what is there and is no member is removed.
    import_active
        `data`, `label`, `metric` or `advanced`: how much of the new project Active imports; None imports nothing.
    """

    to: Kind = "collection"
    project: str | None = None
    title: str | None = None
    description: str | None = None
    ontology: str | None = None
    like: str | None = None
    sync: bool = False
    import_active: str | None = None

    def __post_init__(self) -> None:
        """Refuse what does not go together, before anything is asked of the server."""
        if self.to not in get_args(Kind):
            raise UsageError(f"nothing can be sent to {self.to!r}", hint=f"there are {', '.join(get_args(Kind))}")
        if (self.project is None) == (self.to == "project-collection"):
            raise UsageError(
                "a Project Collection needs its project" if self.project is None else f"a {self.to} is in no project",
                hint="--to project-collection --project TITLE; --like TITLE takes a project's ontology",
            )
        makes = self.to in {"dataset", "project"}
        if self.sync and makes:
            raise UsageError(
                f"a {self.to} cannot be made equal to a Collection: data units that go take their labels along",
                hint="send without --sync; remove data units in Encord",
            )
        if (self.title is not None or self.description is not None) and not makes:
            raise UsageError(
                "only a dataset or a project gets a title of its own", hint="a Collection keeps its title there"
            )
        if any((self.ontology, self.like, self.import_active)) and self.to != "project":
            raise UsageError("an ontology, and an import into Active, is a new project's", hint="--to project")
        if self.ontology is not None and self.like is not None:
            raise UsageError("the ontology is named twice", hint="give --ontology or --like")
        if self.import_active is not None and self.import_active not in ACTIVE_MODES:
            raise UsageError(f"Active has no mode {self.import_active!r}", hint=f"there are {', '.join(ACTIVE_MODES)}")


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What is going to be done to one Collection, dataset or project.

    Attributes
    ----------
    kind
        Which of them.
    place
        Uuid of the folder, hash of the project; of a dataset or project itself, its title.
    where
        The folder or project, in words; empty for datasets and projects.
    title, description
        As it is to be called; None leaves the description as it is.
    uuid
        Of what is there; None where it is to be made.
    changes
        Whether what is there is called or described otherwise.
    wanted
        Members that it is to have; a Collection's order.
    add, remove
        Those that are missing, and those that are there and have to go.
    delete
        Whether it is deleted where no member is left.
    detail
        Of a Project Collection, FRAME or LABEL; of a project, the hash of its ontology, or nothing.
    """

    kind: Kind
    place: str
    where: str
    title: str
    description: str | None
    uuid: str | None
    changes: bool = False
    wanted: tuple[Member, ...] = field(default=(), repr=False)
    add: tuple[Member, ...] = field(default=(), repr=False)
    remove: tuple[Member, ...] = field(default=(), repr=False)
    delete: bool = False
    detail: str = ""

    @property
    def key(self) -> str:
        """What tells it from the other targets of a push."""
        return f"{self.kind}:{self.place}"

    @property
    def named(self) -> str:
        """What it is, in words."""
        return f"the {_WORDS[self.kind]} {self.title!r}" + (f" in {self.where}" if self.where else "")

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.uuid is None or self.changes or self.add or self.remove or self.delete)

    def lines(self) -> list[str]:
        """Say what is going to be done, and in how many batches."""
        verb = "create" if self.uuid is None else "find  "
        over = f", with the ontology {self.detail}" if self.kind == "project" and self.detail else ""
        over += ", with an empty ontology" if self.kind == "project" and not self.detail and self.uuid is None else ""
        lines = [f"{verb}  {self.named}{over}{f' ({self.uuid})' if self.uuid else ''}"]
        if self.changes:
            lines.append("change  its title or description")
        if self.wanted or self.add:
            lines.append(f"add     {_counted(self, len(self.add))}")
        if len(self.wanted) > len(self.add):
            lines[-1] += f"; {len(self.wanted) - len(self.add):,} there already"
        if self.remove:
            lines.append(f"remove  {_counted(self, len(self.remove))}")
        if self.delete:
            lines.append("delete  it, if nothing else is in it by then")
        return lines


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push, or the undoing of one, is going to do.

    Attributes
    ----------
    id
        Of the push; that of an interrupted one where it is gone on with.
    collection, title
        Id and title of the Collection.
    server
        Scheme, host and port.
    destination
        Where it goes; None of the undoing of a push.
    targets
        In the order in which they are done.
    left_out
        Members that cannot be sent, each with its reason.
    resumes
        Whether an interrupted push is gone on with.
    done_by
        The finished push that has done all of it before; None where there is something to do.
    undoes
        The push that is undone; None of a push.
    cannot
        What of it cannot be undone, in words.
    imports
        Whether Active is to import the project.
    digest
        Of the targets and their members: two plans of the same have the same.
    units
        Data units behind a storage item.
    seen
        Bytes of the journal when the plan was made: nothing may have been sent since.
    """

    id: str
    collection: str
    title: str
    server: str
    destination: Destination | None
    targets: tuple[TargetPlan, ...]
    left_out: tuple[Failure, ...] = ()
    resumes: bool = False
    done_by: str | None = None
    undoes: str | None = None
    cannot: tuple[str, ...] = ()
    imports: bool = False
    digest: str = field(default="", repr=False)
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    seen: int = field(default=0, repr=False)

    @property
    def to(self) -> str:
        """What it makes of the Collection, or `undo`."""
        return "undo" if self.destination is None else self.destination.to

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done on the server."""
        return not self.imports and all(target.idle for target in self.targets)

    @property
    def adds(self) -> int:
        """Members to be added, in all."""
        return sum(len(target.add) for target in self.targets)

    @property
    def removes(self) -> int:
        """Members to be removed, in all."""
        return sum(len(target.remove) for target in self.targets)

    def lines(self) -> list[str]:
        """Say what is going to be done, a line each."""
        what = f"undo push {self.undoes}" if self.undoes else f"send {self.title!r}"
        lines = [f"Plan {self.id}: {what}, {self.server}{', going on where it stopped' if self.resumes else ''}"]
        lines += [f"  {line}" for target in self.targets for line in target.lines()]
        if self.imports and self.destination is not None:
            lines.append(f"  import  the project into Active, mode {self.destination.import_active}")
        reasons: dict[str, int] = {}
        for failure in self.left_out:
            reasons[failure.reason] = reasons.get(failure.reason, 0) + 1
        lines += [f"  leave   {count:,} out: {reason}" for reason, count in reasons.items()]
        return [*lines, *(f"  keep    {words}" for words in self.cannot)]


def _counted(target: TargetPlan, count: int) -> str:
    """Say how many members, and in how many batches."""
    noun = "storage item"
    if target.kind == "project-collection":
        noun = "frame" if target.detail == "FRAME" else "label"
    batches = -(-count // BATCH)
    words = f" in {batches:,} batch{'' if batches == 1 else 'es'}" if count else ""
    return f"{count:,} {noun}{'' if count == 1 else 's'}{words}"
