"""What went wrong with one attempt, and the error that the user gets for it.

Knows statuses and codes, not HTTP. `Failure` never leaves this room; `to_error` turns the last one of a call
into a `WireError` that says what failed, what the server said, and under which request id.

Source: encord-wire-protocol.md §2.6 (v2 statuses), §2.7 (legacy codes).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from metaquery.errors import (
    AuthError,
    NotFound,
    RateLimited,
    Refused,
    ServerError,
    UnexpectedPayload,
    Unreachable,
    WireError,
)

__all__ = ["LEGACY_STATUS", "Failure", "Kind", "Report", "is_ambiguous", "label_limit", "to_error"]

LEGACY_STATUS: Final = {
    "AUTHENTICATION_ERROR": 401,
    "SSH_KEY_NOT_FOUND_ERROR": 401,
    "AUTHORISATION_ERROR": 403,
    "OPERATION_NOT_ALLOWED": 403,
    "RESOURCE_NOT_FOUND_ERROR": 404,
    "METHOD_NOT_ALLOWED_ERROR": 405,
    "RESOURCE_EXISTS_ERROR": 409,
    "DUPLICATE_SSH_KEY_ERROR": 409,
    "MULTI_LABEL_LIMIT_ERROR": 413,
    "RATE_LIMIT_ERROR": 429,
    "INVALID_ARGUMENTS_ERROR": 400,
    "INVALID_DATE_FORMAT_ERROR": 400,
    "WRONG_PROJECT_TYPE_ERROR": 400,
    "UNKNOWN_ERROR": 500,
}
"""The HTTP status that each legacy code stands for; the envelope's own number need not agree (§2.7)."""


class Kind(enum.Enum):
    """The ways an attempt fails."""

    CONNECT = "no connection could be made"
    UNTRUSTED = "the server's certificate is not trusted"
    TIMEOUT = "no answer in time"
    BROKEN = "the connection broke"
    MALFORMED = "an answer that is not whole JSON"
    SHAPE = "an answer that is not of the protocol's form"
    STATUS = "an error status"


@dataclass(eq=False)
class Failure(Exception):  # it is not an error until nobody retries it
    """One attempt that failed.

    Parameters
    ----------
    kind
        In which way.
    text
        The server's own words, or the reason found here; one line.
    status
        HTTP status, or the one that the legacy code stands for; None where there was no answer.
    code
        Legacy error code, or None.
    retry_after_s
        Seconds that the server asked to be left alone, or None.
    label_limit
        How many labels the server gives at once, where it refused for that reason.
    skew_s
        Seconds by which the server's clock is ahead of ours, or None where the answer had no date.
    final
        Trying again would give the same, whatever the kind.
    stale
        Refused by its signature (401), which had become old on its way: nothing was done, and a new one may do.
    """

    kind: Kind
    text: str = ""
    status: int | None = None
    code: str | None = None
    retry_after_s: float | None = None
    label_limit: int | None = None
    skew_s: float | None = None
    final: bool = False
    stale: bool = False

    @property
    def may_be_done(self) -> bool:
        """Whether the server may have carried the request out although we have no answer that says so."""
        if self.kind is Kind.STATUS:
            return self.status is None or self.status >= 500 or self.status == 408
        return self.kind not in {Kind.CONNECT, Kind.UNTRUSTED}


@dataclass(frozen=True, slots=True)
class Report:
    """What the message says besides the failure.

    Parameters
    ----------
    operation
        What was being done, a gerund: ``reading the rows of dataset 'x'``.
    domain
        ``scheme://host:port``.
    request_id
        Our trace id, which Encord's support can look for.
    attempts
        How often it was tried.
    waited_s
        Seconds waited between the attempts.
    fingerprint
        Of the key that signed.
    repeatable
        False for a creation.
    """

    operation: str
    domain: str
    request_id: str
    attempts: int
    waited_s: float
    fingerprint: str
    repeatable: bool


_NO_RIGHT: Final = "this key's owner lacks the right to do that; an Encord admin can grant it"


def is_ambiguous(error: BaseException) -> bool:
    """Tell whether the creation that failed with `error` may have happened all the same.

    The caller must then look for what it meant to create before it tries again (§7.6).
    """
    return bool(getattr(error, "ambiguous", False))


def label_limit(error: BaseException) -> int | None:
    """Tell how many labels the server gives at once, where `error` is about that; 0 where it did not say."""
    limit: int | None = getattr(error, "label_limit", None)
    return limit


def to_error(failure: Failure, report: Report) -> WireError:
    """Turn the last failure of a call into the error that is raised.

    Returns
    -------
    WireError
        `AuthError` for 401, `NotFound` for 404, `RateLimited` for 429, `Refused` for other 4xx, `ServerError`
        for other statuses, `Unreachable` without an answer, `UnexpectedPayload` for an answer that cannot be
        read. `is_ambiguous` tells of it whether a creation may have happened.
    """
    ambiguous = failure.may_be_done and not report.repeatable
    error = _WITHOUT_STATUS.get(failure.kind, _by_status)(failure, _message(failure, report), report)
    if ambiguous:
        error.hint = "the answer was lost, so it may have been created: look for it before creating it again" + (
            f"; {error.hint}" if error.hint else ""
        )
    # Beside the fields of WireError, not among them: asked for through is_ambiguous and label_limit alone.
    vars(error).update(ambiguous=ambiguous, label_limit=failure.label_limit)
    return error


def _message(failure: Failure, report: Report) -> str:
    if failure.kind is Kind.STATUS:
        said = f"Encord answered {failure.code or failure.status}"
        what = f"{said}: {failure.text}" if failure.text else said
    else:
        what = f"{failure.kind.value} from {report.domain}" + (f" ({failure.text})" if failure.text else "")
    tried = f", tried {report.attempts} times" if report.attempts > 1 else ""
    waited = f" with {report.waited_s:.0f} s between" if report.waited_s >= 1 else ""
    return f"{report.operation} failed: {what} (request id {report.request_id}{tried}{waited})"


def _unreachable(failure: Failure, message: str, report: Report) -> WireError:
    hints = {
        Kind.CONNECT: f"is {report.domain} the right domain, and is a proxy needed (HTTPS_PROXY)?",
        Kind.UNTRUSTED: "behind a proxy that opens TLS, let SSL_CERT_FILE name its certificate authority",
    }
    return Unreachable(message, hint=hints.get(failure.kind, "try again; a sync goes on where it stopped"))


def _unexpected(failure: Failure, message: str, report: Report) -> WireError:
    shape = "Encord's protocol may have changed: please report it with the request id"
    whole = f"is {report.domain} really Encord, with nothing in between that rewrites its answers?"
    return UnexpectedPayload(message, hint=shape if failure.final else whole)


def _by_status(failure: Failure, message: str, report: Report) -> WireError:
    status = failure.status or 0
    if status == 401:
        return AuthError(message, hint=_auth_hint(failure, report))
    if status == 404:
        return NotFound(message, hint="it is not there, or this key's owner may not see it")
    if status == 429:
        return RateLimited(message, hint=_pause_hint(failure), retry_after_s=failure.retry_after_s)
    if 400 <= status < 500:
        return Refused(message, hint=_NO_RIGHT if status == 403 else None, status=status)
    if 300 <= status < 400:
        return ServerError(message, hint=f"redirects are not followed: is {report.domain} Encord's API?")
    return ServerError(message, hint="Encord has trouble at the moment; try again later")


def _auth_hint(failure: Failure, report: Report) -> str:
    if failure.skew_s is not None and abs(failure.skew_s) >= 60:
        way = "behind" if failure.skew_s > 0 else "ahead of"
        seconds = f"{abs(failure.skew_s):.0f} s"
        return f"signatures are dated, and this machine's clock is {seconds} {way} the server's"
    return (
        f"is the public key {report.fingerprint} registered with an Encord user, "
        f"and is {report.domain} the region of that account (https://api.us.encord.com in the US)?"
    )


def _pause_hint(failure: Failure) -> str:
    if failure.retry_after_s is None:
        return "too many requests at the moment; try again later"
    return f"Encord asks to wait {failure.retry_after_s:.0f} s"


_WITHOUT_STATUS: Final = {
    Kind.CONNECT: _unreachable,
    Kind.UNTRUSTED: _unreachable,
    Kind.TIMEOUT: _unreachable,
    Kind.BROKEN: _unreachable,
    Kind.MALFORMED: _unexpected,
    Kind.SHAPE: _unexpected,
}
