"""An edit that did not come to its end is told from its journal, without reading a document."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from metaquery.cli.root import cli
from metaquery.edit_journals import UnfinishedEdit, unfinished_edits
from metaquery.edits.records import Record, records
from metaquery.store.layout import Layout

from .test_writing import Server, record, write

EDIT = "20260101T000000-aaaa"


def begun(root: Path) -> Record:
    """Write down an edit of two units, and settle it without coming to its end."""
    old = {"a": b'{"n": 1.10}', "b": b"{}"}
    edit = record(Layout(root), old)
    write(Server(dict(old)), edit)
    return records(Layout(root))[0]


def told(root: Path, *options: str) -> str:
    done = CliRunner().invoke(cli, ["status", "--workspace", str(root), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_status_says_how_far_an_interrupted_edit_came_and_how_to_go_on(tmp_path: Path) -> None:
    record(Layout(tmp_path), {"a": b"{}", "b": b"{}"})
    assert unfinished_edits(Layout(tmp_path)) == (UnfinishedEdit(EDIT, "set round=1", "http://127.0.0.1:1", 0, 2),)
    line = f"the edit {EDIT}: 0 of 2 documents are settled, set round=1; next: metaquery metadata resume {EDIT}\n"
    assert f"Unfinished   {line}" in told(tmp_path)
    written = json.loads(told(tmp_path, "--json"))["unfinished_edits"]
    assert [(edit["id"], edit["settled"], edit["documents"]) for edit in written] == [(EDIT, 0, 2)]


def test_what_was_settled_and_not_read_back_is_unfinished_until_it_is(tmp_path: Path) -> None:
    edit = begun(tmp_path)
    assert [(e.settled, e.documents) for e in unfinished_edits(Layout(tmp_path))] == [(2, 2)]
    edit.finish(written=2, conflicts=0, failed=0)
    assert unfinished_edits(Layout(tmp_path)) == ()
    assert "Unfinished" not in told(tmp_path)


def test_a_line_that_a_crash_cut_off_is_passed_over_and_half_a_plan_is_no_edit(tmp_path: Path) -> None:
    edit = begun(tmp_path)
    lines = edit.journal.path.read_bytes().splitlines(keepends=True)
    edit.journal.path.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    assert [(e.settled, e.documents) for e in unfinished_edits(Layout(tmp_path))] == [(0, 2)]
    edit.journal.path.write_bytes(lines[0] + lines[1][:9])
    assert unfinished_edits(Layout(tmp_path)) == ()
