"""A legacy request as its handlers see it, and what several of them need."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from metaquery.sandbox.answers import Call, LegacyRefusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["LegacyCall", "Rows", "like", "not_found", "peek", "read_call", "title_matcher"]


class _Values(msgspec.Struct):
    uid: Any = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class _Envelope(msgspec.Struct):
    query_type: str
    query_method: str
    values: _Values


_decode = msgspec.json.Decoder(_Envelope).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


@dataclass(slots=True)
class LegacyCall:
    """One legacy request.

    Parameters
    ----------
    payload
        Decoded; `{}` where null was sent.
    raw_payload
        The same, each member as the bytes that were sent.
    """

    query_type: str
    query_method: str
    uid: Any
    payload: dict[str, Any]
    raw_payload: dict[str, msgspec.Raw]
    resource_type: str
    resource_id: str
    base_url: str


@dataclass(slots=True)
class Rows:
    """A long list to be written piecemeal.

    Parameters
    ----------
    key
        Under which key of `around` the list stands, None where it is the whole response.
    """

    rows: Iterable[dict[str, Any]]
    key: str | None = None
    around: dict[str, Any] = field(default_factory=dict)


def read_call(call: Call) -> LegacyCall:
    """Read the envelope of a request; a refusal where it is none."""
    try:
        envelope = _decode(call.body)
        payload = msgspec.json.decode(envelope.values.payload)
        raw = _decode_fields(envelope.values.payload) if isinstance(payload, dict) else {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LegacyRefusal("INVALID_ARGUMENTS_ERROR", f"the body is not a request: {error}") from None
    return LegacyCall(
        envelope.query_type, envelope.query_method, envelope.values.uid,
        payload if isinstance(payload, dict) else {}, raw,
        call.resource_type, call.resource_id, call.base_url,
    )  # fmt: skip


def peek(body: bytes) -> tuple[str, str]:
    """Give type and method of a legacy request for the log; empty texts where it is none."""
    try:
        envelope = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    return envelope.query_type, envelope.query_method


def not_found(what: str, name: object) -> LegacyRefusal:
    """Say that a thing is not there."""
    return LegacyRefusal("RESOURCE_NOT_FOUND_ERROR", f"no {what} {name!r}", 404)


def like(pattern: str) -> Callable[[str], bool]:
    """Turn a SQL pattern (`%` any text, `_` any character) into a test; case matters not."""
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    compiled = re.compile("".join(parts), re.DOTALL | re.IGNORECASE)
    return lambda text: compiled.fullmatch(text) is not None


def title_matcher(equal: str | None, pattern: str | None) -> Callable[[str], bool] | None:
    """Build the test of a `…_eq` and a `…_like` filter; None where neither was given."""
    if equal is None and pattern is None:
        return None
    matches = like(pattern) if pattern is not None else None
    return lambda text: (equal is None or text == equal) and (matches is None or matches(text))
