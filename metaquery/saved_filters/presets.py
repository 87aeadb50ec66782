"""`Presets`: filter presets of the server, listed, read as filters, and made of filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from metaquery.errors import NotFound, PresetError, PushError, UsageError, WireError
from metaquery.saved_filters.definitions import Kept, kept_in, to_definition
from metaquery.saved_filters.files import Found
from metaquery.saved_filters.record import SavedFilter, normal
from metaquery.sources.encord import found_project
from metaquery.suggestions import similar
from metaquery.wire import is_ambiguous

if TYPE_CHECKING:
    from metaquery.wire import EncordClient

__all__ = ["Preset", "PresetPlan", "Presets"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A filter preset of the server.

    Attributes
    ----------
    uuid, name, description
        As the server has them; a project's preset has no description.
    place
        Where it is, in words.
    updated_at
        The server's text, ISO 8601; None where it did not say.
    """

    uuid: str
    name: str
    description: str
    place: str
    updated_at: str | None


@dataclass(frozen=True, slots=True)
class PresetPlan:
    """What sending a filter to the server as a preset would do.

    Attributes
    ----------
    name, place
        Of the preset, in words.
    filter
        What it is to have; filters that it named are written out.
    action
        `create`, `replace`, or `nothing` where it is there as it should be.
    uuid
        Of the preset; None where it is to be created.
    """

    name: str
    place: str
    filter: SavedFilter
    action: Literal["create", "replace", "nothing"]
    uuid: str | None


class Presets:
    """The presets of the Index, or of a project.

    Parameters
    ----------
    client
        The server.
    project
        Title or hash; None for the Index.

    Raises
    ------
    NotFound, SyncError
        There is no such project, or several are called so.
    """

    def __init__(self, client: EncordClient, project: str | None) -> None:
        self._client = client
        self._project: str | None
        self._project, title = (None, "") if project is None else found_project(client, project)
        self._place = "the Index" if project is None else f"the project {title!r}"

    def all(self) -> list[Preset]:
        """Return every preset, by name."""
        found = [
            Preset(info.uuid, info.name, info.description or "", self._place, info.updated_at)
            for info in self._client.presets(self._project)
        ]
        return sorted(found, key=lambda preset: (preset.name, preset.uuid))

    def read(self, name: str, called: str | None) -> Found:
        """Return the filter that a preset has, not checked yet.

        Parameters
        ----------
        name
            Of the preset, or its uuid.
        called
            Name of the filter; None takes the preset's.

        Raises
        ------
        NotFound, UsageError
            There is no such preset, or several are called so.
        PresetError
            Not all of it is understood.
        """
        preset = self._get(name)
        kept = self._kept(preset)
        saved = SavedFilter(normal(preset.name if called is None else called), kept.relation, kept.text.strip())
        return Found(f"preset {preset.name!r}", saved, kept.text.rstrip())

    def plan(self, saved: SavedFilter, name: str, *, replace: bool) -> PresetPlan:
        """Find out what sending a filter would do; reads from the server, and writes nothing.

        Parameters
        ----------
        saved
            The filter, which names no other.
        name
            Of the preset.
        replace
            Whether a preset of this name may be replaced that has another filter of metaquery.

        Raises
        ------
        UsageError
            The Index has no presets of labels or predictions; or a preset of this name says something else.
        PresetError
            A preset of this name is not metaquery's, so that replacing it would lose what it says.
        """
        if self._project is None and saved.relation != "data":
            raise UsageError(
                f"{saved.reference} is on {saved.relation}, and presets of the Index are of storage items",
                hint="give --project to make a preset of a project",
            )
        there = [preset for preset in self.all() if preset.name == name]
        if not there:
            return PresetPlan(name, self._place, saved, "create", None)
        if len(there) > 1:
            raise UsageError(self._several(name, there), hint="send it under another name: --as NAME")
        try:
            same = self._kept(there[0]) == Kept(saved.relation, saved.text)
        except PresetError as error:
            raise PresetError(
                f"there is a preset {name!r} in {self._place}, and metaquery did not make it: {error.message}",
                hint="send it under another name: --as NAME",
            ) from None
        if not same and not replace:
            raise UsageError(
                f"there is a preset {name!r} in {self._place} already, with another filter",
                hint="give --replace, or send it under another name: --as NAME",
            )
        return PresetPlan(name, self._place, saved, "nothing" if same else "replace", there[0].uuid)

    def apply(self, plan: PresetPlan) -> Preset:
        """Do what was planned, read it back, and return the preset.

        Raises
        ------
        PushError
            The server has something else now.
        """
        definition = to_definition(plan.filter, in_project=self._project is not None)
        uuid = plan.uuid
        if uuid is None:
            uuid = self._created(plan, definition)
        elif plan.action == "replace":
            self._client.update_preset(uuid, definition, project_hash=self._project)
        preset = self._get(uuid)
        if self._kept(preset) != Kept(plan.filter.relation, plan.filter.text):
            raise PushError(f"the preset {plan.name!r} ({uuid}) says something else than what was sent")
        return preset

    def _created(self, plan: PresetPlan, definition: dict[str, Any]) -> str:
        """Create the preset; where the answer was lost, take the one that is there now."""
        text = f"A filter of metaquery, on {plan.filter.relation}"
        try:
            return self._client.create_preset(plan.name, definition, description=text, project_hash=self._project)
        except WireError as error:
            if not is_ambiguous(error):
                raise
            for preset in self.all():
                if preset.name == plan.name:
                    return preset.uuid
            raise

    def _kept(self, preset: Preset) -> Kept:
        return kept_in(self._client.preset_definition(preset.uuid, self._project), preset.name)

    def _get(self, name: str) -> Preset:
        known = self.all()
        found = [preset for preset in known if preset.uuid == name.lower()] or [p for p in known if p.name == name]
        if not found:
            meant = similar(name, [preset.name for preset in known])
            hint = f"did you mean {meant[0]!r}?" if meant else "metaquery filter presets shows what there is"
            raise NotFound(f"there is no preset {name!r} in {self._place}", hint=hint)
        if len(found) > 1:
            raise UsageError(self._several(name, found), hint="name it by its uuid")
        return found[0]

    def _several(self, name: str, found: list[Preset]) -> str:
        return f"{len(found)} presets in {self._place} are called {name!r}: {', '.join(p.uuid for p in found)}"
