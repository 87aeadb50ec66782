"""Projects and their label rows: which units a project has, and how far their labels have come."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from metaquery.sandbox.answers import LegacyRefusal
from metaquery.sandbox.clock import now
from metaquery.sandbox.identity import UuidFamily, uuid_of
from metaquery.sandbox.source import UnitLabels, UnitSource
from metaquery.sandbox.storage import OPENED_AT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metaquery.sandbox.datasets import Datasets

__all__ = ["STAGES", "LabelKey", "LabelRow", "Ontology", "Project", "Projects"]

STAGES: Final = (("ANNOTATION", "Annotate 1"), ("REVIEW", "Review 1"), ("DONE", "Complete"))
"""No router among them: the SDK fails on one (encord-wire-protocol.md §6.1)."""

STATUS_OF_STAGE: Final = (
    ("LABEL_IN_PROGRESS", "ASSIGNED"),
    ("LABELLED", "IN_REVIEW"),
    ("REVIEWED", "COMPLETED"),
)
"""Label status and task status of an opened row, by stage."""

UNOPENED: Final = ("NOT_LABELLED", "QUEUED")


class LabelKey(NamedTuple):
    """Names one label row: a unit on a branch of a project."""

    project: int
    branch: int
    unit: int


class SavedLabels(msgspec.Struct, omit_defaults=False):
    """Labels as a client saved them, each part as it was sent."""

    object_answers: msgspec.Raw = msgspec.Raw(b"{}")
    classification_answers: msgspec.Raw = msgspec.Raw(b"{}")
    object_actions: msgspec.Raw = msgspec.Raw(b"{}")
    data_units: msgspec.Raw = msgspec.Raw(b"{}")
    spaces: msgspec.Raw = msgspec.Raw(b"{}")


@dataclass(slots=True)
class LabelRow:
    """State of a label row that has been opened.

    Parameters
    ----------
    saved
        What a client saved, None where the source's own labels still stand.
    """

    stage: int
    created: float
    edited: float
    assignee: str | None
    saved: SavedLabels | None = None


@dataclass(slots=True)
class Ontology:
    """An ontology: the classes that labels may have."""

    uuid: str
    title: str
    editor: Mapping[str, Any]


@dataclass(slots=True)
class Project:
    """A project.

    Parameters
    ----------
    number
        Its place among all projects.
    planned
        Its place in the source's plans, None where a client made it.
    """

    number: int
    uuid: str
    title: str
    description: str
    datasets: list[str]
    ontology: str
    branches: list[str]
    created: float
    edited: float
    planned: int | None = None
    status: str = "inProgress"
    opened: dict[tuple[int, int], LabelRow] = field(default_factory=dict)
    """Rows opened or saved by clients, by (branch, unit)."""


class Projects:
    """Every project, ontology and label row of the organisation."""

    def __init__(self, source: UnitSource, datasets: Datasets) -> None:
        self._source = source
        self._datasets = datasets
        self._seed = source.seed
        self._labels = UuidFamily(source.seed, "label", limit=1 << 52)
        self._tasks = UuidFamily(source.seed, "task", limit=1 << 52)
        self.ontologies: dict[str, Ontology] = {}
        self.all: dict[str, Project] = {}
        ontology = self.add_ontology(source.ontology_title, source.ontology)
        for number, plan in enumerate(source.projects):
            uuid = uuid_of(self._seed, f"project {plan.title}")
            self.all[uuid] = Project(
                number, uuid, plan.title, plan.description, [datasets.titled(t) for t in plan.datasets],
                ontology.uuid, list(source.branches), OPENED_AT + 10, OPENED_AT + 10, number,
            )  # fmt: skip

    def add_ontology(self, title: str, editor: Mapping[str, Any]) -> Ontology:
        """Add an ontology."""
        uuid = uuid_of(self._seed, f"ontology {len(self.ontologies)}")
        self.ontologies[uuid] = Ontology(uuid, title, editor)
        return self.ontologies[uuid]

    def create(self, title: str, description: str, datasets: list[str], ontology: str) -> Project:
        """Make a project with one branch and no labels."""
        number = len(self.all)
        uuid = uuid_of(self._seed, f"project {number} {title}")
        project = Project(number, uuid, title, description, datasets, ontology, ["main"], now(), now())
        self.all[uuid] = project
        return project

    def units(self, project: Project) -> Iterator[int]:
        """Units of a project: those of its datasets, in the order they were attached."""
        for uuid in tuple(project.datasets):
            yield from self._datasets.units(self._datasets.all[uuid])

    def has_unit(self, project: Project, unit: int) -> bool:
        """Whether a unit belongs to the project."""
        return self._datasets.dataset(unit).uuid in project.datasets

    def stage_uuid(self, project: Project, stage: int) -> str:
        """Uuid of a workflow stage."""
        return _stage_uuid(self._seed, stage, project.uuid)

    def label_hash(self, project: Project, branch: int, unit: int) -> str:
        """Label hash of a row."""
        return self._labels.uuid(project.number << 40 | branch << 34 | unit)

    def task_uuid(self, project: Project, branch: int, unit: int) -> str:
        """Uuid of the workflow task that a row is."""
        return self._tasks.uuid(project.number << 40 | branch << 34 | unit)

    def find(self, project: Project, label_hash: object) -> LabelKey | None:
        """Which opened row of the project has that label hash, None where none has."""
        code = self._labels.number(label_hash)
        if code is None or code >> 40 != project.number:
            return None
        branch, unit = code >> 34 & 63, code & ((1 << 34) - 1)
        if branch >= len(project.branches) or unit >= len(self._datasets):
            return None
        known = self.row(project, branch, unit) is not None and self.has_unit(project, unit)
        return LabelKey(project.number, branch, unit) if known else None

    def row(self, project: Project, branch: int, unit: int) -> LabelRow | None:
        """Give the state of a row, None where its labels were never opened."""
        changed = project.opened.get((branch, unit))
        if changed is not None or project.planned is None or unit >= self._source.units:
            return changed
        if branch >= len(self._source.branches):
            return None
        found = self._source.opened(unit, project.planned, project.branches[branch])
        return None if found is None else LabelRow(found.stage, found.created, found.edited, found.assignee)

    def labels(self, project: Project, branch: int, unit: int) -> UnitLabels:
        """Give the source's own labels of an opened row."""
        base = project.planned is not None and unit < self._source.units and branch < len(self._source.branches)
        if not base or project.planned is None:
            return UnitLabels((), None)
        if self._source.opened(unit, project.planned, project.branches[branch]) is None:
            return UnitLabels((), None)
        return self._source.labels(unit, project.planned, project.branches[branch])

    def branch(self, project: Project, name: str) -> int:
        """Place of a branch among those of the project ever named; a new name gets the next place."""
        if name not in project.branches:
            if len(project.branches) >= 64:
                raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", "the sandbox holds 64 branches in a project")
            project.branches.append(name)
        return project.branches.index(name)

    def used_branches(self, project: Project) -> list[str]:
        """Names of the branches that hold labels, `main` always among them."""
        planned = len(self._source.branches) if project.planned is not None else 1
        opened = {branch for branch, _ in project.opened}
        return [name for n, name in enumerate(project.branches) if n < planned or n in opened]

    def open(self, project: Project, branch_name: str, unit: int) -> LabelKey:
        """Open the labels of a unit, making the branch where it is new; a row already open stays as it is."""
        branch = self.branch(project, branch_name)
        if self.row(project, branch, unit) is None:
            project.opened[branch, unit] = LabelRow(0, now(), now(), None)
        return LabelKey(project.number, branch, unit)

    def save(self, project: Project, key: LabelKey, labels: SavedLabels) -> None:
        """Replace the labels of an opened row."""
        row = self.row(project, key.branch, key.unit) or LabelRow(0, now(), now(), None)
        row.saved, row.edited = labels, now()
        project.opened[key.branch, key.unit] = row


@lru_cache(maxsize=4096)
def _stage_uuid(seed: int, stage: int, project: str) -> str:
    return uuid_of(seed, f"stage {stage} of {project}")
