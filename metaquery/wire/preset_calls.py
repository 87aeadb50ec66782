"""Filter presets: those of the Index, and those of a project in Active (encord-wire-protocol.md §7.3).

What stands in a definition's ``filters`` is opaque to the protocol; here it is JSON that comes and goes as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from metaquery.wire.addresses import path
from metaquery.wire.answers import anything
from metaquery.wire.paging import PAGE_ROWS
from metaquery.wire.payloads import PresetInfo, ProjectPresetInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metaquery.wire.transport import Transport

__all__ = ["PresetCalls"]

_EVERY_FOLDER: Final = "00000000-0000-0000-0000-000000000000"
"""The one folder that the official SDK ever makes a preset in."""

_presets: Final = msgspec.json.Decoder(list[PresetInfo])
_project_presets: Final = msgspec.json.Decoder(list[ProjectPresetInfo])
_definition: Final = msgspec.json.Decoder(dict[str, Any])
_uuid: Final = msgspec.json.Decoder(str)


class PresetCalls:
    """The endpoints of `EncordClient` that read and make presets; without a project they are the Index's."""

    _transport: Transport

    def presets(self, project_hash: str | None = None) -> list[PresetInfo]:
        """List presets."""
        found: list[PresetInfo] = []
        if project_hash is None:
            query = {"pageSize": PAGE_ROWS}
            for page in self._transport.pages("listing presets", _where(None), _presets.decode, query):
                found.extend(page)
        else:
            where, operation = _where(project_hash), f"listing the presets of project {project_hash!r}"
            for rows in self._transport.pages(operation, where, _project_presets.decode, {}):
                found.extend(PresetInfo(row.uuid, row.name, "", row.created_at, row.updated_at) for row in rows)
        return list({info.uuid: info for info in found}.values())

    def preset_definition(self, uuid: str, project_hash: str | None = None) -> dict[str, Any]:
        """Return what a preset filters by.

        Raises
        ------
        NotFound
            It is not there.
        """
        where = _where(project_hash, uuid) if project_hash is None else _where(project_hash, uuid, "raw")
        return self._transport.v2(f"reading preset {uuid!r}", "GET", where, _definition.decode).value

    def create_preset(
        self, name: str, definition: Mapping[str, Any], *, description: str = "", project_hash: str | None = None
    ) -> str:
        """Create a preset and give its uuid.

        Not retried once the request may have arrived: after an error for which `wire.is_ambiguous` holds, look for
        the name first. A project's preset has no description.
        """
        body: dict[str, Any] = {"name": name, "filterPresetJson": definition}
        in_index = project_hash is None
        answer = self._transport.v2(
            f"creating preset {name!r}",
            "POST",
            _where(project_hash),
            _uuid.decode,
            query={"topLevelFolderUuid": _EVERY_FOLDER} if in_index else None,
            body={**body, "description": description} if in_index else body,
            repeatable=False,
        )
        return answer.value

    def update_preset(self, uuid: str, definition: Mapping[str, Any], *, project_hash: str | None = None) -> None:
        """Replace what a preset filters by; its name and description stay.

        Raises
        ------
        NotFound
            It is not there.
        """
        where, body = _where(project_hash, uuid), {"filterPreset": definition}
        self._transport.v2(f"changing preset {uuid!r}", "PATCH", where, anything, body=body)


def _where(project_hash: str | None, *more: str) -> str:
    if project_hash is None:
        return path("index", "presets", *more)
    return path("active", project_hash, "presets", *more)
