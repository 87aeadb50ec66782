"""What takes longer than a request: it says how far it is, ends once, and is stopped where it says that it can be."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import pytest

from metaquery.errors import EngineError, UsageError
from metaquery.explorer.jobs import Job, Jobs
from metaquery.store.session import writing

from .conftest import Served

LONG = "SELECT count(*) FROM range(1_000_000_000_000) t(i) WHERE i % 7 = 3"


def test_a_job_is_stopped_at_its_next_step() -> None:
    begun, free = Event(), Event()

    def work(job: Job) -> None:
        job.at("reading")
        begun.set()
        assert free.wait(20)
        job.reached(1, 2)
        raise AssertionError("it went on")

    job = Jobs().start("sync", work, asked={"full": True})
    assert begun.wait(20)
    job.stop()
    assert (job.stopping, job.state) == (True, "running")
    free.set()
    assert job.over.wait(20)
    told = job.to_json()
    assert (told["state"], told["stopping"], told["stage"], told["error"]) == ("stopped", False, "reading", None)
    assert told["asked"] == {"full": True}
    with pytest.raises(UsageError, match="ended already"):
        job.stop()


def test_a_job_is_stopped_in_the_middle_of_a_statement(tmp_path: Path) -> None:
    """However early it is told: a statement that was about to begin is told again."""

    def work(job: Job) -> None:
        job.at("typing")
        with writing(tmp_path / "made.duckdb") as connection:
            connection.execute(LONG).fetchall()

    job = Jobs().start("sync", work, asked={})
    while job.stage != "typing" and not job.over.is_set():
        pass
    job.stop()
    assert job.over.wait(20)
    assert job.state == "stopped"


def test_what_is_over_before_it_hears_of_it_is_done() -> None:
    begun, free = Event(), Event()

    def work(_job: Job) -> str:
        begun.set()
        assert free.wait(20)
        return "published"

    job = Jobs().start("sync", work, asked={})
    assert begun.wait(20)
    job.stop()
    free.set()
    assert job.over.wait(20)
    assert (job.state, job.result) == ("done", "published")


def test_a_failure_is_told_and_the_next_may_begin() -> None:
    def work(_job: Job) -> None:
        raise UsageError("no such thing")

    jobs = Jobs()
    job = jobs.start("sync", work)
    assert job.over.wait(20)
    assert (job.state, job.failure["message"]) == ("failed", "no such thing")
    assert jobs.start("sync", lambda _job: "done").over.wait(20)


def test_one_of_a_kind_runs_at_a_time_and_a_send_is_not_stopped() -> None:
    free = Event()
    jobs = Jobs()
    job = jobs.start("send", lambda _job: free.wait(20))
    with pytest.raises(UsageError, match="running already"):
        jobs.start("send", lambda _job: None)
    with pytest.raises(UsageError, match="not stopped from here"):
        job.stop()
    free.set()
    assert job.over.wait(20)
    assert job.state == "done"


def test_a_stop_of_nothing_is_told(served: Served) -> None:
    error: dict[str, Any] = served.post("/api/jobs/none/stop", status=404)["error"]
    assert error["kind"] == "not_found"


def test_what_was_stopped_before_it_began_does_nothing() -> None:
    job = Job("1", "sync", asked={})
    job.interruption.stop()
    with job.interruption, pytest.raises(EngineError, match="interrupted"):
        job.at("reading")
