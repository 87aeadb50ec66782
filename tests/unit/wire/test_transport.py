"""Requests are signed as they go out, tried again as the policy says, and their failures told."""

import gzip
import itertools
import logging
import socket
import ssl
import threading

import httpx
import msgspec
import pytest

from metaquery import __version__
from metaquery.errors import (
    AuthError,
    NotFound,
    RateLimited,
    Refused,
    ServerError,
    SettingsError,
    UnexpectedPayload,
    Unreachable,
    UsageError,
    WireError,
)
from metaquery.wire import EncordClient, RetryPolicy, is_ambiguous
from metaquery.wire.addresses import path
from metaquery.wire.transport import Transport

BROKEN = [
    httpx.ReadError("reset"),
    httpx.WriteError("broken pipe"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("peer closed connection without sending complete message body"),
    httpx.Response(500),
    httpx.Response(502, text="<html>"),
    httpx.Response(503, json={"message": "busy"}),
    httpx.Response(504),
    httpx.Response(200, content=b'{"result": ['),
    httpx.Response(200, content=b"<html>"),
    httpx.Response(200, content=b""),
]
NEVER_ARRIVED = [httpx.ConnectError("refused"), httpx.ConnectTimeout("x"), httpx.Response(429)]


@pytest.mark.parametrize("failure", BROKEN + NEVER_ARRIVED, ids=repr)
def test_a_read_recovers_from_what_passes(failure, talk):
    client, server = talk(failure, failure, {"result": []})
    assert client.datasets() == []
    assert len(server.requests) == 3


@pytest.mark.parametrize("failure", BROKEN, ids=repr)
def test_a_creation_whose_answer_was_lost_is_not_repeated_and_says_so(failure, talk):
    client, server = talk(failure)
    for create in (
        lambda: client.create_dataset("d"),
        lambda: client.create_collection("f", "c"),
        lambda: client.create_project("p", "", ["d"]),
        lambda: client.create_project_collection("p", "c"),
    ):
        with pytest.raises(WireError) as caught:
            create()
        assert is_ambiguous(caught.value)
        assert "look for it before creating it again" in str(caught.value)
    assert len(server.requests) == 4


@pytest.mark.parametrize("failure", NEVER_ARRIVED, ids=repr)
def test_a_creation_that_cannot_have_happened_is_repeated(failure, talk):
    client, server = talk(failure, {"datasetUuid": "x"})
    assert client.create_dataset("d") == "x"
    assert len(server.requests) == 2


def test_a_refused_creation_is_not_ambiguous(talk):
    client, _ = talk(httpx.Response(409, json={"message": "taken"}))
    with pytest.raises(Refused, match="taken") as caught:
        client.create_collection("f", "c")
    assert caught.value.status == 409
    assert not is_ambiguous(caught.value)


def test_a_creation_answered_in_another_form_is_ambiguous(talk):
    client, server = talk({"uuid": "x"})
    with pytest.raises(UnexpectedPayload) as caught:
        client.create_collection("f", "c")
    assert is_ambiguous(caught.value)
    assert len(server.requests) == 1


def test_writes_that_are_idempotent_by_content_are_repeated(talk):
    client, server = talk(httpx.Response(502), None)
    client.set_metadata_schema({"dark": {"ty": "boolean"}})
    client, patched = talk(httpx.ReadError("x"), None)
    client.update_collection("c", name="n")
    assert (len(server.requests), len(patched.requests)) == (2, 2)


def test_every_attempt_is_signed_anew_under_one_request_id(key):
    seen = []

    def serve(request):
        seen.append(request.headers)
        return httpx.Response(503 if len(seen) < 3 else 200, json={})

    clock = itertools.count(1714564800, 60)
    transport = Transport(
        key,
        domain="https://api.encord.com",
        retry=RetryPolicy(),
        timeout_s=1,
        connections=1,
        transport=httpx.MockTransport(serve),
        clock=lambda: next(clock),
    )
    transport.v2("testing", "GET", "x", msgspec.json.decode)
    transport.close()
    assert len({headers["Signature-Input"] for headers in seen}) == 3
    assert len({headers["Signature"] for headers in seen}) == 3
    assert len({headers["X-Cloud-Trace-Context"] for headers in seen}) == 1


def test_headers_ask_for_gzip_name_us_and_carry_a_trace_id(talk, legacy):
    client, server = talk({"result": []}, legacy({"data_rows": []}))
    client.datasets()
    client.row_index("d")
    for request in server.requests:
        assert request.headers["Accept-Encoding"] == "gzip"
        assert request.headers["User-Agent"] == f"metaquery/{__version__}"
        assert request.headers["X-Cloud-Trace-Context"].endswith("/1;o=1")
    v2, old = server.requests
    assert "Content-Type" not in v2.headers
    assert "Authorization" not in v2.headers
    assert old.headers["ResourceType"] == "dataset"
    assert old.headers["ResourceID"] == "d"


def test_compressed_answers_are_read_and_broken_compression_is_retried(talk):
    packed = gzip.compress(b'{"result": []}')
    headers = {"Content-Encoding": "gzip"}
    whole = httpx.Response(200, content=packed, headers=headers)
    cut = httpx.Response(200, stream=httpx.ByteStream(packed[:-12]), headers=headers)
    junk = httpx.Response(200, stream=httpx.ByteStream(b"junk"), headers=headers)
    client, server = talk(cut, junk, whole)
    assert client.datasets() == []
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, Refused, 1),
        (401, AuthError, 4),
        (403, Refused, 1),
        (404, NotFound, 1),
        (405, Refused, 1),
        (409, Refused, 1),
        (413, Refused, 1),
        (422, Refused, 1),
        (429, RateLimited, 1),
        (302, ServerError, 1),
        (500, ServerError, 1),
        (503, ServerError, 1),
        (599, ServerError, 1),
    ],
)
def test_a_status_becomes_its_error_with_the_servers_words_and_the_request_id(status, kind, code, talk):
    client, server = talk(httpx.Response(status, json={"message": "because of that"}))
    with pytest.raises(kind) as caught:
        client.datasets()
    error = caught.value
    trace = server.requests[-1].headers["X-Cloud-Trace-Context"].partition("/")[0]
    assert type(error) is kind
    assert error.exit_code == code
    assert f"listing the datasets failed: Encord answered {status}: because of that" in error.message
    assert f"request id {trace}" in error.message
    assert getattr(error, "status", status) == status
    tries = 5 if status in {429, 500, 503} else 1
    assert len(server.requests) == tries
    assert ("tried 5 times" in error.message) == (tries == 5)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error-v2-unauthenticated", AuthError),
        ("error-v2-bad-request", Refused),
        ("error-v2-conflict", Refused),
        ("error-v2-not-found", NotFound),
        ("error-legacy-unknown-key", AuthError),
        ("error-legacy-not-found", NotFound),
        ("error-legacy-invalid-arguments", Refused),
    ],
)
def test_recorded_errors_become_ours(name, kind, talk, example):
    answer = example(name)[-1]["response"]
    client, server = talk(httpx.Response(answer["status"], json=answer["body"]))
    with pytest.raises(kind):
        client.row_index("d") if "legacy" in name else client.datasets()
    assert len(server.requests) == 1


def test_a_key_that_is_not_accepted_is_named_by_fingerprint_with_what_to_check(talk, key, legacy):
    client, _ = talk(legacy(["SSH_KEY_NOT_FOUND_ERROR"], 401))
    with pytest.raises(AuthError) as caught:
        client.row_index("d")
    assert "Encord answered SSH_KEY_NOT_FOUND_ERROR" in caught.value.message
    assert f"is the public key {key.fingerprint} registered" in caught.value.hint
    assert "https://api.encord.com:443" in caught.value.hint


def test_a_wrong_clock_is_the_first_suspect(talk):
    client, _ = talk(httpx.Response(401, headers={"Date": "Wed, 01 May 2024 12:00:00 GMT"}))
    with pytest.raises(AuthError, match=r"this machine's clock is \d+ s ahead of the server's"):
        client.check()


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_longer_than_the_budget_is_reported_not_waited_for(status, talk):
    client, server = talk(httpx.Response(status, headers={"Retry-After": "3600"}))
    with pytest.raises((RateLimited, ServerError)) as caught:
        client.datasets()
    assert len(server.requests) == 1
    if status == 429:
        assert caught.value.retry_after_s == 3600
        assert "wait 3600 s" in caught.value.hint


def test_retry_after_as_a_date_is_counted_from_the_servers_own_clock(talk):
    headers = {"Date": "Wed, 01 May 2024 12:00:00 GMT", "Retry-After": "Wed, 01 May 2024 13:00:00 GMT"}
    client, _ = talk(httpx.Response(429, headers=headers))
    with pytest.raises(RateLimited) as caught:
        client.datasets()
    assert caught.value.retry_after_s == 3600


def test_what_was_waited_is_told(talk):
    client, _ = talk(httpx.Response(429, headers={"Retry-After": "20"}))
    with pytest.raises(RateLimited, match=r"tried 3 times with 4\d s between"):
        client.datasets()


def test_an_answer_that_cannot_be_read_is_described(talk):
    client, server = talk(httpx.Response(200, content=b'{"result": [{"datasetUuid"'))
    with pytest.raises(UnexpectedPayload) as caught:
        client.datasets()
    assert "26 bytes: cut off in the middle" in caught.value.message
    assert "tried 5 times" in caught.value.message
    assert len(server.requests) == 5
    client, server = talk({"results": []})
    with pytest.raises(UnexpectedPayload, match="missing required field `result`"):
        client.datasets()
    assert len(server.requests) == 1


def test_nan_in_an_answer_is_named_and_not_asked_for_again(talk):
    client, server = talk(httpx.Response(200, content=b'{"status":200,"response":[{"a":NaN}]}'))
    with pytest.raises(UnexpectedPayload, match="NaN or Infinity at byte 31, which JSON does not have"):
        client.data_rows("d", ["x"])
    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_named_with_host_and_port(key):
    with socket.socket() as held:  # bound, never listening: nobody else can take the port
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        with (
            EncordClient(key, domain=f"http://127.0.0.1:{port}/") as client,
            pytest.raises(Unreachable) as caught,
        ):
            client.check()
    assert caught.value.exit_code == 3
    assert f"http://127.0.0.1:{port}" in caught.value.message
    assert "tried 5 times" in caught.value.message


def test_an_untrusted_certificate_is_not_tried_again(talk):
    error = httpx.ConnectError("certificate verify failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    client, server = talk(error)
    with pytest.raises(Unreachable, match="SSL_CERT_FILE"):
        client.check()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        ("http://api.encord.com", "not encrypted"),
        ("http://10.0.0.7:8000", "not encrypted"),
        ("http://localhost.example.com", "not encrypted"),
        ("api.encord.com", "not of the form"),
        ("ftp://api.encord.com", "not of the form"),
        ("https://", "not of the form"),
        ("", "not of the form"),
        ("https://me:hunter2@api.encord.com", "not of the form"),
        ("https://api.encord.com:port", "not of the form"),
        ("https://api.encord.com/v2", "followed by a path"),
        ("https://api.encord.com?x=1", "followed by a path"),
    ],
)
def test_a_domain_that_cannot_be_used_is_refused(domain, reason, key):
    with pytest.raises(SettingsError, match=reason) as caught:
        EncordClient(key, domain=domain)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("https://api.us.encord.com//", "https://api.us.encord.com:443"),
        (" https://api.encord.com ", "https://api.encord.com:443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost:80"),
        ("http://[::1]:9", "http://[::1]:9"),
    ],
)
def test_a_domain_is_shown_with_its_port(domain, shown, key):
    with EncordClient(key, domain=domain) as client:
        assert client.domain == shown
        assert repr(client) == f"EncordClient({shown}, {key.fingerprint})"


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "a b", "a\nb", "é", "?x", "a" * 200])
def test_what_is_not_an_id_never_becomes_part_of_a_request(bad, talk):
    client, server = talk({})
    for call in (client.project_datasets, client.row_index, client.folder):
        with pytest.raises(UsageError, match="is not an id"):
            call(bad)
    assert server.requests == []
    assert path("a-1", "b") == "a-1/b"


def test_queries_are_spelt_as_the_protocol_does_and_signed_as_sent(talk):
    client, server = talk({"result": []})
    client.datasets(title="50 % dark & é")
    assert server.requests[0].url.raw_path == (
        b"/v2/public/datasets/list?titleEq=50+%25+dark+%26+%C3%A9&includeOrgAccess=False"
    )


def test_nan_is_never_sent(talk):
    client, server = talk({})
    with pytest.raises(UsageError, match="NaN"):
        client.set_metadata_schema({"x": float("nan")})
    assert server.requests == []


def test_no_error_shows_a_signature_or_an_authorization(talk):
    def echo(request):
        text = request.headers.get("Authorization") or request.headers["Signature"]
        return httpx.Response(400, json={"message": f"bad header {text}"})

    client, server = talk(echo)
    for call in (client.datasets, lambda: client.row_index("d")):
        with pytest.raises(Refused, match="bad header") as caught:
            call()
        sent = server.requests[-1].headers
        for name in ("Authorization", "Signature"):
            assert name not in sent or sent[name] not in str(caught.value)


def test_retries_say_nothing_on_stderr_unless_logging_is_set_up(talk, capfd, caplog):
    client, _ = talk(httpx.Response(503), {"result": []})
    handlers = logging.getLogger("stamina").handlers
    client.datasets()
    assert capfd.readouterr() == ("", "")
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)
    assert "stamina.retry_scheduled" in caplog.text


def test_many_threads_share_one_client(talk):
    client, server = talk({"result": []})
    failures = []

    def ask():
        try:
            client.datasets()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(server.requests) == 16
