"""What a data set must be able to say, so that the stand-in can serve it as an organisation's data.

A source computes everything from a unit's number; nothing is kept. What clients change is kept elsewhere
(`storage`, `labels`), on top of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Box", "DatasetPlan", "Media", "Opened", "ProjectPlan", "Topic", "UnitLabels", "UnitSource"]


class Media(NamedTuple):
    """The file behind a storage item."""

    kind: str
    """`IMAGE`, `VIDEO`, `PLAIN_TEXT`, …, as data rows write it."""
    mime: str
    width: int | None
    height: int | None
    frames: int
    fps: float | None
    duration: float | None
    size: int


class Box(NamedTuple):
    """One object drawn on a unit."""

    feature: int
    """Position in the ontology's `objects`."""
    object_hash: str
    frames: tuple[int, ...]
    x: float
    y: float
    w: float
    h: float
    confidence: float
    manual: bool
    author: str
    drawn_at: float


class Topic(NamedTuple):
    """The answer of the ontology's one radio classification."""

    classification_hash: str
    option: int
    confidence: float
    manual: bool
    author: str
    given_at: float


class Opened(NamedTuple):
    """That a unit's labels have been opened on a branch, and how far they have come."""

    stage: int
    """Position in the workflow's stages."""
    created: float
    edited: float
    assignee: str | None


class UnitLabels(NamedTuple):
    """The labels of one unit on one branch."""

    boxes: tuple[Box, ...]
    topic: Topic | None


class DatasetPlan(NamedTuple):
    """A dataset there is from the start: units `start`, `start + step`, and so on."""

    title: str
    description: str
    start: int
    step: int


class ProjectPlan(NamedTuple):
    """A project there is from the start."""

    title: str
    description: str
    datasets: tuple[str, ...]


class UnitSource(Protocol):
    """A data set."""

    seed: int
    units: int

    @property
    def folder(self) -> str:
        """Name of the top-level folder that holds every item."""
        ...

    @property
    def description(self) -> str:
        """What the data is."""
        ...

    @property
    def bucket(self) -> str:
        """Where the files would lie."""
        ...

    @property
    def datasets(self) -> Sequence[DatasetPlan]:
        """The datasets there are from the start; every unit is in one of them."""
        ...

    @property
    def projects(self) -> Sequence[ProjectPlan]:
        """The projects there are from the start."""
        ...

    @property
    def branches(self) -> Sequence[str]:
        """The branches that hold labels, `main` first."""
        ...

    @property
    def ontology_title(self) -> str:
        """Title of the one ontology."""
        ...

    @property
    def ontology(self) -> Mapping[str, Any]:
        """Its editor structure (encord-wire-protocol.md §6.1)."""
        ...

    @property
    def schema(self) -> Mapping[str, Any]:
        """The metadata schema that fits, in the typed form of encord-wire-protocol.md §3.2."""
        ...

    def name(self, unit: int) -> str:
        """File name of a unit."""
        ...

    def media(self, unit: int) -> Media:
        """Give the file behind a unit."""
        ...

    def metadata(self, unit: int) -> str:
        """Client metadata of a unit: the text of a JSON object."""
        ...

    def opened(self, unit: int, project: int, branch: str) -> Opened | None:
        """Whether labels were opened, in the project at that position of `projects`; None where never."""
        ...

    def labels(self, unit: int, project: int, branch: str) -> UnitLabels:
        """Labels of a unit that `opened` says were opened."""
        ...

    def picture(self, unit: int) -> str:
        """Draw the unit, as SVG."""
        ...
