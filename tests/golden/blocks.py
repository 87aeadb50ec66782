"""Blocks of `grammar/cases/*.cases`: read and written; their form is in the README beside them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).resolve().parents[2] / "grammar" / "cases"
GIVEN = ("filter", "view", "parameters", "repeat", "on", "examples", "with", "zone", "dialect")
"""Keys of what is put in; the others are what comes out."""


@dataclass(frozen=True)
class Block:
    """One case: remarks above it, what is given, and what comes out."""

    remarks: tuple[str, ...]
    given: dict[str, str]
    outcome: dict[str, str]

    @property
    def is_view(self) -> bool:
        return "view" in self.given

    @property
    def text(self) -> str:
        """The filter or view, with what is to be repeated repeated."""
        text = self.given["view" if self.is_view else "filter"]
        for piece, times in json.loads(self.given.get("repeat", "{}")).items():
            text = text.replace(piece, piece * times, 1)
        return text


def read(path: Path) -> list[Block]:
    blocks = []
    for chunk in path.read_text(encoding="utf-8").rstrip("\n").split("\n\n"):
        remarks: list[str] = []
        pairs: dict[str, str] = {}
        for line in chunk.split("\n"):
            if line.startswith("#"):
                remarks.append(line)
            elif line.startswith("| "):
                last = next(reversed(pairs))
                pairs[last] += line.removeprefix("| ") if not pairs[last] else "\n" + line.removeprefix("| ")
            elif line:
                key, _, value = line.partition(": ") if ": " in line else (line.rstrip(":"), "", "")
                pairs[key.rstrip("*")] = json.loads(value) if key.endswith("*") else value
        given = {key: value for key, value in pairs.items() if key in GIVEN}
        blocks.append(Block(tuple(remarks), given, {k: v for k, v in pairs.items() if k not in GIVEN}))
    return blocks


def write(path: Path, blocks: list[Block]) -> None:
    chunks = []
    for block in blocks:
        pairs = [_line(key, value) for key, value in {**block.given, **block.outcome}.items()]
        chunks.append("\n".join([*block.remarks, *pairs]))
    path.write_text("\n\n".join(chunks) + "\n", encoding="utf-8")


def _line(key: str, value: str) -> str:
    lines = value.split("\n")
    if not all(line.isprintable() and line and line == line.rstrip() for line in lines):
        return f"{key}*: {json.dumps(value)}"
    if len(lines) > 1:
        return "\n".join([f"{key}:", *(f"| {line}" for line in lines)])
    return f"{key}: {value}" if value == value.lstrip() else f"{key}*: {json.dumps(value)}"


def json_line(value: Any) -> str:
    """Return a value as a JSON text that shows on one line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)
