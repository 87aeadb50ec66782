"""Keys are read or refused with advice, never shown; signatures are Encord's, byte for byte."""

import pickle
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from metaquery.errors import AuthError
from metaquery.wire.auth import PrivateKey, sign_legacy, sign_v2

ED25519 = Ed25519PrivateKey.generate()


def _private(key, form=PrivateFormat.OpenSSH, encryption=None) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def _public(key, encoding=Encoding.OpenSSH, form=PublicFormat.OpenSSH) -> str:
    return key.public_key().public_bytes(encoding, form).decode()


def _bad_keys() -> dict[str, tuple[str, str]]:
    rsa_key = rsa.generate_private_key(65537, 2048)
    ec_key = ec.generate_private_key(ec.SECP256R1())
    secret = BestAvailableEncryption(b"correct horse")
    good = _private(ED25519)
    lines = good.splitlines()
    return {
        "rsa": (_private(rsa_key), "type RSA; Encord takes Ed25519"),
        "ecdsa": (_private(ec_key), "type ECDSA; Encord takes Ed25519"),
        "rsa pem": (_private(rsa_key, PrivateFormat.TraditionalOpenSSL), "type RSA; Encord takes Ed25519"),
        "ecdsa pem": (_private(ec_key, PrivateFormat.TraditionalOpenSSL), "type ECDSA"),
        "ed448 pem": (_private(ed448.Ed448PrivateKey.generate(), PrivateFormat.PKCS8), "type Ed448"),
        "encrypted": (_private(ED25519, encryption=secret), "protected by a passphrase"),
        "encrypted pem": (_private(ED25519, PrivateFormat.PKCS8, secret), "protected by a passphrase"),
        "encrypted rsa pem": (
            _private(rsa_key, PrivateFormat.TraditionalOpenSSL, secret),
            "protected by a passphrase",
        ),
        "encrypted rsa": (_private(rsa_key, encryption=secret), "type RSA"),
        "pkcs8": (_private(ED25519, PrivateFormat.PKCS8), "in PKCS#8 form"),
        "public": (_public(ED25519), "is a public key"),
        "public rsa": (_public(rsa_key), "is a public key"),
        "public pem": (_public(ED25519, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "is a public key"),
        "putty": (f"PuTTY-User-Key-File-3: ssh-ed25519\n{lines[1]}", "is a PuTTY key"),
        "empty": ("", "is empty"),
        "blank": (" \n\n ", "is empty"),
        "prose": (f"my key is {lines[1]}", "is not an OpenSSH private key"),
        "path": ("~/.ssh/id_ed25519", "looks like a path"),
        "cut": ("\n".join(lines[:-2]), "damaged or cut off"),
        "shortened": ("\n".join([lines[0], lines[1], lines[-1]]), "damaged or cut off"),
        "no end": (lines[0], "damaged or cut off"),
        "not base64": ("\n".join([lines[0], "!" * 40, *lines[1:]]), "damaged or cut off"),
        "another container": ("\n".join([lines[0], "AAAA" * 20, lines[-1]]), "damaged or cut off"),
        "bad pem": ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "damaged or cut off"),
        "large": (good * 400, "too large to be a key"),
    }


BAD_KEYS = _bad_keys()


def _shows(error: BaseException, text: str) -> bool:
    """Whether any 12 characters in a row of the key's own lines are in the error, or in what it shows."""
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    lines = [line for line in text.splitlines() if not line.startswith("-----")]
    return any(line[i : i + 12] in shown for line in lines for i in range(max(0, len(line) - 11)))


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_key_that_cannot_sign_is_refused_with_its_reason_and_without_a_byte_of_it(name, tmp_path):
    text, expected = BAD_KEYS[name]
    (tmp_path / "key").write_text(text)
    for read, origin in (
        (lambda: PrivateKey.from_text(text, origin="ENCORD_SSH_KEY"), "ENCORD_SSH_KEY"),
        (lambda: PrivateKey.from_file(tmp_path / "key"), "the key file"),
    ):
        with pytest.raises(AuthError, match=origin) as caught:
            read()
        assert expected in caught.value.message
        assert caught.value.hint
        assert name == "path" or not _shows(caught.value, text)


def test_a_key_in_binary_is_refused(tmp_path):
    (tmp_path / "key").write_bytes(bytes(range(256)))
    with pytest.raises(AuthError, match="not ASCII text"):
        PrivateKey.from_file(tmp_path / "key")
    with pytest.raises(AuthError, match="not ASCII text"):
        PrivateKey.from_text("clé", origin="ENCORD_SSH_KEY")
    with pytest.raises(AuthError, match="not ASCII text"):
        PrivateKey.from_text("\udcff", origin="ENCORD_SSH_KEY")


def test_a_missing_and_an_unreadable_file_are_told_apart(tmp_path):
    with pytest.raises(AuthError, match=r"there is no key file '.*missing'\nmake one with: ssh-keygen"):
        PrivateKey.from_file(tmp_path / "missing")
    with pytest.raises(AuthError, match="cannot be read: Is a directory"):
        PrivateKey.from_file(tmp_path)
    with pytest.raises(AuthError, match="cannot be read: File name too long"):
        PrivateKey.from_file(tmp_path / ("x" * 300))


def test_a_key_given_in_place_of_its_path_is_not_shown(key_text):
    body = "".join(key_text.splitlines()[1:-1])
    for text in (key_text, key_text.replace("\n", " "), body):
        with pytest.raises(AuthError, match="a key was given where the path") as caught:
            PrivateKey.from_file(Path(text))
        assert not _shows(caught.value, key_text)
    for line in key_text.splitlines()[2:5]:
        with pytest.raises(AuthError, match="looks like a part of a key") as caught:
            PrivateKey.from_file(Path(line))
        assert not _shows(caught.value, key_text)


def test_a_key_is_read_from_file_text_and_environment_spellings_alike(tmp_path, key_text, monkeypatch):
    (tmp_path / "key").write_text(key_text)
    monkeypatch.setenv("HOME", str(tmp_path))
    keys = [
        PrivateKey.from_file(tmp_path / "key"),
        PrivateKey.from_file(Path("~/key")),
        PrivateKey.from_text(key_text.replace("\n", "\r\n"), origin="x"),
        PrivateKey.from_text(key_text.replace("\n", "\\n"), origin="x"),
        PrivateKey.from_text(f"  {key_text.strip()}", origin="x"),
    ]
    assert {key.public_hex for key in keys} == {"03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"}


def test_a_key_shows_its_fingerprint_as_ssh_keygen_prints_it_and_nothing_else(key, key_text):
    assert key.fingerprint == "SHA256:lbmsoA0yIEcEiVDRnMWuzm+nV+3ZEEpVIURqFoeSspg"
    assert repr(key) == str(key) == f"PrivateKey({key.fingerprint})"
    assert key == PrivateKey.from_text(key_text, origin="x")
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.parametrize("call", ["v2_get", "v2_post"])
def test_v2_signatures_are_those_of_the_worked_example(call, key, worked_example):
    wanted = worked_example[call]
    headers = sign_v2(key, wanted["method"], wanted["target"], wanted["body"].encode(), 1714564800)
    assert headers == {name: wanted[name] for name in ("Content-Digest", "Signature-Input", "Signature")}


def test_legacy_signatures_are_those_of_the_worked_example(key, worked_example):
    wanted = worked_example["legacy_post"]
    assert sign_legacy(key, wanted["body"].encode()) == {"Authorization": wanted["Authorization"]}
