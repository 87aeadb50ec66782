"""`metaquery explore` as a process, over a sandbox: it starts, serves, sees what others do, sends, and ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

import metaquery
from metaquery.cli.root import cli
from metaquery.errors import EngineError
from metaquery.interruption import Interruption, heed
from metaquery.sandbox import SandboxProcess

from .conftest import Terminal


@contextmanager
def exploring(home: Path, *arguments: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[str]]]:
    """Start `metaquery explore`, and give a client that has opened the address, and so has the cookie."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "metaquery", "explore", "--no-browser", *arguments],
        cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**clean, "METAQUERY_THREADS": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address, process.stderr and process.stderr.read()
        with httpx.Client(base_url=httpx.URL(address).copy_with(query=None), timeout=30) as client:
            assert client.get(address).status_code == 303
            client.headers["X-Metaquery"] = "1"
            yield client, process
    finally:
        process.kill()
        process.communicate()


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """Wait for a job, as the page does."""
    until = time.monotonic() + 60
    while job["state"] == "running":
        assert time.monotonic() < until
        job = client.get(f"/api/jobs/{job['id']}").json()
    return job


def test_ctrl_c_ends_it_at_once_and_in_silence(terminal: Terminal) -> None:
    with exploring(terminal.home) as (client, process):
        assert client.get("/api/state").status_code == 200
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
        assert time.monotonic() - began < 1
        assert (process.returncode, out) == (0, "")
        assert err == "Open this address in a browser on this machine; Ctrl-C stops it.\n"


def test_a_port_that_is_taken_is_told_with_what_to_do(terminal: Terminal) -> None:
    with exploring(terminal.home) as (client, _):
        done = terminal.run("explore", "--no-browser", "--port", str(client.base_url.port), exits=2)
    assert "Address already in use" in done.stderr
    assert "leave --port out" in done.stderr
    done = terminal.run("explore", "--no-browser", "--pictures", "/data/{name}", exits=2)
    assert "a path with {title} or {data_hash}" in done.stderr


EXPLORE = cli.get_command(click.Context(cli), "explore")
assert EXPLORE is not None
EXAMPLES = re.findall(r"^\s*metaquery explore(.*)$", EXPLORE.help or "", re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_help_serves(terminal: Terminal, example: str) -> None:
    arguments = [word.strip('"') for word in example.split() if word not in {"--no-browser", "--port", "8123"}]
    with exploring(terminal.home, *arguments) as (client, _):
        assert client.get("/api/state").json()["read_only"] is ("--read-only" in example)


def test_what_another_process_syncs_is_offered_and_nothing_is_swapped(
    terminal: Terminal, server: SandboxProcess, tmp_path: Path
) -> None:
    home = Terminal(tmp_path)
    home.run("connect", "--domain", server.url, "--key", str(server.key_file))
    home.run("sync", "--dataset", "Street scenes north")
    with exploring(home.home) as (client, _):
        before = client.get("/api/state").json()
        shown = before["snapshot"]["id"]
        pages = client.get("/api/rows", params={"snapshot": shown, "order": "title"}).json()
        home.run("sync", "--dataset", "Street scenes south")
        after = client.get("/api/state", params={"snapshot": shown}).json()
        assert after["snapshot"]["id"] == shown
        assert after["newest"]["data"] > before["newest"]["data"]
        assert client.get("/api/rows", params={"snapshot": shown, "order": "title"}).json() == pages
        newest = after["newest"]
        assert client.get("/api/counts", params={"snapshot": newest["id"]}).json()["total"] == newest["data"]


def test_the_analysts_steps_filter_collect_send_and_sync(terminal: Terminal, server: SandboxProcess) -> None:
    workspace = metaquery.open(terminal.home)
    with exploring(terminal.home) as (client, _):
        view = {"filter": "dark = true and captured_at > 2023-01-01"}
        assert client.get("/api/state").json()["synced"]["projects"] == ["Street scenes Europe"]
        counts = client.get("/api/counts", params=view).json()
        made = client.post("/api/collections", json={"title": "Night drives", "rows": {"view": view}}).json()
        assert made["members"] == counts["matched"] > 0
        plan = client.post(f"/api/collections/{made['id']}/plan", json={}).json()
        assert plan["adds"] == counts["matched"]
        job = ended(client, client.post(f"/api/plans/{plan['plan']}/apply", json={}).json())
        assert job["state"] == "done", job
        assert (job["result"]["added"], job["result"]["failures"]["count"]) == (counts["matched"], 0)
        assert client.post(f"/api/plans/{plan['plan']}/apply", json={}).status_code == 404
        assert workspace.pushes.read_back("Night drives").missing == frozenset()
        assert client.get(f"/api/collections/{made['id']}").json()["sent"]["state"] == "sent"
        assert client.get("/api/pushes").json()["pushes"][0]["added"] == counts["matched"]
        job = ended(client, client.post("/api/sync", json={"datasets": ["Street scenes north"]}).json())
        assert job["state"] == "done", job
        job = ended(client, client.post("/api/sync", json={"datasets": ["Nowhere"]}).json())
        assert (job["state"], job["error"]["kind"]) == ("failed", "not_found")


def test_a_push_is_taken_back_from_the_page_by_a_plan(terminal: Terminal, server: SandboxProcess) -> None:
    workspace = metaquery.open(terminal.home)
    with exploring(terminal.home) as (client, _):
        body = {"title": "Taken back", "rows": {"view": {"filter": "not dark"}}}
        made = client.post("/api/collections", json=body).json()
        plan = client.post(f"/api/collections/{made['id']}/plan", json={}).json()
        sent = ended(client, client.post(f"/api/plans/{plan['plan']}/apply", json={}).json())["result"]
        undo = client.post(f"/api/pushes/{sent['push']}/plan-undo", json={}).json()
        assert (undo["undoes"], undo["removes"], undo["adds"]) == (sent["push"], sent["added"], 0)
        assert workspace.pushes.read_back("Taken back").missing == frozenset()  # a plan changes nothing
        job = ended(client, client.post(f"/api/plans/{undo['plan']}/apply", json={}).json())
        assert (job["state"], job["stage"]) == ("done", "taking back Taken back")
        assert job["result"]["removed"] == sent["added"]
        states = {each["id"]: each["state"] for each in client.get("/api/pushes").json()["pushes"]}
        assert states[sent["push"]] == "undone"
        refused = client.post("/api/pushes/nothing/plan-undo", json={})
        assert (refused.status_code, refused.json()["error"]["kind"]) == (409, "failed")


def test_a_sync_that_is_stopped_publishes_nothing_and_is_gone_on_with(server: SandboxProcess, tmp_path: Path) -> None:
    home = Terminal(tmp_path)
    home.run("connect", "--domain", server.url, "--key", str(server.key_file))
    home.run("sync", "--dataset", "Street scenes north")
    (tmp_path / "metaquery.toml").write_text("page_rows = 5\nconnections = 1\n", encoding="utf-8")
    before = metaquery.open(tmp_path).snapshot().id
    held = {"rules": [{"match": "datarows", "kind": "delay", "delay_s": 120, "after": 2}]}
    httpx.post(f"{server.url}/sandbox/faults", json=held).raise_for_status()
    asked = {"projects": [], "datasets": ["Street scenes south"], "full": False}
    try:
        with exploring(home.home) as (client, _):
            job = client.post("/api/sync", json=asked).json()
            while (job["done"] or 0) < 10:
                assert job["state"] == "running", job
                job = client.get(f"/api/jobs/{job['id']}").json()
            assert client.post(f"/api/jobs/{job['id']}/stop", json={}).json()["stopping"]
            job = ended(client, job)
            assert (job["state"], job["error"], job["asked"]) == ("stopped", None, asked)
            assert client.get("/api/state").json()["newest"]["id"] == before
    finally:
        httpx.delete(f"{server.url}/sandbox/faults").raise_for_status()
    assert "10 from the interrupted run before" in home.run("sync", "--dataset", "Street scenes south").stdout
    home.run("verify")


@pytest.mark.parametrize("at", ["reading Street", "reading the labels", "typing", "publishing"])
def test_wherever_a_sync_is_stopped_the_snapshot_before_stays_and_the_next_is_whole(
    server: SandboxProcess, tmp_path: Path, at: str
) -> None:
    """As the page stops it, in the middle of what a step says that it does."""
    workspace = metaquery.open(tmp_path)
    workspace.connect(server.url, key_file=server.key_file)
    workspace.sync(datasets=["Street scenes north"])
    before, stopping = workspace.snapshot().id, Interruption()

    def stage(words: str) -> None:
        heed()
        if words.startswith(at):
            stopping.stop()

    def synced() -> None:
        workspace.sync(projects=["Street scenes Europe"], stage=stage, progress=lambda *_: heed())
        heed()  # what publishes hears no more

    with stopping, pytest.raises(EngineError, match="interrupted"):
        synced()
    if at != "publishing":
        assert workspace.snapshot().id == before
    whole = workspace.sync(projects=["Street scenes Europe"]).snapshot
    assert whole.counts.data == 400
    assert workspace.data.count() == 400
    Terminal(tmp_path).run("verify")


def test_where_the_key_lies_is_not_told_when_it_is_gone(server: SandboxProcess, tmp_path: Path) -> None:
    key = tmp_path / "the key's own" / "name"
    key.parent.mkdir()
    key.write_bytes(server.key_file.read_bytes())
    key.chmod(0o600)
    home = Terminal(tmp_path)
    home.run("connect", "--domain", server.url, "--key", str(key))
    home.run("sync", "--dataset", "Street scenes north")
    with exploring(home.home) as (client, _):
        for breaks in (key.unlink, lambda: key.write_text("no key"), lambda: key.write_bytes(b"\xff")):
            breaks()
            job = ended(client, client.post("/api/sync", json={}).json())
            assert job["error"]["kind"] == "auth"
            assert "key file" in job["error"]["message"]
            unit = client.get("/api/rows").json()["keys"][0][0]
            picture = client.get(f"/api/units/{unit}/picture", params={"from": "server"})
            assert picture.status_code == 502
            for told in (str(job), picture.text, client.get("/api/jobs").text):
                assert "key's own" not in told
                assert str(tmp_path) not in told


def test_pictures_come_through_the_server_and_links_do_not(
    terminal: Terminal, server: SandboxProcess, tmp_path: Path
) -> None:
    said: list[str] = []
    with exploring(terminal.home, "--pictures", f"{tmp_path}/{{title}}") as (client, _):
        state = client.get("/api/state").json()
        assert state["pictures"] == {"local": True, "server": True}
        rows = client.get("/api/rows", params={"columns": "title", "filter": "data_type = 'image'"}).json()
        (unit,), (title,) = rows["keys"][0], rows["rows"][0]
        where = f"/api/units/{unit}/picture"
        assert client.get(where).status_code == 404
        picture = client.get(where, params={"from": "server"})
        assert picture.headers["content-type"] == "image/svg+xml"
        assert "sandbox" in picture.headers["content-security-policy"]
        (tmp_path / title).write_bytes(b"here")
        if Path(title).suffix in {".jpg", ".png"}:
            assert client.get(where).content == b"here"
        boxes = client.get("/api/boxes", params={"units": ",".join(key for (key,) in rows["keys"])}).json()["boxes"]
        assert all(0 <= box["x"] <= 1 and box["w"] > 0 for found in boxes.values() for box in found)
        assert any(boxes.values())
        asked = ("state", f"units/{unit}", "jobs", "collections", "pushes", "schema", "snapshots")
        said += [client.get(f"/api/{name}").text for name in asked]
        said.append(client.get("/api/units/nobody/picture", params={"from": "server"}).text)
    told = "\n".join(said)
    assert str(server.key_file) not in told
    assert "/sandbox/thumbnails" not in told
