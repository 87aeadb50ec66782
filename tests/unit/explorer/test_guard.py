"""Who may ask the Explorer: this machine's user, from its own page, and nobody else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from metaquery.explorer import Options
from metaquery.explorer.security import Secrets

from .conftest import Served, serving


@pytest.fixture
def stranger(served: Served) -> Iterator[Served]:
    """Somebody who knows no token."""
    with httpx.Client(base_url=served.client.base_url) as client:
        yield Served(served.workspace, served.token, client)


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address(stranger: Served) -> None:
    answer = stranger.client.get("/data", params={"filter": "dark", "token": stranger.token})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/data?filter=dark"
    cookie = answer.headers["set-cookie"]
    assert stranger.token not in cookie
    assert all(word in cookie.lower() for word in ("httponly", "samesite=strict", "path=/"))
    assert stranger.get("/api/state")["workspace"]


def test_the_token_that_a_browser_is_started_with_is_good_for_one_request(stranger: Served) -> None:
    secrets = Secrets()
    (once,) = secrets.once
    assert [secrets.opens(once), secrets.opens(once), secrets.opens(secrets.token)] == [True, False, True]
    assert once not in repr(secrets)
    assert secrets.token not in repr(secrets)


@pytest.mark.parametrize("path", ["/", "/data", "/data.csv", "/static/x.js", "/api/state", "/nothing"])
def test_without_a_token_nothing_is_answered(stranger: Served, path: str) -> None:
    for more in ({}, {"authorization": "Bearer wrong"}, {"cookie": f"metaquery_{stranger.port}=wrong"}):
        answer = stranger.client.get(path, headers=more)
        assert (answer.status_code, answer.json()["error"]["kind"]) == (401, "token")
    assert stranger.client.get(path, params={"token": "wrong"}).status_code == 401
    assert stranger.client.get(f"{path}?token={stranger.token}&token=x").status_code == 401


@pytest.mark.parametrize(
    "host", ["example.com", "example.com:PORT", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.nip.io:PORT", "localhost:PORT.x"]
)
def test_a_name_that_is_not_this_machines_is_refused_even_with_the_token(served: Served, host: str) -> None:
    answer = served.client.get("/api/state", headers={"host": host.replace("PORT", str(served.port))})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (421, "host")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://example.com"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1:PORT"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_page_is_refused_even_with_the_token(served: Served, headers: dict[str, str]) -> None:
    headers = {name: value.replace("PORT", str(served.port)) for name, value in headers.items()}
    answer = served.client.get("/api/state", headers=headers)
    assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "origin")
    own = {"origin": f"http://127.0.0.1:{served.port}", "sec-fetch-site": "same-origin"}
    assert served.client.get("/api/state", headers=own).status_code == 200


def test_a_cookie_alone_changes_nothing(stranger: Served) -> None:
    stranger.client.get("/", params={"token": stranger.token})
    assert stranger.client.post("/api/nothing", json={}).status_code == 401
    assert stranger.client.post("/api/nothing", json={}, headers={"x-metaquery": "1"}).status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(served: Served, method: str) -> None:
    assert served.client.request(method, "/api/state").status_code == 405


def test_read_only_refuses_every_change(served: Served) -> None:
    with serving(served.workspace, Options(read_only=True)) as guarded:
        answer = guarded.client.post("/api/nothing", json={})
        assert (answer.status_code, answer.json()["error"]["kind"]) == (403, "read_only")
        assert guarded.get("/api/state")["read_only"] is True


@pytest.mark.parametrize("path", ["/", "/api/state", "/nothing", "/data.csv", "/api/counts?filter=drk"])
def test_every_answer_tells_the_browser_what_it_may_not_do(served: Served, path: str) -> None:
    headers = served.client.get(path).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers


def test_a_redirect_goes_nowhere_else(stranger: Served) -> None:
    for path in ("//example.com/x", "/%5C%5Cexample.com", "/%0d%0aset-cookie:a=b", "///example.com"):
        answer = stranger.client.get(f"http://127.0.0.1:{stranger.port}{path}?token={stranger.token}")
        there = answer.headers["location"]
        assert there.startswith("/")
        assert not there.startswith(("//", "/\\"))
        assert "\r" not in there


def test_a_person_who_opens_the_address_without_its_token_reads_what_to_do(stranger: Served) -> None:
    answer = stranger.client.get("/data", headers={"accept": "text/html,application/xhtml+xml"})
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "the token is missing\nopen the address that metaquery explore has printed\n"


def test_without_its_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['starlette'] = None; sys.modules['uvicorn'] = None\n"
        "from metaquery.cli.root import _run\n"
        "sys.exit(_run(['explore', '--no-browser']))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the Explorer needs starlette and uvicorn\npip install 'metaquery[explorer]'" in done.stderr
