"""Saved filters that name each other, and their files in a team's repository."""

import io
import json
from pathlib import Path

import pytest

import metaquery
from metaquery.errors import FilterError, StoreError, UsageError
from metaquery.kept import workspace_checks
from metaquery.saved_filters import SavedFilters
from metaquery.store.layout import Layout

EXPRESSIONS = {
    "data/night.filter": "# by hand\ndark\n",
    "data/both.filter": "@night and n > 3\n",
    "data/with cars.filter": 'any label(@night) and @"night"\n',
    "labels/night.filter": "# metaquery filter, language 1, on labels\nclass = 'car'\n",
}


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A folder of filters written by hand: two are called `night`, one on data and one on labels."""
    return written(tmp_path / "team", EXPRESSIONS)


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def filters(tmp_path: Path) -> SavedFilters:
    return SavedFilters(Layout(tmp_path))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> metaquery.Workspace:
    """A workspace whose snapshot has the keys `dark` and `n`."""
    root = tmp_path_factory.mktemp("synced")
    rows = [{"data_hash": f"u{n}", "client_metadata": {"n": n, "dark": n % 2 == 0}} for n in range(8)]
    (root / "units.ndjson").write_text("\n".join(map(json.dumps, rows)))
    workspace = metaquery.open(root)
    workspace.sync_files(units=root / "units.ndjson", schema={"n": "number", "dark": "boolean"})
    return workspace


def texts(filters: SavedFilters) -> dict[tuple[str, str], str]:
    return {(f.relation, f.name): f.text for f in filters.all()}


def test_a_folder_is_taken_as_it_was_written(filters: SavedFilters, team: Path, tmp_path: Path) -> None:
    done = filters.import_from(team)
    assert [(f.relation, f.name) for f in done.new] == [
        ("data", "both"), ("data", "night"), ("data", "with cars"), ("labels", "night"),
    ]  # fmt: skip
    assert filters.get("night", "data").text == "# by hand\ndark"
    assert filters.import_from(team).unchanged == done.new
    assert texts(SavedFilters(Layout(tmp_path))) == texts(filters)


def test_a_new_name_is_written_into_all_that_name_the_filter_and_nowhere_else(
    filters: SavedFilters, team: Path
) -> None:
    filters.import_from(team)
    done = filters.rename("night", "after dark", "data")
    assert done.filter.text == "# by hand\ndark"
    assert [f.name for f in done.rewritten] == ["both", "with cars"]
    assert texts(filters) == {
        ("data", "after dark"): "# by hand\ndark",
        ("data", "both"): '@"after dark" and n > 3',
        ("data", "with cars"): 'any label(@night) and @"after dark"',
        ("labels", "night"): "class = 'car'",
    }


def test_names_that_are_taken_or_would_close_a_circle_are_refused(filters: SavedFilters) -> None:
    filters.save("night", "data", "@dusk and dark")
    filters.save("late", "data", "dark")
    with pytest.raises(UsageError, match="choose another name"):
        filters.rename("night", "late", "data")
    with pytest.raises(FilterError, match="@dusk → @dusk"):
        filters.rename("night", "dusk", "data")
    filters.save("broken", "data", "@late and and")
    with pytest.raises(UsageError, match="@broken on data may name @late, and cannot be read"):
        filters.rename("late", "later", "data")
    assert set(filters.texts("data")) == {"night", "late", "broken"}
    assert filters.rename("late", "late", "data").rewritten == ()


def test_what_others_name_cannot_be_deleted(filters: SavedFilters, team: Path) -> None:
    filters.import_from(team)
    with pytest.raises(UsageError, match=r'@night is named by @both on data, @"with cars" on data'):
        filters.delete("night", "data")
    filters.delete("both", "data")
    filters.delete("with cars", "data")
    assert filters.delete("night", "data").text == "# by hand\ndark"


def test_a_live_collection_of_a_saved_filter_does_not_depend_on_its_name(synced: metaquery.Workspace) -> None:
    synced.save_filter("low", "n < 3")
    made = synced.data.filter("@low and dark").collect("low and dark", live=True)
    synced.filters.rename("low", "lower", "data")
    synced.filters.delete("lower", "data")
    assert made.definition is not None
    assert "@" not in made.definition.text
    assert synced.collections.get("low and dark").evaluated().members == 2


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("data/x.filter", "dark\n  and drak", "line 2, column 7: unknown field 'drak'\n    and drak\n        ^^^^"),
        ("data/x.filter", "# metaquery filter, language 1, on data\ndark and", "line 2"),
        ("data/x.filter", "@nigth", "saved filter '@nigth' on data\n  @nigth\n  ^^^^^^\ndid you mean '@night'?"),
        ("data/x.filter", "any label(@both)", "unknown saved filter '@both' on labels"),
        ("data/x.filter", "not @x", "in a circle: @x → @x"),
        ("data/night.filter", "@both", "in a circle: @night → @both → @night"),
        ("data/x.filter", "", "line 1, column 1"),
        ("data/x.filter", "# metaquery filter, language 2, on data\ndark", "line 1: the filter is in language 2"),
        ("data/x.filter", "# metaquery filter, of night\ndark", "line 1 says of what the file is in no form"),
        ("data/a%0Ab.filter", "dark", "cannot be a filter's name"),
        ("more/night.filter", "dark", "@night on data stands in "),
        ("data/x.filter", "dark = '1'", "dark is a BOOLEAN"),
    ],
)  # fmt: skip
def test_one_wrong_file_is_named_and_nothing_is_imported(
    synced: metaquery.Workspace, team: Path, file: str, text: str, told: str
) -> None:
    written(team, {file: text})
    before = texts(synced.filters)
    with pytest.raises(UsageError) as caught:
        synced.filters.import_from(team)
    assert "cannot be imported; nothing was changed" in str(caught.value)
    assert f"{team / file}" in str(caught.value)
    assert told in str(caught.value)
    assert texts(synced.filters) == before


def test_every_wrong_file_is_named(filters: SavedFilters, team: Path) -> None:
    written(team, {"data/x.filter": "dark and", "data/y.filter": "@gone", "data/p.filter": "n > :low"})
    (team / "data" / "z.filter").write_bytes(b"dark\n# \xff")
    with pytest.raises(UsageError) as caught:
        filters.import_from(team)
    told = str(caught.value)
    assert told.startswith("4 of 8 filters cannot be imported")
    for name in (
        "p.filter, line 1, column 5: no value is given for :low",
        "x.filter, line 1",
        "y.filter, line 1, column 1",
        "z.filter: line 2 is not UTF-8",
    ):
        assert name in told


def test_a_name_that_is_taken_by_another_text_needs_a_word(filters: SavedFilters, team: Path) -> None:
    filters.save("night", "data", "not dark")
    with pytest.raises(UsageError, match="there is a saved filter @night on data already: not dark") as caught:
        filters.import_from(team)
    assert "--replace" in str(caught.value)
    planned = filters.import_from(team, replace=True, dry_run=True)
    assert [f.name for f in planned.replaced] == ["night"]
    assert texts(filters) == {("data", "night"): "not dark"}
    assert filters.import_from(team, replace=True) == planned
    assert filters.get("night", "data").text == "# by hand\ndark"


def test_what_is_exported_can_be_imported_elsewhere(filters: SavedFilters, team: Path, tmp_path: Path) -> None:
    filters.import_from(team)
    filters.save("a\u2028b", "data", "title = 'a\u2028b'")
    for to in (tmp_path / "out", tmp_path / "all.txt"):
        done = filters.export(to=to)
        assert filters.export(to=to).written == ()
        other = SavedFilters(Layout(tmp_path / f"other {to.name}"))
        assert other.import_from(to).new == done.filters
        assert texts(other) == texts(filters)


def test_standard_input_says_the_names(filters: SavedFilters, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    given("# of ours\n# metaquery filter, language 1, on labels: @\"big cars\"\r\nclass = 'bus'\r\n")
    filters.import_from("-")
    assert texts(filters) == {("labels", "big cars"): "# of ours\n\nclass = 'bus'"}
    given("dark")
    with pytest.raises(UsageError, match="standard input: the filter has no name; begin with a line"):
        filters.import_from("-")


def test_what_a_filter_names_is_exported_with_it(filters: SavedFilters, team: Path, tmp_path: Path) -> None:
    filters.import_from(team)
    assert [f.name for f in filters.export(["both"], to=tmp_path / "both.filter").filters] == ["both", "night"]
    assert (tmp_path / "both.filter").read_text() == (
        "# metaquery filter, language 1, on data: @both\n@night and n > 3\n\n"
        "# metaquery filter, language 1, on data: @night\n# by hand\ndark\n"
    )
    assert [f.key for f in filters.chosen(["night"])] == [("data", "night"), ("labels", "night")]
    assert [f.key for f in filters.chosen(["night"], "labels")] == [("labels", "night")]


def test_files_that_say_something_else_are_not_written_over(filters: SavedFilters, team: Path) -> None:
    filters.save("night", "data", "not dark")
    with pytest.raises(UsageError, match=r"night\.filter is there and says something else"):
        filters.export(to=team)
    done = filters.export(to=team, replace=True)
    assert [path.name for path in done.written] == ["night.filter"]
    assert {path.name for path in done.others} == {"both.filter", "with cars.filter", "night.filter"}


def test_what_cannot_be_read_or_written_is_told(filters: SavedFilters, tmp_path: Path) -> None:
    filters.save("night", "data", "dark")
    (tmp_path / "empty").mkdir()
    for place, told in ((tmp_path / "none.filter", "cannot be read"), (tmp_path / "empty", "no file")):
        with pytest.raises(UsageError, match=told):
            filters.import_from(place)
    with pytest.raises(UsageError, match="cannot be written"):
        filters.export(to=tmp_path / "none" / "x.filter")


def test_verify_names_a_filter_that_names_what_is_not_there(synced: metaquery.Workspace) -> None:
    synced.filters.save("dangling", "data", "dark and @gone")
    checks = {check.what: check.wrong for check in workspace_checks(synced.layout)}
    assert checks["saved filter @dangling on data"] == "unknown saved filter '@gone' on data"
    synced.filters.delete("dangling", "data")


def test_a_file_that_is_no_text_is_named(synced: metaquery.Workspace) -> None:
    file = synced.layout.filters / "data" / "torn.filter"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"dark\xff")
    with pytest.raises(StoreError, match=r"torn\.filter is not UTF-8"):
        synced.data.filter("@night")
    assert f"{file} is not UTF-8" in [check.wrong for check in workspace_checks(synced.layout)]
    file.unlink()
