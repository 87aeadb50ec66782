"""The private key, and the two ways a request is signed with it.

Reads OpenSSH key files and signs bytes; sends nothing. No error, repr or log line made here holds a byte of a
private key, not even when the key was given where a path belongs.

Source: encord-wire-protocol.md §2.1 (keys), §2.2 (legacy signature), §2.3 (v2 signature).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from metaquery.errors import AuthError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PrivateKey", "sign_legacy", "sign_v2"]

_MAKE_ONE: Final = (
    "make one with: ssh-keygen -t ed25519 -N '' -f encord_key; then register encord_key.pub at Encord, "
    "and let ENCORD_SSH_KEY_FILE name encord_key"
)
_OPENSSH_BEGIN: Final = "-----BEGIN OPENSSH PRIVATE KEY-----"
_OPENSSH_END: Final = "-----END OPENSSH PRIVATE KEY-----"
_MAGIC: Final = b"openssh-key-v1\x00"
_LARGEST_KEY_BYTES: Final = 64 * 1024
"""A key is some hundred bytes; more than this is another file, or a device that never ends."""

_LOOKS_LIKE_KEY: Final = ("PRIVATE KEY", "b3BlbnNzaC1rZXkt", "\n", "\r")
"""Marks of key text where a path was expected (the second is the container's magic in base64)."""

_LINE_OF_KEY: Final = re.compile(r"(?=.*[0-9])(?=.*[A-Z])(?=.*[a-z])[0-9A-Za-z+/=]{40,}\Z")
"""What a line of a key's text looks like; of a path that looks so, and where no file is, nothing is shown."""

_PUBLIC_BEGINS: Final = ("ssh-", "ecdsa-sha2-", "sk-", "-----BEGIN PUBLIC KEY", "---- BEGIN SSH2 PUBLIC KEY")

_TYPE_WORDS: Final = {
    "ssh-ed25519": "Ed25519",
    "ssh-rsa": "RSA",
    "ssh-dss": "DSA",
    "ecdsa-sha2-nistp256": "ECDSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "ecdsa-sha2-nistp521": "ECDSA",
    "sk-ssh-ed25519@openssh.com": "hardware-backed Ed25519 (sk)",
    "sk-ecdsa-sha2-nistp256@openssh.com": "hardware-backed ECDSA (sk)",
}

_PEM_WORDS: Final = (
    (rsa.RSAPrivateKey, "RSA"),
    (ec.EllipticCurvePrivateKey, "ECDSA"),
    (dsa.DSAPrivateKey, "DSA"),
    (ed448.Ed448PrivateKey, "Ed448"),
)
_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """An Ed25519 key that signs, and says nothing else about itself than its public half.

    Parameters
    ----------
    public_hex
        The 32 bytes of the public key, 64 lower-case hexadecimal digits.
    fingerprint
        ``SHA256:…`` as ``ssh-keygen -l`` prints it; fit for logs and journals.
    """

    _key: ed25519.Ed25519PrivateKey = field(compare=False)
    public_hex: str
    fingerprint: str

    @classmethod
    def from_file(cls, path: Path) -> PrivateKey:
        """Read an OpenSSH private-key file; a leading ``~`` is expanded.

        Raises
        ------
        AuthError
            No such file, not readable, or not an unencrypted OpenSSH Ed25519 key.
        """
        if any(mark in str(path) for mark in _LOOKS_LIKE_KEY):
            raise AuthError(
                "a key was given where the path of a key file is expected",
                hint="put the key itself into ENCORD_SSH_KEY, or its path into ENCORD_SSH_KEY_FILE",
            )
        try:
            with path.expanduser().open("rb") as file:
                content = file.read(_LARGEST_KEY_BYTES + 1)
        except FileNotFoundError:
            name = "of this name, which looks like a part of a key"
            shown = name if _LINE_OF_KEY.match(str(path)) else repr(str(path))
            raise AuthError(f"there is no key file {shown}", hint=_MAKE_ONE) from None
        except (OSError, RuntimeError) as error:  # RuntimeError: no home directory to expand ~ with
            reason = (isinstance(error, OSError) and error.strerror) or "its path is unusable"
            raise AuthError(
                f"the key file {str(path)!r} cannot be read: {reason}",
                hint="it must be a file that the user running metaquery may read",
            ) from None
        return _read(content, f"the key file {str(path)!r}")

    @classmethod
    def from_text(cls, text: str, *, origin: str) -> PrivateKey:
        r"""Read the text of an OpenSSH private key.

        Parameters
        ----------
        text
            The whole file's text. Line ends may be CRLF, or the two characters ``\n`` that some
            environment files put in their place.
        origin
            Where the text is from, for errors, such as ``ENCORD_SSH_KEY``.

        Raises
        ------
        AuthError
            Not an unencrypted OpenSSH Ed25519 key.
        """
        if "\n" not in text:
            text = text.replace("\\r", "").replace("\\n", "\n")
        return _read(text.encode("utf-8", "surrogateescape"), origin)

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of `data`."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"PrivateKey({self.fingerprint})"


def sign_v2(key: PrivateKey, method: str, target: str, body: bytes, created: int) -> dict[str, str]:
    """Make the three headers that sign a v2 request (§2.3).

    Parameters
    ----------
    key
        Whose signature.
    method
        HTTP method, upper case.
    target
        Path and query exactly as they go out, percent-encoding included.
    body
        The bytes that go out; empty for none.
    created
        Unix seconds, whole.

    Returns
    -------
    dict
        ``Content-Digest``, ``Signature-Input`` and ``Signature``.
    """
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    params = '("@method" "@request-target" "content-digest")'
    params += f';created={created};keyid="{key.public_hex}";alg="ed25519"'
    base = (
        f'"@method": {method}\n"@request-target": {target}\n"content-digest": {digest}\n"@signature-params": {params}'
    )
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return {
        "Content-Digest": digest,
        "Signature-Input": f"encord-sig={params}",
        "Signature": f"encord-sig=:{signature}:",
    }


def sign_legacy(key: PrivateKey, body: bytes) -> dict[str, str]:
    """Make the ``Authorization`` header of a legacy request (§2.2): the signature of the body's SHA-256."""
    return {"Authorization": f"{key.public_hex}:{key.sign(hashlib.sha256(body).digest()).hex()}"}


def _read(content: bytes, origin: str) -> PrivateKey:
    text = _text(content, origin)
    if not text.startswith(_OPENSSH_BEGIN):
        _refuse(text, origin)
    cipher, kind = _container(text, origin)
    if kind != "ssh-ed25519":
        raise _wrong_type(origin, _TYPE_WORDS.get(kind, _UNKNOWN))
    if cipher != b"none":
        raise _encrypted(origin)
    try:
        key = load_ssh_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged(origin) from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise _damaged(origin)
    return _from_key(key)


def _from_key(key: ed25519.Ed25519PrivateKey) -> PrivateKey:
    public = key.public_key()
    wire = base64.b64decode(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])
    fingerprint = base64.b64encode(hashlib.sha256(wire).digest()).decode().rstrip("=")
    return PrivateKey(key, public.public_bytes_raw().hex(), f"SHA256:{fingerprint}")


def _text(content: bytes, origin: str) -> str:
    if len(content) > _LARGEST_KEY_BYTES:
        raise AuthError(f"{origin} is too large to be a key", hint=_MAKE_ONE)
    try:
        text = content.decode("ascii").replace("\r\n", "\n").strip()
    except UnicodeDecodeError:
        raise AuthError(f"{origin} is not a private key: it is not ASCII text", hint=_MAKE_ONE) from None
    if not text:
        raise AuthError(f"{origin} is empty", hint=_MAKE_ONE)
    return text


def _container(text: str, origin: str) -> tuple[bytes, str]:
    """Read cipher and key type from the part of the container that is never encrypted (PROTOCOL.key)."""
    armour, end, _ = text.removeprefix(_OPENSSH_BEGIN).partition(_OPENSSH_END)
    try:
        blob = base64.b64decode("".join(armour.split()), validate=True)
    except binascii.Error:
        raise _damaged(origin) from None
    if not end or not blob.startswith(_MAGIC):
        raise _damaged(origin)
    cipher, rest = _string(blob[len(_MAGIC) :], origin)
    _kdf, rest = _string(rest, origin)
    _options, rest = _string(rest, origin)
    public, _ = _string(rest[4:], origin)  # after the number of keys, always 1
    kind, _ = _string(public, origin)
    return cipher, kind.decode("ascii", "replace")


def _string(blob: bytes, origin: str) -> tuple[bytes, bytes]:
    size = int.from_bytes(blob[:4], "big")
    if len(blob) < 4 + size or len(blob) < 4:
        raise _damaged(origin)
    return blob[4 : 4 + size], blob[4 + size :]


def _refuse(text: str, origin: str) -> NoReturn:
    """Say what `text` is instead of an OpenSSH private key."""
    if text.startswith(_PUBLIC_BEGINS):
        raise AuthError(
            f"{origin} is a public key; signing needs the private one",
            hint="the private key is the file of the same name without .pub",
        )
    if text.startswith("PuTTY-User-Key-File"):
        raise AuthError(
            f"{origin} is a PuTTY key; metaquery reads OpenSSH keys",
            hint="convert it: puttygen KEY.ppk -O private-openssh-new -o encord_key",
        )
    if text.startswith("-----BEGIN ") and "PRIVATE KEY-----" in text:
        _refuse_pem(text, origin)
    if "\n" not in text and text.startswith(("/", "~", ".", "C:\\")):
        raise AuthError(
            f"{origin} is not a private key; it looks like a path",
            hint="name a key file with ENCORD_SSH_KEY_FILE; ENCORD_SSH_KEY holds the text of the key itself",
        )
    raise AuthError(f"{origin} is not an OpenSSH private key", hint=_MAKE_ONE)


def _refuse_pem(text: str, origin: str) -> NoReturn:
    if "ENCRYPTED" in text.partition("\n\n")[0]:
        raise _encrypted(origin)
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _damaged(origin) from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        # "ssh-keygen -p" is no advice: that of OpenSSH 9.2 fails to load this form, let alone convert it.
        raise AuthError(
            f"{origin} is an Ed25519 key in PKCS#8 form (BEGIN PRIVATE KEY), not in OpenSSH's own",
            hint=_MAKE_ONE,
        )
    raise _wrong_type(origin, next((word for kind, word in _PEM_WORDS if isinstance(key, kind)), _UNKNOWN))


def _wrong_type(origin: str, word: str) -> AuthError:
    return AuthError(f"{origin} is a key of type {word}; Encord takes Ed25519 keys only", hint=_MAKE_ONE)


def _encrypted(origin: str) -> AuthError:
    return AuthError(
        f"{origin} is protected by a passphrase; metaquery never asks for one",
        hint="let ENCORD_SSH_KEY_FILE name an unencrypted copy, made with: cp KEY encord_key && "
        "ssh-keygen -p -N '' -f encord_key",
    )


def _damaged(origin: str) -> AuthError:
    return AuthError(
        f"{origin} is a private key that is damaged or cut off",
        hint="it must be the whole file, from its BEGIN line to its END line",
    )
