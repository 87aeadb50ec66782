"""Whatever is asked, nothing of ours breaks: each answer is one that `docs/explorer-api.md` describes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.explorer.asking import VIEW
from metaquery.explorer.routes import ENDPOINTS
from tests.budget import cases

from .conftest import Served

TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        (
            "", " ", "dark", "city = 'Paris'", "drak", "speed > ", "'", '"', "order by", "speed desc", "title, city",
            '"frame rate"', "meta.city", "tags", "in collection 'x'", "@x", ":x", "-1", "1e9", "99999999999999999999",
            "2023-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "nan", "inf", "\0", "😀", "u1",
            "Europe/Oslo", "../..", "now()", "toggle", "brush", "clear", "labels", "predictions", "(((((", "raw(speed)",
            "class = 'car'", "any label(class = 'car')", "captured_at", "speed",
        )
    ),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("title", "rows", "view", "filter", "relation", "keys", "algebra", "to", "schema", "full"))
            | TEXTS,
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
EXPECTED = {200, 400, 404, 409, 423, 502}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_no_request_breaks_anything(served: Served, endpoint: object) -> None:
    assert isinstance(endpoint, type(ENDPOINTS[0]))
    names = endpoint.parameters or VIEW

    @cases(12)
    @given(st.dictionaries(st.sampled_from(names), TEXTS, max_size=4), TEXTS, JSON)
    def ask(parameters: dict[str, str], place: str, body: object) -> None:
        path = endpoint.path.replace("{format:str}", "csv")
        for name in ("hash", "id", "plan"):
            path = path.replace(f"{{{name}}}", quote(place, safe="") or "x")
        known = {name: value for name, value in parameters.items() if name in endpoint.parameters}
        if endpoint.method == "GET":
            answer = served.client.get(path, params=known)
        else:
            answer = served.client.post(path, json=body)
        assert answer.status_code in EXPECTED, (answer.status_code, answer.text[:500])
        if answer.status_code != 200:
            error = answer.json()["error"]
            assert error["message"]
            assert "Traceback" not in answer.text

    ask()
