"""The conversation: what a key press does, what a script comes to, and one session in a real pseudo-terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import metaquery
from metaquery.cli.repl import _CommandLine
from metaquery.completion import Completer
from metaquery.errors import FilterError, Span, UsageError
from metaquery.repl.commands import COMMANDS
from metaquery.repl.completer import ReplCompleter
from metaquery.repl.counting import Counting, ViewCounter
from metaquery.repl.highlighting import FilterLexer
from metaquery.repl.refinement import refined
from metaquery.repl.session import Question, Session
from metaquery.repl.terminal import Prompt, age, fitted, history_in, talk
from metaquery.schema import Field

from .terminal import Screen

Run = Callable[..., tuple[int, str, str]]

KEPT = "interrupted: what was finished is kept; run the same command again to go on"


@pytest.fixture
def session(here: Path) -> Session:
    return Session(metaquery.open(here), _CommandLine())


# What is typed


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ci", ["city"]),
        ("dark and cit", ["city"]),
        ("city = '", ["Oslo|20 units", "Paris|20 units", "Rome|20 units"]),
        ("tags has 'N", ["Night drives|Collection, 25 units"]),
        ("_ and cit", ["city"]),
        ("and city = 'P", ["Paris|20 units"]),
        ("\\expla", ["\\explain"]),
        ("\\expo", ["\\export"]),
        ("\\stat", ["\\status"]),
        ("\\on la", ["labels"]),
        ("\\facet ci", ["city"]),
        ("\\send Ni", ["Night drives"]),
        ('\\send "Night d', ["Night drives"]),
        ("\\explain city = 'P", ["Paris|20 units"]),
        ("\\timing ", ["on", "off"]),
        ("\\collect ", []),
        ("\\fcaet ci", []),
        ("city = = ", []),
    ],
)
def test_only_what_fits_is_offered(session: Session, typed: str, offered: list[str]) -> None:
    session.answer("dark")
    found = list(ReplCompleter(session).get_completions(Document(typed), CompleteEvent()))
    assert [
        f"{each.display_text}|{each.display_meta_text}" if "units" in each.display_meta_text else each.display_text
        for each in found
    ] == offered


def test_an_offer_replaces_what_is_typed_of_it(session: Session) -> None:
    session.answer("dark")
    for typed, whole in [("_ and city = 'P", "_ and city = 'Paris'"), ("\\send Ni", "\\send 'Night drives'")]:
        (offer,) = ReplCompleter(session).get_completions(Document(typed), CompleteEvent())
        assert typed[: len(typed) + offer.start_position] + offer.text == whole


def test_words_are_coloured_as_the_parser_reads_them_and_the_refused_one_is_underlined() -> None:
    lines = FilterLexer().lex_document(Document("limit = 3 # so\nand city = = 'Pa limit 5"))
    assert [style.removeprefix("class:") for style, text in lines(0) if text.strip()] == [
        "name", "sign", "number", "comment",
    ]  # fmt: skip
    assert [style for style, text in lines(1) if text == "="] == ["class:sign", "class:sign class:wrong"]
    assert lines(1)[-1] == ("class:rest", "'Pa limit 5")


def test_the_last_filter_stands_in_brackets_and_a_mistake_is_shown_where_it_was_typed() -> None:
    asked = refined("_ and not _ or '_' = \"_\"", "a or b")
    assert asked.text == "(a or b) and not (a or b) or '_' = \"_\""
    assert refined("or c", "a and b").text == "(a and b) or c"
    assert refined("_", "a", touched=1).text == "_"
    for at, place in ((2, 9), (10, 17), (11, 25)):
        assert asked.place(at) == place
        assert asked.typed_span(Span(place, place)) == (at, at)


def test_an_error_points_into_what_was_typed(session: Session) -> None:
    session.answer("dark and speed > 10")
    with pytest.raises(FilterError) as caught:
        session.view_of("_ and drak")
    assert str(caught.value).splitlines()[1:3] == ["  _ and drak", "        ^^^^"]


def test_the_last_result_is_of_the_rows_that_it_was_about(session: Session) -> None:
    with pytest.raises(UsageError, match="there is no result yet"):
        session.view_of("not _")
    session.answer("dark")
    session.on = "labels"
    with pytest.raises(UsageError, match="the last result is of data"):
        session.view_of("not _")


# Keys


class _Held:
    """Counts nothing until it is told to stop."""

    def __init__(self) -> None:
        self.begun, self.stopped = Event(), Event()

    def count(self, question: Question) -> str:
        self.begun.set()
        self.stopped.wait()
        return f"counted {question.text!r}"

    def stop(self) -> None:
        self.stopped.set()


def typed(session: Session, keys: str, *, history: InMemoryHistory | None = None) -> list[str]:
    """Return the lines that are run when keys are pressed, while a count is held back for ever."""
    ran: list[str] = []
    held = _Held()
    with create_pipe_input() as keyboard:
        prompt = Prompt(session, held, history or InMemoryHistory(), input=keyboard, output=DummyOutput(), pause_s=0)
        session.run = ran.append  # type: ignore[method-assign]
        prompt._counting.ask(Question("held", "data", None, "UTC"))
        held.begun.wait()
        keyboard.send_text(keys)
        held.stop = lambda: None  # type: ignore[method-assign]  # a count that cannot be stopped
        assert talk(session, prompt) == 0
        held.stopped.set()
    return ran


@pytest.mark.parametrize(
    ("keys", "ran"),
    [
        ("dark\r\x04", ["dark"]),
        ("dark and\rspeed > 3\r\x04", ["dark and\nspeed > 3"]),
        ("dark and\x1b\r\x04", ["dark and"]),
        ("select * from data\r\x04", ["select * from data"]),
        (")\r\x04", [")"]),
        ("drak\x03dark\r\x04", ["dark"]),
        ("\\on labels\r\x04", ["\\on labels"]),
        ("\r\r\x04", []),
    ],
    ids=["whole", "unfinished", "forced", "wrong", "wrong at once", "Ctrl-C", "a command", "empty"],
)
def test_enter_runs_what_does_not_end_too_early_and_no_key_waits_for_the_count(
    session: Session, keys: str, ran: list[str]
) -> None:
    assert typed(session, keys) == ran


def test_values_that_are_not_known_yet_are_offered_when_they_are(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key waits for them; and the menu opens by itself, if the line is still the one that was asked about."""
    look, menus, sound = Event(), Queue[list[str]](), Completer._looked_up

    def held(completer: Completer, field: Field, zone: str) -> list[tuple[object, int | None]]:
        assert look.wait(60)
        return sound(completer, field, zone)

    monkeypatch.setattr(Completer, "_looked_up", held)
    monkeypatch.setattr(session.whole()._pinned.completer, "_kept", None)
    with create_pipe_input() as keyboard:
        prompt = Prompt(session, _Held(), InMemoryHistory(), input=keyboard, output=DummyOutput())

        def drawn(_: object) -> None:
            menu = prompt.prompt.default_buffer.complete_state
            menus.put([each.display_text for each in menu.completions] if menu else [])

        prompt.prompt.app.after_render += drawn
        talking = Thread(target=talk, args=(session, prompt))
        talking.start()
        keyboard.send_text("city = ")
        while not (without := menus.get(timeout=60)):
            pass
        assert "title" in without
        assert "Paris" not in without
        look.set()
        while "Paris" not in menus.get(timeout=60):
            pass
        keyboard.send_text("\x03\x04")
        talking.join()


def test_a_stale_count_is_stopped_and_only_the_newest_is_told() -> None:
    told, held = Event(), _Held()
    counting = Counting(held, changed=told.set, pause_s=0)
    counting.ask(Question("old", "data", None, "UTC"))
    held.begun.wait()
    counting.ask(Question("new", "data", None, "UTC"))
    assert told.wait(10)
    assert counting.told == "counted 'new'"
    counting.close()


def test_a_count_says_how_many_or_what_is_wrong(session: Session) -> None:
    counter = ViewCounter(lambda _question: session.whole())
    assert counter.count(Question("", "data", None, "UTC")) == "60 data units"
    assert counter.count(Question("dark limit 3", "data", None, "UTC")) == "25 of 60 match"
    counter.stop()
    told = Event()
    counting = Counting(counter, changed=told.set, pause_s=0)
    counting.ask(Question("drak", "data", None, "UTC"))
    assert told.wait(10)
    assert counting.told == "unknown field 'drak'"
    counting.close()


def test_what_another_terminal_syncs_is_counted_anew(workspace: Path) -> None:
    session = Session(metaquery.open(workspace), _CommandLine())
    told = Event()
    counting = Counting(ViewCounter(lambda _question: session.whole()), changed=told.set, pause_s=0)
    for total in (60, 59):
        told.clear()
        counting.ask(session.question(""))
        assert told.wait(10)
        assert counting.told == f"{total} data units"
        rows = (workspace / "units.ndjson").read_text().splitlines(keepends=True)[:-1]
        (workspace / "units.ndjson").write_text("".join(rows))
        metaquery.open(workspace).sync_files(units=workspace / "units.ndjson")
    counting.close()


def test_lines_are_kept_for_the_user_alone_bad_ones_too(session: Session, tmp_path: Path) -> None:
    history = history_in(tmp_path / "state")
    typed(session, "city = =\x1b\rdark\r\x04", history=history)
    file = tmp_path / "state" / "repl-history"
    assert re.findall(r"^\+(.*)$", file.read_text(), re.MULTILINE) == ["city = =", "dark"]
    assert file.stat().st_mode & 0o077 == 0


def test_the_bar_leaves_out_what_there_is_no_room_for_and_never_the_count() -> None:
    parts = ["scenes", "20261129T214632-853432222", "8 min old", "data", "81 of 400 match"]
    assert [fitted(parts, width) for width in (80, 60, 40, 20, 5)] == [
        "scenes · 20261129T214632-853432222 · 8 min old · data · 81 of 400 match",
        "scenes · 8 min old · data · 81 of 400 match",
        "8 min old · data · 81 of 400 match",
        "81 of 400 match",
        "81 of 400 match",
    ]
    assert fitted(["scenes", "data", ""], 80) == "scenes · data"


def test_an_age_has_one_unit() -> None:
    assert [age(seconds) for seconds in (3, 61, 7_300, 200_000)] == ["just made", "1 min old", "2 h old", "2 d old"]


# Scripts


@pytest.fixture
def piped(cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], tuple[int, str, str]]:
    def run(script: str) -> tuple[int, str, str]:
        file = tmp_path / "script"
        file.write_text(script)
        with file.open() as lines:
            monkeypatch.setattr(sys, "stdin", lines)
            code, out, err = cli("repl")
        err = re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", err)
        return code, out, re.sub(r"[\d,]+ ms", "TIME ms", err)

    return run


def test_a_result_says_count_unknown_time_and_snapshot_and_is_refined(
    here: Path, piped: Callable[[str], tuple[int, str, str]]
) -> None:
    code, out, err = piped("dark and\n  speed > 40\n_ and city = 'Oslo'\n\n# a remark\nand speed > 100\n")
    assert code == 0
    assert [line.split() for line in out.splitlines() if "scene_" in line] == [
        ["scene_42.jpg", "South", "true", "42", "Oslo"],
        ["scene_44.jpg", "South", "true", "44", "Rome"],
        ["scene_46.jpg", "South", "true", "46", "Paris"],
        ["scene_48.jpg", "South", "true", "48", "Oslo"],
        ["scene_42.jpg", "South", "true", "42", "Oslo"],
        ["scene_48.jpg", "South", "true", "48", "Oslo"],
    ]
    assert err == (
        "4 of 60 data units match: dark and speed > 40\n"
        "Snapshot SNAPSHOT, times in UTC, TIME ms.\n"
        "10 more are unknown: dark has no value there (… or dark is null includes them).\n"
        "2 of 60 data units match: dark and speed > 40 and city = 'Oslo'\n"
        "Snapshot SNAPSHOT, times in UTC, TIME ms.\n"
        "3 more are unknown: dark has no value there (… or dark is null includes them).\n"
        "0 of 60 data units match: dark and speed > 40 and city = 'Oslo' and speed > 100\n"
        "Snapshot SNAPSHOT, times in UTC, TIME ms.\n"
        "speed > 100: no data unit matches it.\n"
    )


@pytest.mark.parametrize(
    ("script", "code", "last"),
    [
        ("dark\n", 0, "unknown"),
        ("city = = 3\ntrue\n", 2, "here may stand"),
        ("city =\n\ntrue\n", 2, "here may stand"),
        ("city = 'Pa", 2, "written twice"),
        ("\\on-error continue\ncity = = 3\n\\fcaet city\n\\on labels\n", 2, "Filters select labels."),
        ("\\facet\ntrue\n", 2, "KEY"),
        ("\\send Nowhere\ntrue\n", 1, "collection list"),
        ("\\fcaet city\n", 2, "did you mean \\facet?"),
        ("\\o\n", 2, "write a filter first"),
        ("\\q\ncity = = 3\n", 0, ""),
        ("exit\n", 2, "\\q leaves, and so does Ctrl-D"),
        ("help\n", 2, "\\? lists the commands, \\d the fields that a filter may name"),
        ("\\repl\n", 2, "\\q leaves it"),
    ],
)
def test_a_script_stops_at_its_first_error_with_the_code_of_the_command_line(
    here: Path, piped: Callable[[str], tuple[int, str, str]], script: str, code: int, last: str
) -> None:
    found, _, err = piped(script)
    assert found == code
    assert last in (err.splitlines() or [""])[-1]


def test_every_command_does_what_its_name_does_on_the_command_line(
    workspace: Path, piped: Callable[[str], tuple[int, str, str]]
) -> None:
    script = r"""dark
\facet city
\describe speed
\d city
\save after-dark
\collect "In the dark" --description "lamps on"
\explain
\explain _ and speed > 3
\o dark.csv
\export dark.txt
\open unit-04
\select title
\format csv
\timing off
_ limit 1
\format
\search scene_07
\time-zone Europe/Oslo
\as-of
\on labels
\timing
\log
\?
"""
    code, out, err = piped(script)
    assert code == 0, err
    assert "Rome" in out
    assert "In 2 Collections: In the dark, Night drives" in out
    assert "speed  NUMBER" in out
    assert "Collection 'In the dark': 25 data units" in out
    assert "Filter      dark and speed > 3" in out
    assert len((workspace / "dark.csv").read_text().splitlines()) == 26
    assert (workspace / "dark.txt").read_text().splitlines() == [f"unit-{n:02}" for n in range(0, 50, 2)]
    assert re.search(r'^"?title"?\n"?scene_00.jpg"?$', out, re.MULTILINE)
    assert "1 of 60 data units match: " in err
    assert metaquery.open(workspace).data.filter("@after-dark").count() == 25
    assert all(f"\\{name} " in err for name in COMMANDS)


# A terminal


def test_a_conversation_in_a_real_terminal(workspace: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": str(tmp_path), "PAGER": "", "EDITOR": "true"}
    with Screen(sys.executable, "-m", "metaquery", cwd=workspace, environ=environ) as screen:
        screen.until("60 data units")
        screen.type("dark and spe")
        screen.until("NUMBER")  # the menu has opened by itself
        screen.type("ed > 40")
        screen.until("4 of 60 match")  # as it is typed
        screen.type("\r")
        screen.until("4 of 60 data units match")
        screen.until("data>")
        screen.type("_ and city =\r'Oslo'\r")
        screen.until("2 of 60 data units match")
        screen.until("data>")
        screen.type("\\e\r")
        screen.until("'Oslo'")  # what the editor gave back
        screen.type("\x03")
        screen.until("data>")
        screen.type("\x12spe")
        screen.until("I-search backward")  # which finds the line before
        screen.type("\r\r")
        screen.until("4 of 60 data units match")
        screen.until("data>")
        screen.type("= 3\x1b\r")
        screen.until("= does not fit here")
        screen.until("data>")
        screen.type("\x04")
        screen.rest()
        assert screen.process.wait() == 0


def test_ctrl_c_ends_a_query_and_not_the_conversation_which_keeps_the_line(made: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "TERM": "xterm", "XDG_STATE_HOME": str(tmp_path), "PAGER": ""}
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    with Screen(sys.executable, "-m", "tests.unit.cli.endless", "repl", cwd=made, environ=environ) as screen:
        screen.until("60 data units")
        for line in ("city = 'Endless'", "\\facet speed --where \"city = 'Endless'\""):
            screen.type(f"{line}\r")
            screen.until("RUNNING")
            screen.type("\x03")
            screen.until("interrupted")
            screen.until("data>")
            screen.until("Endless")  # it is typed already
            screen.type("\x03")
            screen.until("data>")
        screen.type("dark\r")
        screen.until("25 of 60 data units match")
        screen.until("data>")
        screen.type("\x04")
        screen.rest()
        assert screen.process.wait() == 0


def test_ctrl_c_ends_a_script_that_goes_on_after_errors(
    here: Path, piped: Callable[[str], tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(_session: Session, _text: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "answer", pressed)
    code, out, err = piped("\\on-error continue\ndark\n\\on labels\n")
    assert (code, out, err) == (130, "", f"\n{KEPT}\n")
