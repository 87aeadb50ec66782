"""Bytes become results or failures; a body is never half believed."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metaquery.unreadable import is_too_deep
from metaquery.wire.answers import anything, legacy_result, one_object, parse, row_array, v2_result
from metaquery.wire.failures import LEGACY_STATUS, Failure, Kind


def envelope(rows: bytes) -> bytes:
    return b'{"status": 200, "response": ' + rows + b"}"


def test_rows_keep_every_byte():
    rows = b'[ {"n":12345678901234567890123 , "x":1.50, "y":1e999,"z":-0.0,'
    rows += b'"a":"\\u00e9\\/\xc3\xa9", "a":2} ,{}]'
    assert parse(legacy_result(200, envelope(rows)), row_array) == (rows, 2)


@pytest.mark.parametrize(
    ("rows", "kind", "reason", "final"),
    [
        (b'[{"a": NaN}]', Kind.MALFORMED, "NaN or Infinity at byte 35", True),
        (b'[{"a": -Infinity}]', Kind.MALFORMED, "NaN or Infinity", True),
        (b'[{"a": "\xff"}]', Kind.MALFORMED, "not UTF-8", False),
        (b'[{"a": 01}]', Kind.MALFORMED, "invalid number", False),
        (b'[{"a": 1}', Kind.MALFORMED, "byte", False),
        (b"[" * 5000 + b"]" * 5000, Kind.SHAPE, "nested too deeply", True),
    ],
)
def test_what_is_not_json_is_said_in_words(rows, kind, reason, final):
    with pytest.raises(Failure) as caught:
        legacy_result(200, envelope(rows))
    assert caught.value.kind is kind
    assert reason in caught.value.text
    assert caught.value.final is final


def test_a_value_that_no_reader_takes_does_not_cost_the_rows_beside_it():
    rows = (
        b'[{"data_title": "x\\ud83d", "client_metadata": {"speed": NaN, "deep": '
        + b"[" * 5000
        + b"]" * 5000
        + b"}},{}]"
    )
    body, count = parse(legacy_result(200, envelope(rows)), row_array)
    assert count == 2
    assert json.loads(body)[0]["data_title"] == r"x\ud83d"
    assert json.loads(body)[0]["client_metadata"]["speed"] == {"not readable": "NaN"}
    assert not is_too_deep(body)


@pytest.mark.parametrize(("body", "reason"), [(b"", "an empty body"), (b" <html>", "7 bytes: a web page")])
def test_other_things_than_json(body, reason):
    with pytest.raises(Failure) as caught:
        legacy_result(200, body)
    assert (caught.value.kind, caught.value.text) == (Kind.MALFORMED, reason)


@pytest.mark.parametrize("rows", [b"[1]", b'["x"]', b"[null]", b"{}", b'"x"', b"1"])
def test_rows_are_objects_in_an_array(rows):
    with pytest.raises(Failure) as caught:
        parse(legacy_result(200, envelope(rows)), row_array)
    assert (caught.value.kind, caught.value.final) == (Kind.SHAPE, True)


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", b'{"status": "200", "response": []}'])
def test_what_is_not_an_envelope_has_the_wrong_shape(body):
    with pytest.raises(Failure) as caught:
        legacy_result(200, body)
    assert caught.value.kind is Kind.SHAPE


@given(
    st.lists(st.dictionaries(st.text(), st.integers() | st.text() | st.none() | st.booleans())),
    st.data(),
)
def test_a_body_that_was_cut_off_anywhere_is_never_a_result_and_always_worth_another_try(rows, data):
    body = envelope(json.dumps(rows).encode() if data.draw(st.booleans()) else _utf8(rows))
    cut = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    with pytest.raises(Failure) as caught:
        legacy_result(200, body[:cut])
    assert caught.value.kind is Kind.MALFORMED
    assert not caught.value.final


def _utf8(rows) -> bytes:
    return json.dumps(rows, ensure_ascii=False).encode()


@given(st.binary())
def test_any_bytes_are_a_result_or_a_failure(body):
    for status in (200, 503):
        try:
            parse(legacy_result(status, body), row_array)
        except Failure:
            pass
        else:
            raise AssertionError(body)


@pytest.mark.parametrize("empty", [b"null", b"{}", b"[]", b"false"])
def test_an_empty_object_read_stands_for_not_found(empty):
    with pytest.raises(Failure) as caught:
        parse(legacy_result(200, envelope(empty)), one_object(msgspec.json.decode))
    assert caught.value.status == 404


def test_a_null_list_stands_for_not_found_and_an_empty_one_for_no_rows():
    with pytest.raises(Failure) as caught:
        parse(legacy_result(200, envelope(b"null")), row_array)
    assert caught.value.status == 404
    assert parse(legacy_result(200, envelope(b"[]")), row_array) == (b"[]", 0)


@pytest.mark.parametrize(("code", "status"), LEGACY_STATUS.items())
@pytest.mark.parametrize("form", [lambda code: [code], lambda code: code])
def test_legacy_codes_stand_for_a_status_whatever_the_envelope_says(code, status, form):
    body = json.dumps({"status": 418, "response": form(code), "payload": "because"}).encode()
    with pytest.raises(Failure) as caught:
        legacy_result(200, body)
    assert (caught.value.status, caught.value.code, caught.value.text) == (status, code, "because")


@pytest.mark.parametrize(("said", "status"), [(400, 400), (503, 503), (0, 500), (299, 500)])
def test_an_unknown_legacy_code_counts_as_its_envelopes_status(said, status):
    with pytest.raises(Failure) as caught:
        legacy_result(200, json.dumps({"status": said, "response": ["NEW_ERROR"]}).encode())
    assert (caught.value.status, caught.value.code) == (status, "NEW_ERROR")


def test_the_label_limit_is_read_where_it_is_told():
    error = {"status": 400, "response": ["MULTI_LABEL_LIMIT_ERROR"]}
    for payload, limit in (({"maximum_labels_allowed": 100}, 100), ("too many", 0)):
        with pytest.raises(Failure) as caught:
            legacy_result(200, json.dumps({**error, "payload": payload}).encode())
        assert caught.value.label_limit == limit


def test_without_an_envelope_http_says_how_it_went():
    for status, body in ((503, b"<html>"), (404, b'{"detail": "x"}'), (429, envelope(b"[]")), (502, b"")):
        with pytest.raises(Failure) as caught:
            legacy_result(status, body)
        assert (caught.value.kind, caught.value.status) == (Kind.STATUS, status)
    assert legacy_result(500, envelope(b"[]")) is not None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "no\\nway"}', "no way"),
        (b'{"detail": [{"loc": 1}]}', '[{"loc":1}]'),
        (b"<html>", "I'm a Teapot"),
        (b"", "I'm a Teapot"),
        (b'{"message": "' + b"x" * 400 + b'"}', "x" * 300 + "…"),
        (b'{"message": "bad ' + b"ab" * 32 + b":" + b"cd" * 64 + b'"}', "bad …"),
        (b'{"message": "bad encord-sig=:AAAA+/==: x"}', "bad … x"),
        (b'{"message": "\\u001b[31m\\u202ered"}', "[31m red"),
    ],
)
def test_the_servers_words_are_one_clean_line_without_signatures(body, text):
    with pytest.raises(Failure) as caught:
        v2_result(418, body)
    assert caught.value.text == text


def test_any_v2_success_is_a_result_and_no_body_is_null():
    assert v2_result(200, b"{}") == b"{}"
    assert v2_result(201, b'"x"') == b'"x"'
    assert v2_result(204, b"") == b"null"
    parse(b"null", anything)
