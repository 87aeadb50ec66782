"""From the bytes of an answer to its result, or to the `Failure` that it stands for. Pure.

Both protocols end here: v2 says by HTTP status how it went, legacy in the body's envelope.

Source: encord-wire-protocol.md §2.6 (v2), §2.7 (legacy).
"""

from __future__ import annotations

import codecs
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from metaquery.unreadable import is_too_deep, mended
from metaquery.wire.failures import LEGACY_STATUS, Failure, Kind
from metaquery.wire.payloads import LegacyEnvelope, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["anything", "legacy_result", "one_object", "parse", "row_array", "v2_result"]

T = TypeVar("T")

_TEXT_SHOWN: Final = 300
_EMPTY: Final = frozenset({b"null", b"{}", b"[]", b"false"})
_CONTROL: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_SIGNATURE: Final = re.compile(r"(?:[0-9a-fA-F]{64}:)?[0-9a-fA-F]{128}|encord-sig=:[^:]*:")
_UTF8_CHUNK_BYTES: Final = 1 << 16  # what fits the cache: a page at once takes five times as long

_envelope: Final = msgspec.json.Decoder(LegacyEnvelope)
_objects: Final = msgspec.json.Decoder(list[Skipped])
_raw: Final = msgspec.json.Decoder(msgspec.Raw)


def v2_result(status: int, body: bytes) -> bytes:
    """Give the JSON of a v2 answer; ``null`` for 204, the success without a body.

    Raises
    ------
    Failure
        The status is not a success.
    """
    if 200 <= status < 300:
        return b"null" if status == 204 else body
    raise Failure(Kind.STATUS, _http_text(status, body), status=status)


def legacy_result(status: int, body: bytes) -> msgspec.Raw:
    """Give the ``response`` of a legacy answer, undecoded.

    The HTTP status counts only where the body is not an envelope, and for 429 and 413, as in the SDK.

    Raises
    ------
    Failure
        The envelope, or in its absence HTTP, reports an error; or the body is not whole JSON.
    """
    if status in {413, 429}:
        raise Failure(Kind.STATUS, _http_text(status, body), status=status)
    try:
        envelope = parse(body, _envelope.decode)
    except Failure:
        if 200 <= status < 300:
            raise
        raise Failure(Kind.STATUS, _http_text(status, body), status=status) from None
    if envelope.status == 200:
        return envelope.response
    raise _legacy_failure(envelope)


def parse(body: bytes | msgspec.Raw, read: Callable[[bytes | msgspec.Raw], T]) -> T:
    """Run the decoder `read` over `body`, and say in words what is wrong with it.

    Raises
    ------
    Failure
        `Kind.MALFORMED`: not JSON, cut off, not UTF-8. `Kind.SHAPE`: JSON of another form.
    """
    try:
        result = _read(body, read)
        if isinstance(body, bytes):
            _check_utf8(body)
    except msgspec.ValidationError as error:
        raise Failure(Kind.SHAPE, f"{len(memoryview(body))} bytes: {error}", final=True) from None
    except RecursionError:
        raise Failure(Kind.SHAPE, f"{len(memoryview(body))} bytes: nested too deeply", final=True) from None
    except UnicodeDecodeError as error:
        reason = f"{len(memoryview(body))} bytes: not UTF-8 ({error.reason})"
        raise Failure(Kind.MALFORMED, reason) from None
    except msgspec.DecodeError as error:
        raise _malformed(bytes(body), error) from None
    return result


def _read(body: bytes | msgspec.Raw, read: Callable[[bytes | msgspec.Raw], T]) -> T:
    """Run the decoder; where one value is what no reader takes, over an answer in which that is said in its place."""
    try:
        return read(body)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, RecursionError):
        whole = bytes(body)
        better = mended(whole)
        if better == whole:
            raise
    return read(better)


def anything(raw: bytes | msgspec.Raw) -> None:
    """Read the answer of a write that has no result: any JSON will do."""
    _raw.decode(raw)


def row_array(raw: bytes | msgspec.Raw) -> tuple[bytes, int]:
    """Read a list of rows: its bytes, untouched if every reader takes them, and how many objects it holds.

    Raises
    ------
    Failure
        404 for ``null``, which stands for "no such thing" in a list read.
    """
    body = bytes(raw)
    if body == b"null":
        raise _absent(body)
    rows = len(_objects.decode(body))
    return (mended(body) if is_too_deep(body) else body), rows


def one_object(read: Callable[[bytes | msgspec.Raw], T]) -> Callable[[bytes | msgspec.Raw], T]:
    """Wrap `read` for a legacy answer of one object, where anything empty stands for "no such thing"."""

    def checked(raw: bytes | msgspec.Raw) -> T:
        if bytes(memoryview(raw)[:8]) in _EMPTY:
            raise _absent(bytes(raw))
        return read(raw)

    return checked


def _absent(body: bytes) -> Failure:
    return Failure(Kind.STATUS, f"an empty result ({body.decode()})", status=404, code="no such thing")


def _check_utf8(body: bytes) -> None:
    # The decoder skips over the strings inside raw rows without looking at their encoding.
    if body.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(body), _UTF8_CHUNK_BYTES):
        decoder.decode(body[start : start + _UTF8_CHUNK_BYTES])
    decoder.decode(b"", final=True)


def _malformed(body: bytes, error: msgspec.DecodeError) -> Failure:
    size = f"{len(body)} bytes: "
    place = re.search(r"\(byte (\d+)\)", str(error))
    at = int(place[1]) if place else len(body)
    if body[at : at + 8].startswith((b"NaN", b"Infinity")):
        # The server would say it again: it is in the data.
        reason = f"NaN or Infinity at byte {at}, which JSON does not have; correct the metadata value"
        return Failure(Kind.MALFORMED, size + reason, final=True)
    if not body:
        return Failure(Kind.MALFORMED, "an empty body")
    if body.lstrip()[:1] == b"<":
        return Failure(Kind.MALFORMED, size + "a web page")
    return Failure(Kind.MALFORMED, size + (str(error) if place else "cut off in the middle"))


def _legacy_failure(envelope: LegacyEnvelope) -> Failure:
    response = _plain(envelope.response)
    payload = _plain(envelope.payload)
    if isinstance(response, list) and len(response) == 1:
        response = response[0]
    code = response if isinstance(response, str) else None
    known = LEGACY_STATUS.get(code or "")
    said = envelope.status if 400 <= envelope.status < 600 else 500
    text = "" if payload is None else payload if isinstance(payload, str) else _json_text(payload)
    limit = payload.get("maximum_labels_allowed") if isinstance(payload, dict) else None
    return Failure(
        Kind.STATUS,
        _clean(text if code else text or _json_text(response)),
        status=known or said,
        code=_clean(code) if code else None,
        label_limit=(limit if isinstance(limit, int) else 0) if code == "MULTI_LABEL_LIMIT_ERROR" else None,
    )


def _http_text(status: int, body: bytes) -> str:
    told = _plain(body)
    if isinstance(told, dict):
        for key in ("message", "detail"):
            if told.get(key):
                return _clean(told[key] if isinstance(told[key], str) else _json_text(told[key]))
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _plain(body: bytes | msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _clean(text: str) -> str:
    """Make the server's words one line of bounded length, without a signature it may have echoed."""
    line = _CONTROL.sub(" ", _SIGNATURE.sub("…", text)).strip()
    return line if len(line) <= _TEXT_SHOWN else f"{line[:_TEXT_SHOWN]}…"
