"""Who is calling, and did they sign what arrived: encord-wire-protocol.md §2.2 to §2.4, checked to the byte."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["CLOCK_TOLERANCE_S", "Registry", "Unauthenticated", "signature_base"]

CLOCK_TOLERANCE_S: Final = 15 * 60
"""How far `created` may be from now, either way (encord-wire-protocol.md §11)."""

_INPUT = re.compile(
    r'encord-sig=(?P<params>\("@method" "@request-target" "content-digest"\)'
    r';created=(?P<created>\d{1,12});keyid="(?P<keyid>[0-9a-f]{64})";alg="ed25519")'
)
_SIGNATURE = re.compile(r"encord-sig=:(?P<value>[A-Za-z0-9+/=]+):")
_LEGACY = re.compile(r"(?P<keyid>[0-9a-f]{64}):(?P<value>[0-9a-f]{128})")


class Unauthenticated(Exception):
    """A request that is not what a registered key signed.

    Parameters
    ----------
    message
        Why, without any part of a key.
    unknown_key
        Whether the key itself is the trouble; the legacy protocol has a code of its own for it.
    """

    def __init__(self, message: str, *, unknown_key: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.unknown_key = unknown_key


def signature_base(method: str, target: str, digest: str, params: str) -> bytes:
    """Build the string that a v2 client signs (encord-wire-protocol.md §2.3)."""
    return (
        f'"@method": {method.upper()}\n"@request-target": {target}\n'
        f'"content-digest": {digest}\n"@signature-params": {params}'
    ).encode()


class Registry:
    """The public keys and bearer tokens that the organisation knows."""

    def __init__(self) -> None:
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._tokens: dict[str, str] = {}

    def register(self, key: Ed25519PublicKey) -> str:
        """Accept requests signed with `key` from now on; returns its name, 64 hex digits."""
        name = key.public_bytes_raw().hex()
        self._keys[name] = key
        return name

    def token_for(self, key_name: str) -> str:
        """Hand out a new bearer token that stands for a registered key; it lasts as long as the process."""
        token = secrets.token_urlsafe(32)
        self._tokens[token] = key_name
        return token

    def check_v2(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, at: float) -> str:
        """Verify a v2 request.

        Parameters
        ----------
        target
            Path and query exactly as received, before any decoding.
        headers
            Names in lower case.
        at
            The time now, seconds since the epoch.

        Returns
        -------
        str
            The name of the key that signed.

        Raises
        ------
        Unauthenticated
            Where anything at all does not fit.
        """
        bearer = self._bearer(headers)
        if bearer is not None:
            return bearer
        given = _INPUT.fullmatch(headers.get("signature-input", ""))
        value = _SIGNATURE.fullmatch(headers.get("signature", ""))
        if given is None or value is None:
            raise Unauthenticated("Signature-Input or Signature is missing or not of the expected form")
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
        if headers.get("content-digest") != digest:
            raise Unauthenticated("Content-Digest is not the digest of the body received")
        if abs(at - int(given["created"])) > CLOCK_TOLERANCE_S:
            raise Unauthenticated("the signature's `created` is more than 15 minutes from the server's clock")
        try:
            raw = base64.b64decode(value["value"], validate=True)
        except binascii.Error:
            raise Unauthenticated("Signature is not base64") from None
        self._verify(given["keyid"], raw, signature_base(method, target, digest, given["params"]))
        return given["keyid"]

    def check_legacy(self, headers: Mapping[str, str], body: bytes) -> str:
        """Verify a legacy request; returns and raises as `check_v2`."""
        bearer = self._bearer(headers)
        if bearer is not None:
            return bearer
        given = _LEGACY.fullmatch(headers.get("authorization", ""))
        if given is None:
            raise Unauthenticated("Authorization is missing or not of the form <public key>:<signature>")
        self._verify(given["keyid"], bytes.fromhex(given["value"]), hashlib.sha256(body).digest())
        return given["keyid"]

    def _bearer(self, headers: Mapping[str, str]) -> str | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        name = self._tokens.get(token.strip())
        if name is None:
            raise Unauthenticated("the bearer token is not known")
        return name

    def _verify(self, name: str, signature: bytes, message: bytes) -> None:
        key = self._keys.get(name)
        if key is None:
            raise Unauthenticated("the public key is not registered", unknown_key=True)
        try:
            key.verify(signature, message)
        except InvalidSignature:
            raise Unauthenticated("the signature does not fit the request received") from None
