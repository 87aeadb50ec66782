"""Pages of `docs/` whose commands are run: what a page shows, and what of it may differ from run to run."""

from __future__ import annotations

import getpass
import re

__all__ = ["commands", "comparable", "settled", "told"]


def commands(page: str) -> list[tuple[str, str]]:
    """Return each command of a page, and what the page says that it prints."""
    blocks = re.findall(r"^```console\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]


def settled(text: str) -> str:
    """Leave out progress, which only a slow machine has to show."""
    return re.sub(r"^(reading|making the snapshot) .*\n?", "", text, flags=re.MULTILINE)


def comparable(text: str) -> str:
    """Leave out what differs from run to run: where, when, which key, which ids."""
    text = settled(text)
    text = re.sub(r"with \S+/encord-key \(SHA256:\S+\)", "with KEY", text)
    text = re.sub(r"Remembered in \S+/\.metaquery", "Remembered in WORKSPACE", text)
    text = re.sub(r"http://127\.0\.0\.1:\d+", "URL", text)
    text = re.sub(r"\d{8}T\d{6}-\d{9}", "SNAPSHOT", text)
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)


def told(text: str) -> list[str]:
    """Return lines without ids, times, keys and users; columns that these fill are as wide as they are."""
    text = re.sub(r"SHA256:\S+", "KEY", comparable(text).replace("SNAPSHOT", "ID"))
    text = re.sub(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2})?", "TIME", text)
    text = re.sub(rf"(?<=  ){re.escape(getpass.getuser())}(?= KEY)", "ana", text)
    text = re.sub(rf"\bby {re.escape(getpass.getuser())}\b", "by ana", text)
    return sorted(re.sub(r" +", " ", line).strip() for line in text.splitlines() if line.strip())
