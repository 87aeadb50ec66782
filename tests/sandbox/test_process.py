"""The sandbox as a process: how it starts, what it says, how it stops."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metaquery.errors import UsageError
from metaquery.sandbox import start
from metaquery.sandbox.serving import serve


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_is_needed_and_stops_cleanly(tmp_path, number):
    key = tmp_path / "key"
    command = [sys.executable, "-m", "metaquery.sandbox", "--units", "10", "--key-out", str(key)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = [process.stdout.readline() for _ in range(3)]
    assert said[0] == "data  10 data units, 4 dataset(s): Street scenes\n"
    assert said[1] == f"key   {key}\n"
    assert said[2].startswith("url   http://127.0.0.1:")
    assert key.read_text("ascii").startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_stops_when_whoever_started_it_is_gone(tmp_path):
    process = start(units=5, key_out=tmp_path / "key")
    process.process.stdin.close()
    assert process.process.wait(timeout=10) == 0
    assert process.stop() == 0


def test_a_key_that_is_there_is_used_and_never_written_over(tmp_path, connect):
    key = tmp_path / "key"
    with start(units=5, key_out=key):
        before = key.read_bytes()
    with start(units=5, key_out=key) as again:
        assert key.read_bytes() == before
        assert connect(again).v2("GET", "datasets/list").status == 200
    other = tmp_path / "other"
    other.write_text("not a key", encoding="utf-8")
    with pytest.raises(UsageError, match="did not start"):
        start(units=5, key_out=other)
    assert other.read_text("utf-8") == "not a key"


def test_what_a_killed_sandbox_had_is_there_in_the_next(tmp_path, connect):
    kept = {"key_out": tmp_path / "key", "state": tmp_path / "state", "units": 5}
    with start(**kept) as sandbox:
        made = connect(sandbox).v2("POST", "storage/folders", {"name": "Kept"}).body["uuid"]
        sandbox.process.kill()
    with start(**kept) as sandbox:
        assert connect(sandbox).v2("GET", f"storage/folders/{made}").body["name"] == "Kept"


def test_a_million_units_start_fast_and_stay_small(tmp_path, connect):
    before = time.monotonic()
    with start(units=1_000_000, key_out=tmp_path / "key") as process:
        client = connect(process)
        folder, dataset = client.folder(), client.dataset()
        assert time.monotonic() - before < 10
        rows = client.legacy("dataset", dataset, "dataset GET", {}).body["response"]["data_rows"]
        assert len(rows) == 250_000
        some = [row["data_hash"] for row in rows[-1000:]]
        assert [row["data_hash"] for row in client.rows(dataset, data_hashes=some)] == some
        page = client.v2("GET", f"storage/folders/{folder}/items?pageSize=1000&includeClientMetadata=True").body
        assert page["nextPageToken"]
        status = Path(f"/proc/{process.process.pid}/status")
        if status.exists():
            used = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
            assert int(used.split()[1]) < 300_000  # KiB


def test_bird_strikes_over_http_with_their_schema(tmp_path, connect):
    schema = tmp_path / "schema.json"
    with start("birdstrikes", units=30, key_out=tmp_path / "key", schema_out=schema, with_schema=True) as process:
        client = connect(process)
        rows = client.rows(client.dataset("Bird strikes"))
        assert len(rows) == 30
        assert rows[0]["client_metadata"]["Airport Name"] == "BARKSDALE AIR FORCE BASE ARPT"
        assert rows[0]["data_type"] == "PLAIN_TEXT"
        typed = client.v2("GET", "organisation/client-metadata-schema-v2").body
        assert typed == json.loads(schema.read_text("utf-8"))
        items = client.v2("GET", f"storage/folders/{client.folder()}/items?itemTypes=plainText").body["results"]
        picture = client.send("GET", f"/sandbox/thumbnails/{items[0]['uuid']}.svg")
        assert b"BARKSDALE" in picture.raw


def test_the_same_seed_gives_the_same_hashes(tmp_path, connect):
    seen = []
    for units, seed in ((20, 7), (40, 7), (20, 8)):
        with start(units=units, seed=seed, key_out=tmp_path / "key") as process:
            client = connect(process)
            seen.append(client.rows(client.dataset()))
    assert seen[1][:5] == seen[0]
    assert {row["data_hash"] for row in seen[2]}.isdisjoint(row["data_hash"] for row in seen[0])


def test_arguments_that_cannot_be_meant(tmp_path):
    with pytest.raises(UsageError, match="unknown data set 'nothing'"):
        serve("nothing", key_out=tmp_path / "key")
    with pytest.raises(UsageError, match="too few"):
        serve(units=0, key_out=tmp_path / "key")
    with pytest.raises(UsageError, match="10,000 bird strikes"):
        serve("birdstrikes", units=10_001, key_out=tmp_path / "key")


def test_without_the_extra_it_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['starlette'] = None; sys.modules['uvicorn'] = None\n"
        "from metaquery.sandbox.serving import main\n"
        f"main(['--key-out', {str(tmp_path / 'key')!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 2
    assert "pip install 'metaquery[sandbox]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_importing_the_package_brings_no_server():
    code = (
        "import sys, metaquery.sandbox\n"
        "print([m for m in ('starlette', 'uvicorn', 'pyarrow', 'cryptography', 'click', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
