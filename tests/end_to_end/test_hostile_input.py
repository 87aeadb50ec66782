"""Whatever text enters stays text: the data are as before, no SQL has it, and a mistake is told soon and in short."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from metaquery.errors import FilterError, MetaqueryError, UsageError
from metaquery.view import View
from metaquery.workspace import Workspace, open_workspace

from .conftest import Terminal

INJECTIONS = {
    "sql": "'; DROP TABLE data; --",
    "double quotes": '" OR 1 = 1; DROP TABLE data; --',
    "backticks": "`; DROP TABLE data; --",
    "brackets": "') OR TRUE); DROP TABLE data; --",
    "comment": "x /* DROP TABLE data */ --",
    "dollar quotes": "$$; DROP TABLE data; $$",
    "placeholders": "? $1 :p1 {0} {evil!r} %s DROP TABLE data",
    "backslashes": r"\'; DROP TABLE data; -- \\",
    "path": "../../DROP TABLE data",
    "lines": "x\nDROP TABLE data\r\n",
    "bidi": "\u202eDROP TABLE data\u2066",
    "zero width": "DROP\u200bTABLE\ufeff DROP TABLE data",
    "beyond the first plane": "\U0001f3ac DROP TABLE data \U0010ffff",
}


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


VALUES: dict[str, Callable[[str], str]] = {
    "a text": lambda x: f"city = {text(x)}",
    "a list item": lambda x: f"city in ('Paris', {text(x)})",
    "one of many": lambda x: f"city not in ({', '.join([text(x), *(text(str(n)) for n in range(150))])})",
    "a pattern": lambda x: f"city like {text(x)} or city ilike {text(x)}",
    "a regex": lambda x: rf"city ~ {text(''.join(c if c.isalnum() else '.' for c in x))} or city imatches 'x'",
    "a search": lambda x: f"city contains {text(x)} or note istarts with {text(x)}",
    "an argument": lambda x: f"concat(city, {text(x)}) = coalesce(note, {text(x)})",
    "a tag": lambda x: f"tags has {text(x)} or tags has any ({text(x)}, 'y') or tags has only ({text(x)})",
    "a list": lambda x: f"tags = [{text(x)}]",
    "an identity": lambda x: f"city is not {text(x)}",
    "a label's class": lambda x: f"any label(class = {text(x)}) or count(label where class = {text(x)}) > 3",
}
REFUSED: dict[str, Callable[[str], str]] = {
    "a whole filter": lambda x: x,
    "a field": lambda x: f"{name(x)} = 1",
    "a field of the unit": lambda x: f"unit.{name(x)} is null",
    "a saved filter": lambda x: f"@{name(x)}",
    "a Collection": lambda x: f"in collection {text(x)}",
    "a date": lambda x: f"captured_at > {text(x)}",
    "a value of an enum": lambda x: f"weather = {text(x)}",
    "a UUID": lambda x: f"rig = {text(x)}",
    "a number": lambda x: f"speed = {text(x)}",
    "a regex": lambda x: f"city ~ {text(x + '(')}",
    "a function": lambda x: f"{name(x)}(city) = 1",
    "an order": lambda x: f"dark order by {name(x)}",
}
FACES: dict[str, Callable[[Workspace, str], Any]] = {
    "filter": lambda w, x: w.data.filter(x),
    "query": lambda w, x: w.data.query(x),
    "labels": lambda w, x: w.labels.filter(x),
    "order": lambda w, x: w.data.order_by(x),
    "select": lambda w, x: w.data.select(name(x)),
    "facets": lambda w, x: w.data.facets(name(x)),
    "time zone": lambda w, x: w.data.at(time_zone=x).filter("dark"),
    "relation": lambda w, x: w.view(x),
    "saved filter": lambda w, x: w.save_filter("saved", x),
    "filter of the relation": lambda w, x: w.save_filter("saved", "dark", on=x),
}


@pytest.fixture(scope="module")
def workspace(terminal: Terminal) -> Workspace:
    return open_workspace(terminal.home)


@pytest.fixture(autouse=True)
def unharmed(workspace: Workspace) -> Iterator[None]:
    """Count everything before and after: what was refused has left nothing, what was accepted is taken away again."""
    before = counts(workspace)
    assert before["data"] > 0
    yield
    assert counts(workspace) == before


def counts(workspace: Workspace) -> dict[str, Any]:
    rows = {view.relation.name: view.count() for view in (workspace.data, workspace.labels, workspace.predictions)}
    home = workspace.layout.home
    around = home.parent.parent
    files = sorted(str(f.relative_to(around)) for f in around.rglob("*") if f.is_file() and f.name != ".lock")
    return rows | {"filters": workspace.filters.all(), "collections": workspace.collections.all(), "files": files}


def refused(call: Callable[[], object], *, within_s: float = 2.0) -> MetaqueryError:
    """Insist that a call is refused, as a mistake of its caller, soon and in short."""
    started = time.process_time()
    with pytest.raises(MetaqueryError) as caught:
        call()
    assert time.process_time() - started < 2 * within_s  # twice: a slow machine
    assert isinstance(caught.value, FilterError | UsageError), caught.value
    assert caught.value.exit_code == 2
    assert len(str(caught.value)) < 2_000
    return caught.value


def rows_of(view: View) -> int:
    """Run all that a view can run, and insist that no text of its filter is in its SQL."""
    sql = view.sql()
    assert "DROP" not in sql.text
    view.counts()
    view.to_arrow()
    view.facets("city")
    return view.count()


@pytest.mark.parametrize("place", VALUES.values(), ids=VALUES)
def test_text_in_a_value_is_a_parameter(workspace: Workspace, place: Callable[[str], str]) -> None:
    for payload in INJECTIONS.values():
        view = workspace.data.filter(place(payload))
        assert 0 <= rows_of(view) <= workspace.data.count()
        assert view.canonical is not None
        assert workspace.data.filter(view.canonical).canonical == view.canonical


@pytest.mark.parametrize("place", REFUSED.values(), ids=REFUSED)
def test_text_where_it_cannot_stand_is_refused(workspace: Workspace, place: Callable[[str], str]) -> None:
    for payload in INJECTIONS.values():
        refused(lambda payload=payload: workspace.data.query(place(payload)))


@pytest.mark.parametrize("face", FACES.values(), ids=FACES)
def test_every_face_refuses_text_that_means_nothing(
    workspace: Workspace, face: Callable[[Workspace, str], Any]
) -> None:
    for payload in INJECTIONS.values():
        refused(lambda payload=payload: face(workspace, payload))


LONG = "x" * 100_000
SIZES: dict[str, str] = {
    "brackets": "(" * 10_000 + "dark" + ")" * 10_000,
    "a megabyte": "dark" + " " * (1 << 20),
    "a name": LONG,
    "a quoted name": name(LONG),
    "an open name": '"' * 99_999,
    "a text": f"dark = {text(LONG)}",
    "terms": "dark or " * 100_000 + "dark",
    "commas": "," * 100_000,
    "digits": "9" * 100_000,
    "a number": f"speed > {'9' * 400}",
    "a duration": "captured_at > now() - 99999999999y",
    "a function": f"{LONG}(1)",
    "a saved filter": f"@{LONG}",
    "a Collection": f"in collection {text(LONG)}",
    "a text beside a number": f"speed = {text(LONG)}",
    "a text beside a date": f"captured_at = {text(LONG)}",
    "a text beside an enum": f"weather = {text(LONG)}",
    "a regex": f"city ~ {text('(' * 500)}",
    "a repetition": f"city ~ {text('(a{1,1000}){1,1000}')}",
    "a limit": f"dark limit {'9' * 30}",
    "NUL": "dark\0",
    "bidi": "\u202edark",
    "zero width": "da\u200brk",
    "half a surrogate pair": "city = '\ud800'",
}
SIZE = pytest.mark.parametrize("written", SIZES.values(), ids=SIZES)


@SIZE
def test_what_is_too_large_or_cannot_be_seen_is_refused_by_every_face(workspace: Workspace, written: str) -> None:
    for face in ("query", "filter", "labels", "order", "select", "facets", "saved filter", "time zone", "relation"):
        refused(lambda face=face: FACES[face](workspace, written))


@SIZE
def test_what_is_not_there_is_told_in_short(workspace: Workspace, written: str) -> None:
    for get in (lambda: workspace.filters.get(written, "data"), lambda: workspace.collections.get(written)):
        with pytest.raises(MetaqueryError) as caught:
            get()
        assert len(str(caught.value)) < 500


# ------------------------------------------------------------------ what is kept under a name


NAMES = {
    **{kind: payload.strip() for kind, payload in INJECTIONS.items() if kind != "lines"},
    "up": "../x",
    "further up": "../../../../etc/passwd",
    "here": ".",
    "there": "..",
    "root": "/etc/passwd",
    "of another system": "C:\\nul",
    "a device": "CON",
    "hidden": ".hidden",
    "the lock": ".lock",
    "another file": "x.filter",
    "escaped": "%2e%2e%2fx",
    "an option": "--replace",
    "reference": "@night",
    "quotes": "\"'`",
    "joined by nothing": "\U0001f469\u200d\U0001f680",
}


@pytest.mark.parametrize("given", NAMES.values(), ids=NAMES)
def test_a_saved_filter_has_its_name_and_its_file_lies_with_the_others(workspace: Workspace, given: str) -> None:
    before = counts(workspace)["files"]
    saved = workspace.save_filter(given, "dark")
    folder = str((workspace.layout.filters / "data").relative_to(workspace.layout.home.parent.parent))
    new = [file for file in counts(workspace)["files"] if file not in before]
    assert [file.startswith(f"{folder}/") for file in new] == [True], new
    assert workspace.filters.get(given, "data") == saved
    assert workspace.data.filter(saved.reference).count() == workspace.data.filter("dark").count()
    workspace.filters.delete(given, "data")


@pytest.mark.parametrize(
    "given",
    ["", "  ", "\0", "a\0b", "line\nbreak", "\x1b[31mred", "\ud800", "x" * 101, LONG, "\U0001f3ac" * 100, "é" * 100],
    ids=ascii,
)
def test_what_cannot_be_a_filters_name_is_refused(workspace: Workspace, given: str) -> None:
    refused(lambda: workspace.save_filter(given, "dark"))


@pytest.mark.parametrize("given", [*NAMES.values(), "x" * 10_000], ids=[*NAMES, "long"])
def test_a_collection_has_its_title_and_its_description(workspace: Workspace, given: str) -> None:
    made = workspace.data.filter("dark").collect(given, description=f"{given}\n{given}"[:10_000])
    try:
        assert workspace.collections.get(given) == made
        assert workspace.data.filter(f"in collection {text(given)}").count() == made.members
        assert workspace.data.filter(f"tags has {text(given)}").count() == made.members
        assert given in next(iter(workspace.data.filter("dark").limit(1).select("tags").to_arrow().to_pylist()))["tags"]
    finally:
        (workspace.layout.collections / f"{made.id}.json").unlink()
        made.path.unlink()


@pytest.mark.parametrize("given", ["", " \t", "\0", "a\0b", "line\nbreak", "\x1b]0;x\a", "\ud800", LONG], ids=ascii)
def test_what_cannot_be_a_title_is_refused(workspace: Workspace, given: str) -> None:
    refused(lambda: workspace.data.filter("dark").collect(given))


@pytest.mark.parametrize("given", ["\0", "a\udcffb", LONG], ids=["NUL", "surrogate", "long"])
def test_what_cannot_be_a_description_is_refused(workspace: Workspace, given: str) -> None:
    refused(lambda: workspace.data.filter("dark").collect("title", description=given))


@pytest.mark.parametrize(
    "zone",
    [
        "../../etc/passwd",
        "/etc/localtime",
        "",
        ".",
        "Europe",
        "Europe/",
        "UTC\0",
        "\ud800",
        "UTC'; DROP",
        "+25:00",
        LONG,
    ],
    ids=ascii,
)
def test_what_is_no_time_zone_is_refused(workspace: Workspace, zone: str) -> None:
    refused(lambda: workspace.data.at(time_zone=zone or " ").filter("hour(captured_at) = 1"))


def test_an_order_does_not_swallow_a_limit_and_a_limit_fits_a_table(workspace: Workspace) -> None:
    refused(lambda: workspace.data.order_by("city limit 5"))
    refused(lambda: workspace.data.limit(2**63))
    refused(lambda: workspace.data.limit(-(10**5000)))
    assert workspace.data.limit(2**63 - 1).to_arrow().num_rows == workspace.data.count()


def test_instants_have_facets(workspace: Workspace) -> None:
    found = workspace.data.facets("created_at", "city")
    for facet in found.values():
        assert sum(bar.rows for bar in facet.bars) == workspace.data.count()


# ------------------------------------------------------------------ the command line


COMMANDS: dict[str, tuple[str | bytes, ...]] = {
    "query": ("query", "city = '\u202e'; DROP TABLE data"),
    "no text at all": ("query", ""),
    "bytes that are no text": ("query", b"city = '\xff\xfe'"),
    "count": ("count", b"\xed\xa0\x80"),
    "explain": ("explain", "(" * 10_000),
    "a megabyte": ("count", "dark or " * 16_000),
    "select": ("query", "dark", "--select", 'city, "x""; DROP TABLE data; --"'),
    "select bytes": ("query", "dark", "--select", b"city\xff"),
    "order": ("query", "dark", "--order-by", "city; DROP TABLE data"),
    "order with a limit": ("query", "dark", "--order-by", "city limit 5"),
    "limit": ("query", "dark", "--limit", "9" * 30),
    "time zone": ("count", "dark", "--time-zone", "../../etc/passwd"),
    "time zone in bytes": ("count", "dark", "--time-zone", b"\xff"),
    "relation": ("count", "dark", "--on", "data; DROP TABLE data"),
    "format": ("query", "dark", "--format", "../../csv"),
    "name of a filter": ("filter", "save", b"x\xff", "dark"),
    "a filter to save": ("filter", "save", "x", "city ~ '(a{1,1000}){1,1000}'"),
    "title": ("collection", "new", b"x\xff", "--where", "dark"),
    "title of many lines": ("collection", "new", "x\ny", "--where", "dark"),
    "description": ("collection", "new", "x", "--where", "dark", "--description", b"\xff"),
    "where": ("collection", "new", "x", "--where", "'; DROP TABLE data; --"),
    "CQL2-JSON": ("count", "--cql2-json", "/etc/passwd"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_the_command_line_tells_a_mistake_in_short(terminal: Terminal, arguments: tuple[str | bytes, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "metaquery", *arguments],
        cwd=terminal.home,
        env={key: value for key, value in os.environ.items() if not key.startswith(("METAQUERY_", "ENCORD_"))},
        capture_output=True,
        check=False,
    )
    told = done.stderr.decode()
    assert done.returncode == 2, told
    assert len(told) < 2_000
    assert "Traceback" not in told
    assert "\u202e" not in told


def test_the_command_line_shows_what_it_saved_under_any_name(terminal: Terminal, workspace: Workspace) -> None:
    for given in ("../x", '"; rm -rf ~', "é", "--"):
        terminal.run("filter", "save", "--", given, "dark")
        reference = workspace.filters.get(given, "data").reference
        assert reference in terminal.run("filter", "list").stdout
        assert terminal.run("count", "-q", reference).stdout == terminal.run("count", "-q", "dark").stdout
        terminal.run("filter", "delete", "--", given)
