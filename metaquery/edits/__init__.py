"""Client metadata edited on the server: plan, journal, apply, read back; undo."""

from metaquery.edits.log import EditEntry
from metaquery.edits.metadata import Metadata, UnitMetadata
from metaquery.edits.plan import EditPlan, KeyEffect
from metaquery.edits.report import EditReport, Left

__all__ = ["EditEntry", "EditPlan", "EditReport", "KeyEffect", "Left", "Metadata", "UnitMetadata"]
