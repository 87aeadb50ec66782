"""The walkthrough, played once: what each command printed, and what the official SDK saw at the server after it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest
from encord import EncordUserClient
from encord.orm.dataset import DatasetAccessSettings

from metaquery.sandbox import SandboxProcess, start
from tests.end_to_end.pages import commands

PAGE = (Path(__file__).parents[3] / "docs" / "seed-walkthrough.md").read_text(encoding="utf-8")
ID = re.compile(r"\d{8}T\d{6}-\d{9}")
WITH_METADATA = DatasetAccessSettings(fetch_client_metadata=True)


class Ran(NamedTuple):
    """A command of the page: what the page says that it prints, what it printed, and what is at the server then."""

    command: str
    expected: str
    printed: str
    exits: int
    seen: Any


class Seen:
    """What the official SDK sees."""

    def __init__(self, server: SandboxProcess) -> None:
        self._user = EncordUserClient.create_with_ssh_private_key(
            ssh_private_key_path=str(server.key_file), domain=server.url
        )
        self._kinds: dict[str, Callable[[], Any]] = {
            "schema": self.schema, "metadata": self.documents, "collection": self.sent, "push": self.sent,
        }  # fmt: skip

    def after(self, command: str) -> Any:
        """Return what is there of that which a command of this name may have changed."""
        look = self._kinds.get(command)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the simple form of schemas is what the page is about
            return look() if look else None

    def schema(self) -> dict[str, str] | None:
        """Return the type of each key, in Encord's simple form."""
        held = self._user.get_client_metadata_schema()
        return None if held is None else {key: kind.value for key, kind in held.items()}

    def documents(self) -> dict[str, list[Any]]:
        """Return the client metadata of each data unit, by the title of its dataset."""
        datasets = [found["dataset"] for found in self._user.get_datasets()]
        return {
            one.title: [
                dict(row.client_metadata)
                for row in self._user.get_dataset(one.dataset_hash, dataset_access_settings=WITH_METADATA).data_rows
            ]
            for one in datasets
        }

    def sent(self) -> dict[str, Any]:
        """Return what a Collection may become: by title, with the storage items or data hashes in it."""
        datasets = {found["dataset"].title: found["dataset"].dataset_hash for found in self._user.get_datasets()}
        projects = list(self._user.list_projects())
        europe = next(project for project in projects if project.title == "Street scenes Europe")
        return {
            "collections": {
                one.name: (one.description, {str(item.uuid) for item in one.list_items()})
                for one in self._user.list_collections()
            },
            "project collections": {
                one.name: (one.description, one.collection_type.value, _members(one))
                for one in europe.list_collections()
            },
            "datasets": {
                title: {str(row.backing_item_uuid) for row in self._user.get_dataset(found).data_rows}
                for title, found in datasets.items()
            },
            "projects": {one.title: ([d.title for d in one.list_datasets()], one.ontology_hash) for one in projects},
        }


def _members(collection: Any) -> list[str]:
    listed = collection.list_frames() if collection.collection_type.value == "FRAME" else collection.list_annotations()
    pairs = ((one.label_row, one.instances) if hasattr(one, "label_row") else one for one in listed)
    return [row.data_hash for row, instances in pairs for _ in instances]


@dataclass
class Session:
    """Runs commands in a process of their own, in a directory where all that they leave is."""

    home: Path
    count: int = 0
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        for name in ("tmp", "cache", "printed"):
            (self.home / name).mkdir()
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_", "XDG_"))}
        own = {"HOME": self.home, "TMPDIR": self.home / "tmp", "XDG_CACHE_HOME": self.home / "cache"}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", str(Path(__file__).with_name("session.py"))],
            cwd=self.home,
            env={**clean, **{name: str(path) for name, path in own.items()}},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, fault: bool = False, **environ: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it printed, standard error last."""
        self.count += 1
        printed = self.home / "printed" / f"{self.count:03d}"
        command = {"arguments": arguments, "environ": environ, "printed": str(printed), "fault": fault}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps(command)}\n")
        self.process.stdin.flush()
        code = int(self.process.stdout.readline())
        streams = (Path(f"{printed}.{name}") for name in ("out", "err"))
        told = "".join(stream.read_text(encoding="utf-8") for stream in streams if stream.exists())
        assert ("Traceback" in told) <= ("--debug" in arguments)
        return code, told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


class Walk(NamedTuple):
    """The page, played."""

    server: SandboxProcess
    session: Session
    ran: list[Ran]

    def after(self, begin: str) -> Any:
        """Return what the official SDK saw after the only command that begins so."""
        (seen,) = (one.seen for one in self.ran if one.command.startswith(begin))
        return seen


@pytest.fixture(scope="package")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The commands of the page, run in order against a sandbox of 24 units that has no schema yet."""
    home = tmp_path_factory.mktemp("walkthrough")
    (seed,) = re.findall(r"^```json\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (home / "seed.json").write_text(seed)
    with start(units=24, key_out=tmp_path_factory.mktemp("keys") / "encord-key") as server, Session(home) as session:
        seen, ours, ran = Seen(server), {}, []
        for command, expected in commands(PAGE):
            own = {"http://127.0.0.1:8765": server.url, "encord-key": str(server.key_file), **ours}
            arguments = [own.get(argument, argument) for argument in shlex.split(command)[1:]]
            code, printed = session.run(*arguments)
            ours |= dict(zip(ID.findall(expected), ID.findall(printed), strict=False))
            ran.append(Ran(command, expected, printed, code, seen.after(arguments[0])))
        yield Walk(server, session, ran)
