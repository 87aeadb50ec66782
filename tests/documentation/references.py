"""The references of `docs/reference/`: each page, and what writes it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.documentation import cli, errors, language, python, settings

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"

PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli.page,
    "python.md": python.page,
    "language.md": language.page,
    "settings.md": settings.page,
    "errors.md": errors.page,
}


def written(name: str) -> str:
    """Return what a page has to be."""
    remark = "<!-- Written by: python -m tests.documentation --update -->\n\n"
    return remark + PAGES[name]().rstrip("\n") + "\n"
