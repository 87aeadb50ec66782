"""The main job, from an Encord project to a Collection in Annotate, on the command line and in Python."""

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from encord import EncordUserClient

import metaquery
from metaquery.sandbox import SandboxProcess

from .conftest import Terminal

SEED = "dark = true and captured_at > 2023-01-01"


def test_the_schema_that_was_set_is_shown(terminal: Terminal) -> None:
    shown = terminal.run("schema", "show").stdout
    assert "captured_at" in shown
    assert "enum of clear, fog, overcast, rain, snow" in shown
    assert json.loads(terminal.run("schema", "show", "--json").stdout)["gps"] == {"ty": "geospatial"}


def test_setting_the_same_schema_again_changes_nothing(terminal: Terminal, server: SandboxProcess) -> None:
    again = terminal.run("schema", "set", str(server.key_file.with_name("schema.json")))
    assert "already" in again.stdout


def test_the_report_accounts_for_every_unit_and_value(terminal: Terminal) -> None:
    report = terminal.run("sync", "--project", "street scenes europe").stdout
    assert "0 added, 0 changed, 0 removed" in report
    got = [
        line.partition("data units, got ")[2].split()[0] for line in report.splitlines() if "data units, got" in line
    ]
    assert sum(int(number.replace(",", "")) for number in got) == 400
    (dark,) = (line.split() for line in report.splitlines() if line.startswith("dark "))
    assert sum(int(n.replace(",", "")) for n in dark[2:5]) == 400
    assert int(dark[4]) > 0


def test_query_count_and_every_format_agree(terminal: Terminal, tmp_path: Path) -> None:
    matched = int(terminal.run("count", "-q", SEED).stdout)
    assert 0 < matched < 400
    ndjson = terminal.run("query", SEED, "--format", "ndjson")
    rows = [json.loads(line) for line in ndjson.stdout.splitlines()]
    assert len(rows) == matched
    assert all(row["dark"] is True and row["captured_at"] >= "2023-01-02" for row in rows)
    table = list(csv.DictReader(io.StringIO(terminal.run("query", SEED, "--format", "csv", "-q").stdout)))
    assert [row["data_hash"] for row in table] == [row["data_hash"] for row in rows]
    assert json.loads(terminal.run("query", SEED, "--format", "json").stdout) == rows
    wrote = terminal.run("query", SEED, "-o", str(tmp_path / "out.parquet"))
    assert f"Wrote {matched:,} data units" in wrote.stderr
    parquet = pq.read_table(tmp_path / "out.parquet")
    assert parquet.column("data_hash").to_pylist() == [row["data_hash"] for row in rows]
    assert str(parquet.schema.field("captured_at").type) == "timestamp[us, tz=UTC]"


def test_matched_unmatched_and_unknown_are_all_there_is(terminal: Terminal) -> None:
    told = json.loads(terminal.run("count", "--json", SEED).stdout)
    assert told["matched"] + told["unmatched"] + told["unknown"] == told["total"] == 400
    inverse = json.loads(terminal.run("count", "--json", f"not ({SEED})").stdout)
    assert inverse["matched"] == told["unmatched"]
    assert inverse["unknown"] == told["unknown"] > 0
    assert set(told["unknown_fields"]) == {"dark", "captured_at"}
    assert "more are unknown" in terminal.run("count", SEED).stdout


def test_a_table_says_what_it_leaves_out(terminal: Terminal) -> None:
    shown = terminal.run("query", "true", "--limit", "3", "--select", 'title,"site-id"', "--order-by", "title desc")
    lines = shown.stdout.splitlines()
    assert lines[0].split() == ["title", "site-id"]
    titles = [line.split()[0] for line in lines[2:]]
    assert titles == sorted(titles, reverse=True)
    assert len(titles) == 3
    assert "Showing 3 of 400" in shown.stderr


def test_labels_and_predictions_are_filtered_alike(terminal: Terminal) -> None:
    labels = terminal.run("query", "class = 'car' and dark", "--on", "labels", "--format", "ndjson").stdout
    assert {json.loads(line)["class"] for line in labels.splitlines()} == {"car"}
    weak = terminal.run("query", "confidence < 0.5", "--on", "predictions", "--format", "ndjson").stdout
    assert all(json.loads(line)["confidence"] < 0.5 for line in weak.splitlines())
    assert weak


@pytest.mark.parametrize("form", ["ndjson", "csv", "table"])
def test_a_reader_that_goes_away_is_no_error(terminal: Terminal, form: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "metaquery", "query", "true or true", "--format", form, "--limit", "0"],
        cwd=terminal.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), told) == (0, b"")


def test_explain_shows_canonical_text_words_sql_and_parameters(terminal: Terminal) -> None:
    told = terminal.run("explain", "DARK = true && captured_at>20230101".replace("DARK", "dark")).stdout
    assert "dark = true and captured_at > 2023-01-01" in told
    assert "Meaning     dark is true, and captured_at is on or after 2 January 2023 (UTC)" in told
    assert "2023-01-02T00:00:00" in told
    assert "WHERE" in told


def test_explain_says_order_limit_and_time_zone(terminal: Terminal) -> None:
    told = terminal.run("explain", "dark order by captured_at desc limit 3", "--time-zone", "Europe/Paris").stdout
    assert told.splitlines()[:2] == [
        "Filter      dark order by captured_at desc limit 3",
        "Meaning     dark is true; sorted by captured_at, latest first (rows without a value last); the first 3",
    ]
    told = terminal.run("explain", "hour(captured_at) < 5", "--time-zone", "Europe/Paris").stdout
    assert "the hour of captured_at (Europe/Paris) is less than 5" in told


@pytest.mark.parametrize(
    ("arguments", "exits", "words"),
    [
        (["count", "drak = true"], 2, "did you mean 'dark'?"),
        (["count", "dark ="], 2, "^"),
        (["count", ""], 2, "true"),
        (["count", "city = Paris"], 2, "'Paris'"),
        (["count", "dark = 'true'"], 2, "dark = true"),
        (["count", "title ~ '('"], 2, "missing )"),
        (["count", "dark", "--time-zone", "Mars/Olympus"], 2, "Mars/Olympus"),
        (["query", "dark", "--format", "cvs"], 2, "did you mean csv"),
        (["query", "dark", "-o", "out.xls"], 2, ".parquet"),
        (["query", "dark", "-o", "nowhere/out.csv"], 2, "no directory"),
        (["query", "dark", "--select", "titel"], 2, "did you mean 'title'"),
        (["query", "dark", "--order-by", "capturedat"], 2, "captured_at"),
        (["qurey", "dark"], 2, "did you mean 'query'"),
        (["count", "dark", "--onn", "data"], 2, "--on"),
        (["sync", "--project", "Street scene Europe"], 1, "did you mean 'Street scenes Europe'"),
        (["sync"], 2, "--project"),
        (["sync", "--all", "--project", "x"], 2, "--all"),
        (["collection", "show", "Nihgt"], 1, "no Collection"),
        (["collection", "new", " ", "--where", "dark"], 2, "title"),
        (["schema", "set", "nowhere.json"], 2, "no file"),
        (["count", "-w", "/nowhere/at/all", "dark"], 1, "no directory"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(terminal: Terminal, arguments: list[str], exits: int, words: str) -> None:
    done = terminal.run(*arguments, exits=exits)
    assert words in done.stderr
    assert done.stdout == ""


def test_a_schema_file_is_checked_by_line_and_key(terminal: Terminal) -> None:
    for name, text, words in [
        ("broken.json", '{"city":\n "string",}', "line 2"),
        ("twice.json", '{"city": "string", "city": "number"}', "twice"),
        ("unknown.json", '{"city": "sting"}', "did you mean 'string'"),
        ("list.json", '["city"]', "JSON object"),
    ]:
        (terminal.home / name).write_text(text)
        assert words in terminal.run("schema", "set", name, exits=2).stderr


def test_replacing_a_schema_asks_first(terminal: Terminal) -> None:
    (terminal.home / "other.json").write_text('{"city": "datetime"}')
    refused = terminal.run("schema", "set", "other.json", exits=2)
    assert "~ city: string becomes datetime" in refused.stdout
    assert "--yes" in refused.stderr
    assert "captured_at" in terminal.run("schema", "show").stdout


def test_a_collection_is_made_tagged_sent_and_read_back(terminal: Terminal, server: SandboxProcess) -> None:
    title = "Night “drives” — O'Brien 🌙"
    matched = int(terminal.run("count", "-q", SEED).stdout)
    made = terminal.run("collection", "new", title, "--where", SEED, "--description", "Dark & late")
    assert f"{matched} data units" in made.stdout
    tagged = "tags has '" + title.replace("'", "''") + "'"
    assert int(terminal.run("count", "-q", tagged).stdout) == matched
    assert int(terminal.run("count", "-q", f"{tagged} and not ({SEED})").stdout) == 0
    again = terminal.run("collection", "new", title, "--where", "dark", exits=1)
    assert "already" in again.stderr
    told = terminal.run("collection", "show", title).stdout
    assert SEED in told
    assert "Dark & late" in told
    assert title in terminal.run("collection", "list").stdout
    assert "--yes" in terminal.run("collection", "send", title, exits=2).stderr
    sent = terminal.run("collection", "send", title, "--yes").stdout
    assert f"{matched} added, 0 there already, 0 failed" in sent
    second = terminal.run("collection", "send", title, "--yes").stdout
    assert f"found ({sent.split('created (')[1].split(')')[0]}), 0 added, {matched} there already" in second
    assert "sent" in terminal.run("status").stdout
    items = {row["item_uuid"] for row in sql_rows(terminal, SEED)}
    client = EncordUserClient.create_with_ssh_private_key(ssh_private_key_path=str(server.key_file), domain=server.url)
    (theirs,) = (c for c in client.list_collections() if c.name == title)
    assert theirs.description == "Dark & late"
    assert {str(item.uuid) for item in theirs.list_items(page_size=50)} == items


def test_an_empty_collection_is_made_and_told_and_not_sent(terminal: Terminal) -> None:
    made = terminal.run("collection", "new", "Empty", "--where", "city = 'Nowhere'")
    assert "Nothing matches" in made.stderr
    assert "nothing was sent" in terminal.run("collection", "send", "Empty", "--yes").stderr


def sql_rows(terminal: Terminal, text: str) -> list[dict[str, str]]:
    """Read the storage items behind a filter, which are not a field of the language."""
    workspace = metaquery.open(terminal.home)
    view = workspace.data.filter(text)
    hashes = view.to_arrow()
    assert hashes.num_rows
    listed = view.engine.rows("SELECT data_hash, item_uuid FROM data", [])
    items = dict(listed)
    wanted = view.select("data_hash").to_arrow().column("data_hash").to_pylist()
    return [{"item_uuid": items[data_hash]} for data_hash in wanted]


def test_a_collection_goes_to_a_project_as_frames_and_labels(terminal: Terminal, server: SandboxProcess) -> None:
    terminal.run("collection", "new", "Fog", "--where", "weather = 'fog' and data_type = 'image'")
    terminal.run("collection", "new", "Buses", "--on", "labels", "--where", "class = 'bus'")
    for title in ("Fog", "Buses"):
        terminal.run("collection", "send", title, "--project", "Street scenes Europe", "--yes")
        second = terminal.run("collection", "send", title, "--project", "Street scenes Europe", "--yes").stdout
        assert " 0 added" in second
    workspace = metaquery.open(terminal.home)
    client = EncordUserClient.create_with_ssh_private_key(ssh_private_key_path=str(server.key_file), domain=server.url)
    (project_hash,) = set(workspace.labels.select("project_hash").to_arrow().column("project_hash").to_pylist())
    project = client.get_project(project_hash)
    theirs = {c.name: c for c in project.list_collections()}
    frames = {row.data_hash for row, _ in theirs["Fog"].list_frames()}
    assert frames == set(workspace.collections.get("Fog").data_hashes())
    annotations = [a for _, annotations in theirs["Buses"].list_annotations() for a in annotations]
    assert len(annotations) == workspace.collections.get("Buses").members > 0


def test_the_same_in_python(terminal: Terminal) -> None:
    workspace = metaquery.open(terminal.home)
    view = workspace.data.filter(SEED).order_by("captured_at").limit(5)
    table = view.to_arrow()
    assert table.num_rows == 5
    instants = table.column("captured_at").to_pylist()
    assert instants == sorted(instants)
    assert repr(view).startswith("<metaquery.View of data where dark = true")
    everything = workspace.data.filter(SEED)
    made = everything.collect("From Python", description="by hand")
    assert made.members == everything.count() == everything.counts().matched
    report = workspace.push(made)
    assert report.added == made.members
    assert workspace.push("From Python").added == 0
    there = workspace.pushes.read_back(made)
    assert len(there.found) == made.members
    assert not there.missing
    assert not there.extra
    narrowed = everything.filter("city = 'Oslo'")
    assert narrowed.count() == workspace.data.filter(f"({SEED}) and city = 'Oslo'").count()
    with pytest.raises(metaquery.FilterError, match="drak"):
        workspace.data.filter("drak")
    with pytest.raises(metaquery.MetaqueryError, match="limited"):
        view.collect("Never")


def test_a_sync_of_one_part_keeps_the_others(server: SandboxProcess, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    terminal.run("connect", "--domain", server.url, "--key", str(server.key_file))
    terminal.run("sync", "--dataset", "Street scenes north")
    first = json.loads(terminal.run("count", "--json", "true").stdout)["matched"]
    report = terminal.run("sync", "--dataset", "Street scenes south").stdout
    assert "Kept as they were: Street scenes north" in report
    assert json.loads(terminal.run("count", "--json", "true").stdout)["matched"] > first
    everything = terminal.run("sync", "--all").stdout
    assert "Kept" not in everything
    assert json.loads(terminal.run("count", "--json", "true").stdout)["matched"] == 400
    assert ": 0 added" not in everything


def test_a_workspace_is_found_from_below_and_nothing_but_ours_is_written(terminal: Terminal) -> None:
    below = terminal.home / "a" / "b"
    below.mkdir(parents=True, exist_ok=True)
    assert Terminal(below).run("count", "-q", "true").stdout == "400\n"
    assert not (below / ".metaquery").exists()


def test_filters_are_saved_under_a_name_and_used(terminal: Terminal) -> None:
    saved = terminal.run("filter", "save", "late", "dark and hour(captured_at) >= 22").stdout
    assert "@late on data is: dark and hour(captured_at) >= 22" in saved
    direct = terminal.run("count", "-q", "dark and hour(captured_at) >= 22 and city = 'Oslo'").stdout
    assert terminal.run("count", "-q", "@late and city = 'Oslo'").stdout == direct
    assert "--replace" in terminal.run("filter", "save", "late", "dark", exits=2).stderr
    assert "drak" in terminal.run("filter", "save", "other", "drak", exits=2).stderr
    assert "@late" in terminal.run("filter", "list").stdout
    assert "did you mean '@late'" in terminal.run("count", "@laet", exits=2).stderr
    terminal.run("collection", "new", "Late", "--where", "@late")
    assert "Filter       dark and hour(captured_at) >= 22" in terminal.run("collection", "show", "Late").stdout
    assert "Deleted @late" in terminal.run("filter", "delete", "@late").stdout


def test_facets_count_what_filters_count(terminal: Terminal) -> None:
    view = metaquery.open(terminal.home).data.filter("dark")
    facets = view.facets("city", "weather", '"frame rate"', "captured_at", "gps", top=5)
    assert list(facets) == ["city", "weather", "frame rate", "captured_at", "gps"]
    for facet in facets.values():
        assert sum(bar.rows for bar in facet.bars) == facet.matched == view.count()
        for bar in facet.bars:
            assert view.filter(bar.filter).count() == bar.rows, bar
    assert list(facets["city"].rows.values()) == sorted(facets["city"].rows.values(), reverse=True)
    assert [bar.kind for bar in facets["gps"].bars] == ["known", "missing", "invalid"]


def test_time_zone_and_now_are_options_of_workspace_and_view(terminal: Terminal) -> None:
    moment = datetime(2023, 6, 15, 12, tzinfo=UTC)
    workspace = metaquery.open(terminal.home, time_zone="Asia/Tokyo", now=moment)
    in_tokyo = workspace.data.filter("captured_at >= today()")
    assert in_tokyo.sql().params == (datetime(2023, 6, 14, 15, tzinfo=UTC),)
    in_oslo = workspace.data.at(time_zone="Europe/Oslo").filter("captured_at >= today()")
    assert in_oslo.sql().params == (datetime(2023, 6, 14, 22, tzinfo=UTC),)
    later = workspace.data.at(now=datetime(2024, 1, 1, tzinfo=UTC)).filter("captured_at >= now() - 1d")
    assert later.sql().params == (datetime(2023, 12, 31, tzinfo=UTC),)
    with pytest.raises(metaquery.MetaqueryError, match="no time zone"):
        workspace.data.at(now=datetime(2024, 1, 1))  # noqa: DTZ001


def test_a_collection_has_the_days_of_the_time_zone_that_its_filter_was_written_in(terminal: Terminal) -> None:
    day = "captured_at in (2021-03-14, 2022-06-01, 2023-02-03, 2023-10-10, 2024-01-20)"
    there = terminal.run("count", "-q", day, "--time-zone", "Asia/Tokyo").stdout.strip()
    made = terminal.run("collection", "new", "Tokyo days", "--where", day, "--time-zone", "Asia/Tokyo").stdout
    assert f"{there} data unit" in made
    assert "Asia/Tokyo" in terminal.run("collection", "show", "Tokyo days").stdout
