"""Every example in the help of a command is run, each in a workspace of its own, against one server."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import metaquery
from metaquery.cli.root import _run, cli
from metaquery.sandbox import SandboxProcess, start

SET_APART = ("metaquery demo", "metaquery explore")
"""What CI runs by itself, and what serves until it is stopped (`test_explorer.py`), by how they begin."""

BEFORE = {
    "metaquery collection restore": ['collection delete "Night drives"'],
    'metaquery collection new "Night drives"': ['collection delete "Night drives"'],
    'metaquery collection new "Night"': ["collection delete Night"],
    'metaquery collection new "To review"': ['collection delete "To review"'],
    "metaquery filter save night": ["filter delete night"],
    "metaquery filter import filters": ["filter export -o filters"],
    "metaquery filter import-preset night": ["filter push night --yes"],
    "metaquery metadata undo": ["metadata set --unit 4 --dataset 'Street scenes north' note=undone --yes"],
    "metaquery tag remove": ["tag add checked --where 'speed > 0'"],
}
"""What has to have been done, by how the example begins."""

FAILS = {"metaquery schema check", "metaquery collection pull", "metaquery metadata resume"}
"""Examples that may exit with 1, as the data have it, by how they begin."""


def examples() -> list[str]:
    found: list[str] = []

    def walk(command: click.Command) -> None:
        text = re.sub(r"\\\n\s*", "", command.help or "")
        found.extend(re.findall(r"^ +(metaquery .*)$", text, re.MULTILINE))
        for name in command.list_commands(click.Context(command)) if isinstance(command, click.Group) else ():
            below = command.get_command(click.Context(command), name)
            assert below is not None
            walk(below)

    walk(cli)
    return [each for each in dict.fromkeys(found) if not each.startswith(SET_APART)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A server of its own: the examples change what is there."""
    home = tmp_path_factory.mktemp("server")
    with start(units=60, key_out=home / "key", schema_out=home / "schema.json", with_schema=True) as process:
        yield process


@pytest.fixture(scope="module")
def prepared(server: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with all that the examples name, two snapshots and a push."""
    home = tmp_path_factory.mktemp("prepared")
    workspace = metaquery.open(home)
    workspace.connect(server.url, key_file=server.key_file)
    workspace.sync()
    hashes = workspace.data.filter("speed > 0").limit(3).select("data_hash").to_arrow().column(0).to_pylist()
    workspace.data.filter("speed > 0").collect("Night drives")
    workspace.data.filter("dark").collect("Night", live=True)
    workspace.data.filter("dark").collect("To review")
    workspace.save_filter("night", "dark = true")
    workspace.push("Night drives")
    files = {
        "schema.json": server.key_file.with_name("schema.json").read_text(),
        "fixed.json": server.key_file.with_name("schema.json").read_text(),
        "units.ndjson": "".join(json.dumps({"data_hash": h, "client_metadata": {"city": "Oslo"}}) + "\n" for h in "ab"),
        "hashes.txt": "\n".join(hashes),
        "rejected.txt": "\n".join(hashes[:1]),
        "corrections.csv": f"data_hash,city\n{hashes[0]},Bergen\n",
        "questions.txt": "dark\n_ and speed > 3\n",
        "night.json": '{"op": "=", "args": [{"property": "dark"}, true]}',
    }
    for name, content in files.items():
        (home / name).write_text(content)
    pq.write_table(pa.table({"data_hash": ["a"], "class": ["car"], "confidence": [0.5]}), home / "model.parquet")
    workspace.export_lake(home / "lake")
    workspace.rematerialise()
    return home


def meant(example: str, server: SandboxProcess, home: Path) -> str:
    """Return an example with what differs from place to place: keys, servers, titles, ids, and the days of history."""
    snapshots = sorted(file.stem for file in home.glob(".metaquery/snapshots/*.json"))
    (push,) = {p.id for p in metaquery.open(home).pushes.log()}
    for written, here in {
        "~/.ssh/encord": f"'{server.key_file}'",
        "--domain https://api.us.encord.com ": "",
        "--domain https://api.encord.com ": "",
        "connect ": f"connect --domain {server.url} ",
        '"Street scenes"': '"Street scenes Europe"',
        "'North'": "'Street scenes north'",
        "'South'": "'Street scenes south'",
        "--as-of 2026-11-01": f"--as-of {snapshots[-2]}",
        "2026-11-01 2026-11-24": f"{snapshots[-2]} {snapshots[-1]}",
        "20261124T150639": push,
        "restore 3": "restore 1",
    }.items():
        example = example.replace(written, here)
    return example


def run(line: str) -> int:
    """Run a line of a shell that has `&&`, `<` and `>`; every question is answered by yes."""
    code = 0
    for part in line.split(" && "):
        redirected = re.fullmatch(r"(.*) > ([\w-]+\.\w+)", part)
        command, file = redirected.groups() if redirected else (part, None)
        command, _, read = re.sub(r" < ([\w-]+\.txt)$", r"\n\1", command).partition("\n")
        arguments = shlex.split(command)[1:]
        path, found = [], cli
        while isinstance(found, click.Group):
            below = found.get_command(click.Context(found), arguments[len(path)])
            if below is None:  # its argument
                break
            path.append(arguments[len(path)])
            found = below
        asks = any("--yes" in parameter.opts for parameter in found.params)
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        given = io.StringIO(Path(read).read_text() if read else "")
        with contextlib.redirect_stdout(out), pytest.MonkeyPatch.context() as patched:
            patched.setattr("sys.stdin", given)
            code = code or _run([*arguments, *(["--yes"] if asks and "--yes" not in arguments else [])])
        out.flush()
        if file:
            Path(file).write_bytes(out.buffer.getvalue())
    return code


@pytest.mark.parametrize("example", examples())
def test_an_example_of_the_help_does_what_it_says(
    example: str, server: SandboxProcess, prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(prepared, home)
    monkeypatch.chdir(home)
    monkeypatch.setenv("METAQUERY_THREADS", "1")
    for beginning, lines in BEFORE.items():
        if example.startswith(beginning):
            assert [run(f"metaquery {line}") for line in lines] == [0] * len(lines)
    code = run(meant(example, server, prepared))
    assert code == 0 or (code == 1 and example.startswith(tuple(FAILS)))
