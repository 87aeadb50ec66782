"""The page's built files: up to date with their sources, small, and without anything from elsewhere."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path

EXPLORER = Path(__file__).parents[3] / "metaquery" / "explorer"
STATIC = EXPLORER / "static"
FIRST_LOAD_KB = 150
"""Point 62 of the conventions."""


def test_the_built_page_is_that_of_the_sources() -> None:
    """`make web` writes the digest; the same is worked out here, without npm."""
    web = EXPLORER / "web"
    digest = hashlib.sha256()
    for name in sorted(file.relative_to(web).as_posix() for file in web.rglob("*") if file.is_file()):
        if not name.startswith("node_modules/"):
            digest.update(name.encode() + b"\0" + (web / name).read_bytes() + b"\0")
    built = json.loads((STATIC / "build.json").read_text("utf-8"))["sources"]
    assert built == digest.hexdigest(), "the page's sources have changed: run make web"


def test_the_first_load_is_small_and_asks_no_other_host() -> None:
    shell = (STATIC / "index.html").read_text("utf-8")
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', shell)
    assert {"app.js", "style.css"} <= set(loaded)
    assert not re.search(r"<script(?![^>]* src=)|<style|style=|\son\w+=|//", shell), "the policy refuses what is inline"
    files = [shell.encode(), *((STATIC / name).read_bytes() for name in loaded)]
    assert sum(len(gzip.compress(file)) for file in files) <= FIRST_LOAD_KB * 1000
    for name in ("app.js", "style.css"):
        addresses = set(re.findall(r"https?://[\w./]+", (STATIC / name).read_text("utf-8")))
        assert addresses <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1998/Math/MathML",
            "http://www.w3.org/1999/xhtml",
        }


def test_licences_of_what_is_built_in_are_told() -> None:
    told = (STATIC / "licences.txt").read_text("utf-8")
    needed = json.loads((EXPLORER / "web" / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in needed.items():
        assert f"{name} {version}\n" in told
    assert "Permission is hereby granted" in told
