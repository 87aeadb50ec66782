"""EncordClient: one method per endpoint.

Methods take and give plain values, small structs and `Page`s of undecoded rows. They know no columns, keep
nothing between calls, and read only what they are asked for. Collections, storage, writing metadata, and the making of
datasets and projects are in modules of their own, which `EncordClient` takes in.

Source: encord-wire-protocol.md §3 to §7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from metaquery.errors import Refused
from metaquery.wire.addresses import path
from metaquery.wire.annotate_calls import AnnotateCalls
from metaquery.wire.answers import anything, one_object, row_array
from metaquery.wire.collection_calls import CollectionCalls
from metaquery.wire.failures import label_limit
from metaquery.wire.metadata_calls import MetadataCalls
from metaquery.wire.paging import batches
from metaquery.wire.payloads import (
    DatasetInfo,
    DatasetRows,
    Datasets,
    IndexRow,
    Page,
    ProjectDataset,
    ProjectInfo,
    index_rows,
)
from metaquery.wire.preset_calls import PresetCalls
from metaquery.wire.requests import ALL_LABEL_ROWS
from metaquery.wire.retry import RetryPolicy
from metaquery.wire.storage_calls import StorageCalls
from metaquery.wire.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    import httpx

    from metaquery.wire.auth import PrivateKey

__all__ = ["DEFAULT_DOMAIN", "EncordClient"]

DEFAULT_DOMAIN: Final = "https://api.encord.com"

_SCHEMA: Final = path("organisation", "client-metadata-schema-v2")

_schema: Final[msgspec.json.Decoder[dict[str, Any] | None]] = msgspec.json.Decoder(dict[str, Any] | None)
_datasets: Final = msgspec.json.Decoder(Datasets)
_projects: Final = msgspec.json.Decoder(list[ProjectInfo])
_project_datasets: Final = msgspec.json.Decoder(list[ProjectDataset])
_dataset_rows: Final = msgspec.json.Decoder(DatasetRows)


class EncordClient(StorageCalls, MetadataCalls, CollectionCalls, PresetCalls, AnnotateCalls):
    """Speaks to Encord, or to a server that behaves like it, in the name of one key.

    Safe to use from several threads. Use as a context manager, or `close` it.

    Parameters
    ----------
    key
        Signs every request.
    domain
        ``https://HOST[:PORT]`` without a path; ``http`` for this machine alone.
    retry
        When a failed request is tried again. Reads, and writes that leave the same behind when done twice,
        are; creations only where the server cannot have acted.
    timeout_s
        Seconds without a byte after which an attempt is given up.
    connections
        Connections kept alive; more threads than that wait for each other.
    transport
        In place of the network, for tests.

    Raises
    ------
    SettingsError
        A domain that cannot be used.

    Notes
    -----
    Every method that sends may raise `AuthError` (401), `Unreachable` (no answer), `RateLimited` (429),
    `ServerError` (5xx), `Refused` (other 4xx), `NotFound` (404) and `UnexpectedPayload` (an answer that
    cannot be read); only further reasons are listed with the methods.
    """

    def __init__(
        self,
        key: PrivateKey,
        *,
        domain: str = DEFAULT_DOMAIN,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  # frozen
        timeout_s: float = 60.0,
        connections: int = 4,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._key = key
        self._transport = Transport(
            key,
            domain=domain,
            retry=retry,
            timeout_s=timeout_s,
            connections=connections,
            transport=transport,
        )

    @property
    def domain(self) -> str:
        """``scheme://host:port`` of the server, for messages and journals."""
        return self._transport.domain

    @property
    def fingerprint(self) -> str:
        """``SHA256:…`` of the public key."""
        return self._key.fingerprint

    def close(self) -> None:
        """Close every connection; the client is of no use afterwards."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"EncordClient({self.domain}, {self._key.fingerprint})"

    def check(self) -> None:
        """Find out whether Encord is there and takes the key, with the smallest request that tells."""
        # The bearer-token endpoint would be smaller, but it answers with a credential nobody asked for.
        self._transport.v2("asking Encord whether it takes the key", "GET", _SCHEMA, anything)

    # The organisation's metadata schema

    def metadata_schema(self) -> dict[str, Any] | None:
        """Read the typed metadata schema: option by key; None where the organisation has none (§3.2)."""
        return self._transport.v2("reading the metadata schema", "GET", _SCHEMA, _schema.decode).value

    def set_metadata_schema(self, options: Mapping[str, Any]) -> None:
        """Replace the whole metadata schema (§3.2).

        Parameters
        ----------
        options
            Option by key, in the form that `metadata_schema` gives; tombstones that are left out are lost.

        Raises
        ------
        Refused
            Encord says which key or option it does not take.
        """
        self._transport.v2("writing the metadata schema", "POST", _SCHEMA, anything, body=dict(options))

    # Datasets and projects

    def datasets(self, *, title: str | None = None) -> list[DatasetInfo]:
        """List the datasets that the key's owner may see, or those of exactly this title (§4.1)."""
        query = {"titleEq": title, "includeOrgAccess": False}
        answer = self._transport.v2(
            "listing the datasets", "GET", path("datasets", "list"), _datasets.decode, query=query
        )
        return answer.value.result

    def projects(self, *, title: str | None = None) -> list[ProjectInfo]:
        """List the projects that the key's owner may see, or those of exactly this title (§6.1)."""
        query = {"titleEq": title, "includeOrgAccess": False}
        pages = self._transport.pages("listing the projects", path("projects"), _projects.decode, query)
        return list({info.project_hash: info for page in pages for info in page}.values())

    def project_datasets(self, project_hash: str) -> list[ProjectDataset]:
        """List the datasets attached to a project (§6.1)."""
        operation = f"listing the datasets of project {project_hash!r}"
        where = path("projects", project_hash, "datasets")
        pages = self._transport.pages(operation, where, _project_datasets.decode, {})
        return [info for page in pages for info in page]

    # Data units

    def row_index(self, dataset_hash: str) -> list[str]:
        """Read the data hashes of a dataset in the server's order, without metadata, in one answer (§4.2)."""
        return [row.data_hash for row in self.listed_rows(dataset_hash)]

    def listed_rows(self, dataset_hash: str) -> list[IndexRow]:
        """Read the rows of a dataset as `row_index`, with when each was edited and all that is said of it."""
        answer = self._transport.legacy(
            f"reading the row index of dataset {dataset_hash!r}",
            "GET dataset",
            one_object(_dataset_rows.decode),
            resource=("dataset", dataset_hash),
            payload={"dataset_access_settings": {"fetch_client_metadata": False, "fetch_rows": True}},
        )
        return index_rows(answer.value, answer.request_id)

    def data_rows(self, dataset_hash: str, data_hashes: Sequence[str]) -> Page:
        """Read data rows with their metadata (§4.3).

        Parameters
        ----------
        dataset_hash
            The dataset.
        data_hashes
            Which rows, 1,000 at most. None at all gives an empty page, without a request.

        Returns
        -------
        Page
            The rows that the server gave, in its order; it may leave out some that were asked for.
        """
        if not data_hashes:
            return _NO_ROWS  # an empty list may mean "no condition" to the server
        answer = self._transport.legacy(
            f"reading {len(data_hashes)} rows of dataset {dataset_hash!r}",
            "GET datarows",
            row_array,
            resource=("dataset", dataset_hash),
            payload={
                "title_eq": None,
                "title_like": None,
                "created_before": None,
                "created_after": None,
                "data_types": None,
                "dataset_access_settings": {"fetch_client_metadata": True, "fetch_rows": True},
                "data_hashes": list(data_hashes),
            },
        )
        return Page(*answer.value, answer.request_id)

    # Labels

    def label_rows(self, project_hash: str) -> Page:
        """Read the label rows of a project in one answer (§6.2).

        All branches, those never labelled included, with their workflow stage, without metadata.
        """
        answer = self._transport.legacy(
            f"reading the label rows of project {project_hash!r}",
            "GET labelrowmetadata",
            row_array,
            resource=("project", project_hash),
            payload=ALL_LABEL_ROWS,
        )
        return Page(*answer.value, answer.request_id)

    def labels(self, project_hash: str, label_hashes: Sequence[str]) -> Page:
        """Read labels (§6.3). Never opens a unit that was not labelled yet, which would change the project.

        Parameters
        ----------
        project_hash
            The project.
        label_hashes
            Which label rows. More than the server gives at once are asked for in parts; none at all give an
            empty page, without a request.

        Returns
        -------
        Page
            One row per label row that the server gave; the request id is that of the last part.
        """
        if not label_hashes:
            return _NO_ROWS
        try:
            return self._some_labels(project_hash, label_hashes)
        except Refused as error:
            limit = label_limit(error)
            if limit is None or len(label_hashes) == 1:
                raise
        # A limit that would not make the parts smaller is not believed: halves end at single rows.
        size = limit if 0 < limit < len(label_hashes) else (len(label_hashes) + 1) // 2
        return _joined([self.labels(project_hash, batch) for batch in batches(label_hashes, size)])

    def _some_labels(self, project_hash: str, label_hashes: Sequence[str]) -> Page:
        answer = self._transport.legacy(
            f"reading {len(label_hashes)} labels of project {project_hash!r}",
            "GET labelrow",
            row_array,
            resource=("project", project_hash),
            uid=list(label_hashes),
            payload={
                "get_signed_url": False,
                "multi_request": True,
                "include_object_feature_hashes": None,
                "include_classification_feature_hashes": None,
                "include_reviews": False,
                "include_export_history": False,
                "include_archived": False,
            },
        )
        return Page(*answer.value, answer.request_id)


_NO_ROWS: Final = Page(b"[]", 0, None)


def _joined(pages: list[Page]) -> Page:
    """Make one page of several, each row's bytes untouched."""
    rows = [page.body[page.body.index(b"[") + 1 : page.body.rindex(b"]")] for page in pages if page.rows]
    return Page(b"[" + b",".join(rows) + b"]", sum(page.rows for page in pages), pages[-1].request_id)
