"""One signed request at a time, tried again as the policy says, its answer decoded or its failure told.

Knows HTTP and both protocols' envelopes; which endpoints there are is the client's business.

Source: encord-wire-protocol.md §2.
"""

from __future__ import annotations

import json
import logging
import random
import secrets
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar
from urllib.parse import urlencode

import httpx
import msgspec
import stamina

from metaquery.errors import SettingsError, UsageError
from metaquery.version import __version__
from metaquery.wire.addresses import base_url, checked, is_loopback
from metaquery.wire.answers import legacy_result, parse, v2_result
from metaquery.wire.auth import PrivateKey, sign_legacy, sign_v2
from metaquery.wire.failures import Failure, Kind, Report, to_error
from metaquery.wire.paging import Cursor, follow
from metaquery.wire.payloads import Results
from metaquery.wire.retry import RetryPolicy, parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Answer", "Transport"]

T = TypeVar("T")

_LONGEST_CONNECT_S: Final = 10.0
_FRESH_S: Final = 60.0  # older signatures may be refused: it waited for a connection, or this machine slept

_results: Final = msgspec.json.Decoder(Results)

# stamina logs each retry as a warning; without any handler Python would print those on stderr. Whoever sets
# up logging still gets them.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class Answer(NamedTuple, Generic[T]):
    """A decoded result and the id of the request that brought it."""

    value: T
    request_id: str


@dataclass(frozen=True, slots=True)
class _Call:
    operation: str
    method: str
    target: str
    body: bytes
    headers: Mapping[str, str]
    is_legacy: bool
    repeatable: bool


class Transport:
    """Sends calls of both protocols over connections that are kept alive. Safe to use from several threads.

    Parameters
    ----------
    key
        Signs every attempt anew.
    domain
        Scheme, host and port; nothing else. ``http`` only for this very machine: a legacy request that is
        read on its way can be replayed (§2.2).
    retry
        When to try again.
    timeout_s
        Seconds without a byte before an attempt is given up; connecting gets 10 s at most.
    connections
        At most so many at once; further threads wait for one to be free.
    transport
        In place of the network, for tests.
    clock
        Unix seconds, for signatures.

    Raises
    ------
    SettingsError
        A domain that cannot be used.
    """

    def __init__(
        self,
        key: PrivateKey,
        *,
        domain: str,
        retry: RetryPolicy,
        timeout_s: float,
        connections: int,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._key = key
        self._base = base_url(domain)
        self._retry = retry
        self._timeout_s = timeout_s
        self._clock = clock
        try:
            self._http = httpx.Client(
                headers={"User-Agent": f"metaquery/{__version__}", "Accept-Encoding": "gzip"},
                timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, _LONGEST_CONNECT_S), pool=None),
                limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
                transport=transport,
                # A proxy has no business between this machine and itself.
                trust_env=not is_loopback(self._base.host),
            )
        except OSError as error:  # of ssl, too
            raise SettingsError(f"SSL_CERT_FILE or SSL_CERT_DIR cannot be used: {_reason(error)}") from None

    @property
    def domain(self) -> str:
        """``scheme://host:port``, the port always spelt out."""
        port = self._base.port or (443 if self._base.scheme == "https" else 80)
        host = f"[{self._base.host}]" if ":" in self._base.host else self._base.host
        return f"{self._base.scheme}://{host}:{port}"

    @property
    def connections(self) -> httpx.Client:
        """The connections, for what is fetched without a signature of ours."""
        return self._http

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def v2(
        self,
        operation: str,
        method: str,
        where: str,
        read: Callable[[bytes | msgspec.Raw], T],
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        repeatable: bool = True,
    ) -> Answer[T]:
        """Do one v2 call.

        Parameters
        ----------
        operation
            What this is for, for errors; a gerund.
        method
            HTTP method, upper case.
        where
            Path after ``/v2/public/``, made by `path`.
        read
            Decoder of the answer's JSON.
        query
            Parameters; a sequence repeats the name, None leaves it out (§9).
        body
            JSON value, or None for no body; `msgspec.Raw` is sent as it is.
        repeatable
            False for creations.
        """
        pairs = [(name, value) for name, value in (query or {}).items() if value is not None]
        target = f"/v2/public/{where}" + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")
        content = b"" if body is None else _json(body)
        headers = {"Content-Type": "application/json"} if content else {}
        return self._send(_Call(operation, method, target, content, headers, False, repeatable), read)

    def legacy(
        self,
        operation: str,
        query: str,
        read: Callable[[bytes | msgspec.Raw], T],
        *,
        resource: tuple[str, str] = ("", ""),
        uid: str | Sequence[str] | None = None,
        payload: Any = None,
        repeatable: bool = True,
    ) -> Answer[T]:
        """Do one legacy call (§2.7).

        Parameters
        ----------
        operation
            What this is for, for errors; a gerund.
        query
            ``query_method query_type``, such as ``GET datarows``.
        read
            Decoder of the envelope's ``response``.
        resource
            Type (``dataset`` or ``project``) and hash of what is spoken about; empty in the user's scope.
        uid, payload
            The envelope's ``values``; a payload that is `msgspec.Raw` is sent as it is.
        repeatable
            False for creations.
        """
        method, query_type = query.split()
        kind, identity = resource
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "ResourceType": kind,
            "ResourceID": checked(identity) if kind else "",
        }
        values = {"uid": uid, "payload": payload}
        write = msgspec.json.encode if isinstance(payload, msgspec.Raw) else _json
        content = write({"query_type": query_type, "query_method": method, "values": values})
        target = "/public" if kind else "/public/user"
        return self._send(_Call(operation, "POST", target, content, headers, True, repeatable), read)

    def pages(
        self,
        operation: str,
        where: str,
        read: Callable[[bytes | msgspec.Raw], T],
        query: Mapping[str, Any],
    ) -> Iterator[T]:
        """Yield what `read` makes of the ``results`` of each page of a v2 list (§8)."""

        def fetch(cursor: Cursor | None) -> tuple[T, str | None]:
            token = cursor.token if cursor else None
            return self.v2(operation, "GET", where, page, query={**query, "pageToken": token}).value

        def page(raw: bytes | msgspec.Raw) -> tuple[T, str | None]:
            envelope = _results.decode(raw)
            return read(envelope.results), envelope.token

        return follow(fetch)

    def _send(self, call: _Call, read: Callable[[bytes | msgspec.Raw], T]) -> Answer[T]:
        trace = secrets.token_hex(16)
        attempts, waited_s = 0, 0.0

        def wait(error: Exception) -> float | bool:
            nonlocal waited_s
            if not isinstance(error, Failure):
                return False
            spread = random.random()  # noqa: S311  # dice, not secrets
            seconds = self._retry.wait_s(error, attempts, waited_s=waited_s, repeatable=call.repeatable, spread=spread)
            if seconds is None:
                return False
            waited_s += seconds
            return seconds

        try:
            # No timeout of stamina's: it would be looked at only after a wait, however long. The policy looks
            # before.
            for attempt in stamina.retry_context(on=wait, attempts=self._retry.attempts, timeout=None):
                with attempt:
                    attempts = attempt.num
                    return Answer(self._attempt(call, trace, read), trace)
        except Failure as failure:
            report = Report(
                operation=call.operation,
                domain=self.domain,
                request_id=trace,
                attempts=attempts,
                waited_s=waited_s,
                fingerprint=self._key.fingerprint,
                repeatable=call.repeatable,
            )
            raise to_error(failure, report) from failure.__cause__
        raise AssertionError("unreachable")

    def _attempt(self, call: _Call, trace: str, read: Callable[[bytes | msgspec.Raw], T]) -> T:
        signed_at = self._clock()
        response = self._exchange(self._request(call, trace, int(signed_at)))
        now = datetime.fromtimestamp(self._clock(), UTC)
        server_now = _date(response.headers.get("Date"))
        try:
            result: bytes | msgspec.Raw = (
                legacy_result(response.status_code, response.content)
                if call.is_legacy
                else v2_result(response.status_code, response.content)
            )
        except Failure as failure:
            if asked := response.headers.get("Retry-After"):
                failure.retry_after_s = parse_retry_after(asked, server_now or now)
            # Of v2 alone: a legacy signature has no date.
            failure.stale = not call.is_legacy and failure.status == 401 and self._clock() - signed_at > _FRESH_S
            failure.skew_s = (server_now - now).total_seconds() if server_now else None
            raise
        return parse(result, read)

    def _request(self, call: _Call, trace: str, at: int) -> httpx.Request:
        request = self._http.build_request(
            call.method,
            self._base.join(call.target),
            content=call.body or None,
            headers={**call.headers, "X-Cloud-Trace-Context": f"{trace}/1;o=1"},
        )
        # Signed is what goes out: httpx's own spelling of the target, not ours.
        target = request.url.raw_path.decode("ascii")
        request.headers.update(
            sign_legacy(self._key, call.body)
            if call.is_legacy
            else sign_v2(self._key, call.method, target, call.body, at)
        )
        return request

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._http.send(request)
        except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            kind = Kind.UNTRUSTED if _is_distrust(error) else Kind.CONNECT
            raise Failure(kind, _reason(error)) from error
        except httpx.ConnectTimeout as error:
            raise Failure(Kind.CONNECT, "no connection in time") from error
        except httpx.TimeoutException as error:
            raise Failure(Kind.TIMEOUT, f"{self._timeout_s:g} s without a byte") from error
        except httpx.DecodingError as error:
            raise Failure(Kind.MALFORMED, f"its compression is broken: {_reason(error)}") from error
        except httpx.TransportError as error:
            raise Failure(Kind.BROKEN, _reason(error)) from error


def _json(value: Any) -> bytes:
    if isinstance(value, msgspec.Raw):
        return bytes(value)
    try:
        # The form that the official SDK sends (§9): ASCII, with blanks after the separators.
        return json.dumps(value, allow_nan=False).encode("ascii")
    except ValueError:
        raise UsageError("NaN and infinite numbers cannot be sent: JSON does not have them") from None


def _is_distrust(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _date(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
