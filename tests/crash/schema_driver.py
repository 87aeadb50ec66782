"""`python -m tests.crash.schema_driver URL KEY FOLDER`: kill the import of a schema at each durable step.

It is a process of its own, as `driver` is. What it has found goes to standard output, as JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
from itertools import count
from pathlib import Path
from typing import Any

import metaquery
import metaquery.wire
from metaquery.schema import MetadataSchema
from metaquery.schema_history import digest

from .steps import KILLED, Steps, forked

__all__ = ["main"]

OLD = MetadataSchema.from_json({"city": "string", "dark": "boolean"}).to_json()
NEW = MetadataSchema.from_json({"city": "string", "dark": "string", "speed": "number"}).to_json()


def begin(url: str, key: str, root: Path) -> None:
    """Make a workspace that has seen the old schema on the server."""
    root.mkdir()
    workspace = metaquery.open(root)
    workspace.connect(url, key_file=key)
    with workspace.client() as client:
        client.set_metadata_schema(OLD)
    workspace.schema.read()


def found(root: Path) -> dict[str, Any]:
    """Look at the server with the workspace, and return what it knows then."""
    schema = metaquery.open(root).schema
    before = [version.digest for version in schema.history.all()]
    held = schema.read()
    versions = schema.history.all()
    return {
        "before": before,
        "held": digest(held.to_json() if held else None),
        "known": digest(schema.known.to_json() if schema.known else None),
        "digests": [version.digest for version in versions],
        "how": versions[-1].how,
    }


def wrong_with(seen: dict[str, Any]) -> list[str]:
    """Return what is wrong with a workspace whose import was killed."""
    old, new = digest(OLD), digest(NEW)
    wrong = []
    if seen["digests"] not in ([old], [old, new]):
        wrong.append(f"the history is {seen['digests']}")
    if seen["before"] not in ([old], [old, new]):
        wrong.append(f"the history was {seen['before']}")
    if not seen["held"] == seen["known"] == seen["digests"][-1]:
        wrong.append("the server holds another than is known")
    if seen["held"] == new and seen["how"] != "set here":
        wrong.append(f"it says {seen['how']} of what was set here")
    return wrong


def main() -> None:
    """Read what to do from the command line."""
    url, key, folder = sys.argv[1:]
    first = Path(folder) / "first"
    forked(lambda: begin(url, key, first))
    wrong: list[str] = []
    for at in count():
        root = Path(folder) / str(at)
        shutil.copytree(first, root)

        def work(root: Path = root, at: int = at) -> None:
            workspace = metaquery.open(root)
            with workspace.client() as client:
                client.set_metadata_schema(OLD)
            Steps(at)
            workspace.schema.set(NEW)

        if forked(work) is not KILLED:
            break
        wrong += [f"step {at}: {what}" for what in wrong_with(forked(lambda root=root: found(root)))]  # type: ignore[misc]
    print(json.dumps({"killed": at, "wrong": wrong}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
