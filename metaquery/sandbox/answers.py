"""What a handler may answer, and how it says no, in either protocol.

The status numbers and codes are those of encord-wire-protocol.md §2.6 and §2.7.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Call", "LegacyRefusal", "Refusal", "Reply", "encode", "flag", "read_body"]

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Refusal(Exception):
    """A v2 answer that is not a success.

    Parameters
    ----------
    status
        HTTP status.
    message
        What the client shows its user.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class LegacyRefusal(Exception):
    """A legacy answer that is not a success: HTTP 200, the status inside the envelope.

    Parameters
    ----------
    code
        One of the codes of encord-wire-protocol.md §2.7.
    payload
        What the client shows its user, or None.
    status
        The envelope's status number.
    """

    def __init__(self, code: str, payload: object = None, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.payload = payload
        self.status = status

    def body(self) -> bytes:
        """Write the envelope."""
        envelope: dict[str, object] = {"status": self.status, "response": [self.code]}
        if self.payload is not None:
            envelope["payload"] = self.payload
        return encode(envelope)


@dataclass(slots=True)
class Reply:
    """One HTTP answer.

    Parameters
    ----------
    body
        The whole body, or its pieces where it may be long.
    envelope_status
        The status inside a legacy answer's envelope; None for v2.
    """

    body: bytes | Iterator[bytes]
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    envelope_status: int | None = None


@dataclass(slots=True)
class Call:
    """One request whose signature was good.

    Parameters
    ----------
    base_url
        Where the client reached us; links in answers start with it.
    params
        Query parameters, decoded, each with all its values.
    """

    method: str
    path: str
    base_url: str
    params: dict[str, list[str]]
    body: bytes
    public_key: str
    resource_type: str = ""
    resource_id: str = ""

    def param(self, name: str) -> str | None:
        """Give the last value of a query parameter, None where it was not sent."""
        values = self.params.get(name)
        return values[-1] if values else None

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean parameter: `True`, `true` and `1` alike (encord-wire-protocol.md §9)."""
        return flag(name, self.param(name), default=default)

    def json(self) -> Any:
        """Decode the body; a v2 400 where it is not JSON."""
        return read_body(self.body)


def flag(name: str, text: str | None, *, default: bool) -> bool:
    """Read a boolean query parameter of any case; a v2 400 where it is none."""
    if text is None:
        return default
    lowered = text.lower()
    if lowered in {"true", "1"}:
        return True
    if lowered in {"false", "0"}:
        return False
    raise Refusal(400, f"{name} must be True or False, not {text!r}")


def read_body(body: bytes) -> Any:
    """Decode a v2 body; a v2 400 where it is not JSON."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, f"the body is not JSON: {error}") from None
