"""What is public of the Python face: names of the package, and what these hand over."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import metaquery
from metaquery import errors
from metaquery.active import Active
from metaquery.boxes import Box
from metaquery.clauses import Clause
from metaquery.collection import Change, Collections, Definition, Provenance
from metaquery.collection.comparison import Comparison, Drift
from metaquery.collection.selection import Selection
from metaquery.collection.sets import SetExpression
from metaquery.connections import Connection, Connections
from metaquery.corrections import Correction, Proposal
from metaquery.crossfilter import Crossfilter
from metaquery.crossfiltered import CrossfilteredBar, CrossfilteredFacet, Range
from metaquery.delivery import Delivery
from metaquery.description import Description
from metaquery.diff import Diff, FieldChange, UnitChange
from metaquery.edits import EditEntry, EditPlan, EditReport, KeyEffect, Left, Metadata, UnitMetadata
from metaquery.explanation import Explanation
from metaquery.export import Export
from metaquery.facets import Bar, Facet
from metaquery.history import History
from metaquery.lake_export import LakeExport
from metaquery.lake_manifest import Held, LakeFile, LakeTable, Manifest
from metaquery.language import Sql
from metaquery.language.complete import Candidate, Completion
from metaquery.misfits import Misfit
from metaquery.moment import Moment
from metaquery.organisation_schema import OrganisationSchema
from metaquery.paged import Paged
from metaquery.pictures import Picture, Pictures
from metaquery.push import (
    Destination,
    Failure,
    Pulled,
    Pushed,
    Pushes,
    PushPlan,
    PushReport,
    ReadBack,
    TargetPlan,
    TargetReport,
)
from metaquery.saved_filters import SavedFilter, SavedFilters
from metaquery.saved_filters.files import Exported
from metaquery.saved_filters.importing import Imported
from metaquery.saved_filters.presets import Preset, PresetPlan
from metaquery.saved_filters.renaming import Renamed
from metaquery.schema import Field, MetadataSchema, Relation, Schema
from metaquery.schema_changes import SchemaChange, SchemaPlan
from metaquery.schema_history import SchemaHistory, SchemaVersion
from metaquery.sources.files import FileReport
from metaquery.sources.rejections import Rejection, Rejections
from metaquery.store.descriptions import Unreadable
from metaquery.store.evidence import Look
from metaquery.store.history import Entry
from metaquery.store.prune import PruneReport, Sizes, Spared
from metaquery.store.retyping import Fit
from metaquery.store.snapshot import Changes, Counts, KeyCount, Snapshot, SpooledPart
from metaquery.store.spool import Part
from metaquery.store.verify import Check
from metaquery.sync import PartReport, SyncReport
from metaquery.tally import Unknown
from metaquery.unit import Unit, UnitEvent, UnitValue, ValueChange


class Room(NamedTuple):
    """One section of the reference: what does something, and what only tells."""

    title: str
    words: str
    does: tuple[Any, ...]
    tells: tuple[type, ...] = ()


ROOMS = (
    Room(
        "Opening a workspace",
        "`metaquery.open` gives the one object from which all else is reached.",
        (metaquery.open, metaquery.Workspace),
        (
            Unit,
            UnitValue,
            UnitEvent,
            ValueChange,
            SyncReport,
            PartReport,
            Part,
            Changes,
            FileReport,
            Rejections,
            Rejection,
            Delivery,
        ),
    ),
    Room(
        "Views",
        "A view is a query that has not run: each step returns another one, and the last one runs it.",
        (metaquery.View, metaquery.Tally, Crossfilter, Paged),
        (
            Unknown,
            Explanation,
            Clause,
            Misfit,
            Facet,
            Bar,
            Description,
            CrossfilteredFacet,
            CrossfilteredBar,
            Range,
            Export,
            Completion,
            Candidate,
            Sql,
            Field,
            Relation,
        ),
    ),
    Room(
        "Conditions",
        "`F` builds filters in Python, as the tree that their text would have.",
        (metaquery.F, metaquery.Operand, metaquery.Condition),
    ),
    Room(
        "Collections and tags",
        "`ws.collections` has them; `View.collect` makes one.",
        (Collections, metaquery.Collection, SetExpression),
        (Selection, Definition, Provenance, Change, Comparison, Drift),
    ),
    Room(
        "Saved filters",
        "`ws.filters` has them; `Workspace.save_filter` makes one.",
        (SavedFilters,),
        (SavedFilter, Renamed, Exported, Imported, Preset, PresetPlan),
    ),
    Room(
        "Sending",
        "`ws.pushes` plans, sends and undoes; `Workspace.push` plans and sends at once.",
        (Pushes,),
        (Destination, PushPlan, TargetPlan, PushReport, TargetReport, Failure, ReadBack, Pushed, Pulled),
    ),
    Room(
        "Client metadata",
        "`ws.metadata` lists it, and plans edits of it on the server.",
        (Metadata,),
        (UnitMetadata, EditPlan, KeyEffect, EditReport, Left, EditEntry),
    ),
    Room(
        "The metadata schema",
        "`ws.schema` is the organisation's, there and as this workspace knows it.",
        (OrganisationSchema, SchemaHistory),
        (MetadataSchema, SchemaPlan, SchemaChange, Fit, SchemaVersion, Proposal, Correction, Look),
    ),
    Room(
        "Snapshots",
        "`ws.snapshot()` is the newest, `ws.as_of(…)` an earlier one, `ws.history` all that are kept.",
        (Moment, History),
        (
            Box,
            Snapshot,
            SpooledPart,
            Schema,
            Counts,
            KeyCount,
            Entry,
            Unreadable,
            Check,
            PruneReport,
            Spared,
            Sizes,
            Diff,
            FieldChange,
            UnitChange,
        ),
    ),
    Room(
        "Lakes",
        "`ws.export_lake(…)` writes a snapshot as plain Parquet for other engines; `metaquery.open_lake` asks it here.",
        (metaquery.open_lake, metaquery.Lake),
        (LakeExport, Manifest, LakeTable, LakeFile, Held),
    ),
    Room(
        "The server",
        "`ws.server` knows how it is reached, `ws.active` asks Encord's Active, `ws.pictures` has pictures.",
        (Connections, Active),
        (Connection, Pictures, Picture),
    ),
    Room(
        "Errors",
        "All that metaquery raises on purpose, in `metaquery.errors`; [Errors](errors.md) has them by code.",
        (metaquery.MetaqueryError, metaquery.FilterError),
        (errors.Span,),
    ),
)


FOR_OTHER_ROOMS = {
    "Collections.create": "what `make` and imports are made of",
    "Collections.live": "a folder that is cleared",
    "Collections.newest": "what evaluates live Collections",
    "Collections.settled": "what checks that hold writers off",
    "Connections.answered": "what notes that the server answered",
    "Range.holds": "what facets ask of bars",
    "Range.of": "what facets ask of clauses",
    "Crossfilter.bind": "what its other methods check conditions with",
    "Explanation.of": "what `View.explain` calls",
    "Held.live": "what completes titles",
    "Lake.evaluation": "what refuses new Collections",
    "LakeExport.of": "what tells of an export",
    "LakeTable.rows": "what tells of an export",
    "Manifest.about": "what writes the files of a lake",
    "Manifest.write": "what writes the files of a lake",
    "Field.parse_sql": "what types values",
    "FileReport.reject": "what reads files",
    "Metadata.fitting": "what refuses values",
    "Moment.evaluation": "what evaluates live Collections",
    "OrganisationSchema.remember": "what keeps a schema that was seen",
    "Part.from_json": "what reads descriptions",
    "Rejections.add": "what reads files",
    "SavedFilters.take": "what imports save with",
    "Schema.from_json": "what reads descriptions",
    "Schema.of": "what makes schemas",
    "SchemaHistory.kept": "what writes the history",
    "SchemaHistory.planned": "what writes the history",
    "SchemaHistory.seen": "what writes the history",
    "Selection.of_query": "what `View.selection` calls",
    "SetExpression.of": "what the operators of a Collection call",
    "Sizes.of": "what measures a workspace",
    "Snapshot.current": "what opens a workspace",
    "Snapshot.describe": "what publishes",
    "Snapshot.load": "what opens a workspace",
    "Snapshot.publish": "what publishes",
    "Tally.of": "what `View.counts` calls",
}
"""Methods that have no underscore as other modules of ours call them, and that are no part of the Python face."""


def titled(documented: Any) -> str:
    """Return what a name is called."""
    if documented is metaquery.open:
        return "metaquery.open"
    return "F" if documented is metaquery.F else str(documented.__name__)


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class, inherited ones of ours first, as they are written."""
    seen: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("metaquery"):
            seen |= {n: v for n, v in vars(base).items() if not n.startswith("_") and _is_code(v)}
    yield from ((name, value) for name, value in seen.items() if f"{titled(kind)}.{name}" not in FOR_OTHER_ROOMS)


def function_of(member: Any) -> Callable[..., Any]:
    """Return the function that is behind a method or a property."""
    behind = (getattr(member, name, None) for name in ("fget", "func", "__func__"))
    found: Callable[..., Any] = next((each for each in behind if each is not None), member)
    return found


def _is_code(value: Any) -> bool:
    return isinstance(value, (property, cached_property, classmethod, staticmethod)) or inspect.isfunction(value)


def error_kinds() -> list[type[errors.MetaqueryError]]:
    """Return every exception of ours that can be caught by name, as they are written: a kind before those of it."""
    found = (kind for name, kind in vars(errors).items() if name in errors.__all__)
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, errors.MetaqueryError)]
