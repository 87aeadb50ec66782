"""Saved filters on disk: text that a team can read, under any name."""

from pathlib import Path

import pytest

from metaquery.errors import NotFound, UsageError
from metaquery.saved_filters import SavedFilters
from metaquery.store.layout import Layout


def test_a_file_is_itself_a_filter(tmp_path: Path) -> None:
    filters = SavedFilters(Layout(tmp_path))
    filters.save("night", "data", "dark = true")
    (file,) = Layout(tmp_path).filters.glob("data/*.filter")
    assert file.read_text() == "# metaquery filter, language 1, on data\ndark = true\n"
    file.write_text("# by hand\ndark\n  and city = 'Oslo'\n")
    assert filters.get("night", "data").text == "# by hand\ndark\n  and city = 'Oslo'"


@pytest.mark.parametrize("name", ["a/b", "..", "nächste Nacht", 'he said "hi"', "🌙", "a%2Fb", "CON", "a-b"])
def test_any_name_is_kept_and_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    filters = SavedFilters(Layout(tmp_path))
    assert filters.save(name, "labels", "class = 'car'").name == name
    assert [(f.name, f.relation) for f in filters.all()] == [(name, "labels")]
    assert [p.parent.name for p in tmp_path.rglob("*.filter")] == ["labels"]
    assert filters.delete(name, "labels").text == "class = 'car'"
    assert filters.all() == []


@pytest.mark.parametrize(
    ("name", "reference"), [("night", "@night"), ("a-b", "@a-b"), ("a b", '@"a b"'), ("1a", '@"1a"')]
)
def test_the_reference_is_what_a_filter_writes(tmp_path: Path, name: str, reference: str) -> None:
    assert SavedFilters(Layout(tmp_path)).save(name, "data", "dark").reference == reference


def test_a_name_that_is_taken_is_refused_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    filters = SavedFilters(Layout(tmp_path))
    filters.save("night", "data", "dark")
    with pytest.raises(UsageError, match="--replace"):
        filters.save("night", "data", "not dark")
    filters.save("night", "data", "not dark", replace=True)
    assert filters.texts("data") == {"night": "not dark"}
    assert filters.texts("labels") == {}


def test_an_unknown_name_names_the_nearest(tmp_path: Path) -> None:
    filters = SavedFilters(Layout(tmp_path))
    filters.save("night", "data", "dark")
    with pytest.raises(NotFound, match="did you mean 'night'"):
        filters.get("nihgt", "data")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        SavedFilters(Layout(tmp_path)).save(name, "data", "dark")
