"""The page and its files."""

from __future__ import annotations

from importlib.resources import files

import pytest

from metaquery.explorer.pages import PAGES

from .conftest import Served


@pytest.mark.parametrize("path", PAGES)
def test_every_address_of_the_page_has_the_same_shell(served: Served, path: str) -> None:
    answer = served.client.get(path.replace("{hash}", "u1").replace("{id}", "x"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text == (files("metaquery.explorer") / "static" / "index.html").read_text("utf-8")


def test_a_file_is_sent_once_and_then_asked_about(served: Served) -> None:
    first = served.client.get("/static/index.html")
    again = served.client.get("/static/index.html", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["../app.py", "%2e%2e/app.py", "..%2fapp.py", "", "nothing.js", "%00", "..%5capp.py", "/etc/passwd"]
)
def test_nothing_but_the_pages_files_is_served(served: Served, path: str) -> None:
    answer = served.client.get(f"/static/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["kind"] == "not_found"
