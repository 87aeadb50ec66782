"""The references say what the code says: each is written from it, and what is checked in is what would be written."""

from __future__ import annotations

import inspect
import re

import pytest

import metaquery
from metaquery.cli.root import COMMANDS
from metaquery.settings import Settings

from .error_words import CODES, DO
from .errors import codes_by_kind, pictures
from .public import ROOMS, error_kinds, function_of, members, titled
from .references import PAGES, REFERENCE, written

NOT_OURS = {
    "Any", "Callable", "ClassVar", "ForwardRef", "Iterator", "Literal", "Mapping", "NoReturn", "None", "Path",
    "Self",  # those are Python's
    "DataFrame", "RecordBatchReader", "Table",  # pandas', Polars' and Arrow's
    "BarKind", "Key", "Keys", "Kind", "Member", "Param", "Qualifier",  # names for what a type of Python's is
    "Clauses", "Engine", "EncordClient", "Evaluation", "Expr", "FieldType", "Matching", "Named", "Query",
    "Target",  # other rooms of ours
}  # fmt: skip
"""What public names hand over besides what the reference explains."""


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_is_what_the_code_says(name: str) -> None:
    same = (REFERENCE / name).read_text(encoding="utf-8") == written(name)
    assert same, f"docs/reference/{name} is out of date: python -m tests.documentation --update"


def test_every_code_of_a_filters_error_is_explained_and_drawn() -> None:
    listed = [code for codes in codes_by_kind().values() for code in codes]
    assert set(listed) == set(CODES) == set(pictures())
    assert len(listed) == len(set(listed))


def test_every_error_that_can_be_caught_is_explained() -> None:
    filters = {"FilterSyntaxError", "UnknownField", "FilterTypeError", "FilterLimitError"}
    assert {kind.__name__ for kind in error_kinds()} == set(DO) | filters


def test_every_class_of_ours_that_is_handed_over_is_explained() -> None:
    documented = [one for room in ROOMS for one in (*room.does, *room.tells)]
    told = {titled(one) for one in documented} | NOT_OURS
    for kind in (one for one in documented if isinstance(one, type)):
        given = [str(inspect.signature(function_of(member)).return_annotation) for _, member in members(kind)]
        kept = [str(type_) for name, type_ in inspect.get_annotations(kind).items() if name[0] != "_"]
        named = {name for text in (*given, *kept) for name in re.findall(r"\b[A-Z]\w+", text)}
        assert named <= told, titled(kind)


def test_every_command_every_setting_and_every_public_name_has_its_heading() -> None:
    headings = {
        name: set(re.findall("^#+ (.*)$", (REFERENCE / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in PAGES
    }
    assert {f"metaquery {name}" for name in COMMANDS} <= headings["cli.md"]
    assert set(Settings.names()) <= headings["settings.md"]
    documented = [one for room in ROOMS for one in (*room.does, *room.tells)]
    assert {getattr(metaquery, name) for name in metaquery.__all__ if name != "__version__"} <= set(documented)
    assert {titled(one) for one in documented} <= headings["python.md"]
