"""Presets are listed, read and made as the official SDK does it; an answer that was lost makes none twice."""

import httpx
import pytest

from metaquery.errors import Unreachable
from metaquery.saved_filters import SavedFilter
from metaquery.saved_filters.definitions import to_definition
from metaquery.saved_filters.presets import Presets

UUID = "df0429f6-4c55-50dd-934a-ecd70322279a"
PROJECT = "ad162b9e-59e4-573c-a4b6-6cc029e682f5"
NIGHT = SavedFilter("night", "data", "dark")


def answered(example, name):
    return example(name)[0]["response"]["body"]


def test_presets_are_listed_and_read_as_recorded(talk, example):
    client, server = talk(answered(example, "presets-list"), answered(example, "preset-get-json"))
    (info,) = client.presets()
    assert (info.uuid, info.name, info.description) == (UUID, "paris", "desc")
    assert client.preset_definition(UUID)["global_filters"] == {"filters": [{"any": "shape"}]}
    client, server = talk(answered(example, "active-presets-list"), answered(example, "active-preset-raw"))
    (info,) = client.presets(PROJECT)
    assert (info.uuid, info.name, info.updated_at) == (UUID, "ap", "2024-05-01T12:00:29.250000Z")
    assert client.preset_definition(UUID, PROJECT)["globalFilters"] == {"filters": [{"any": "shape"}]}
    assert [request.url.path for request in server.requests] == [
        exchange["request"]["path"]
        for name in ("active-presets-list", "active-preset-raw")
        for exchange in example(name)
    ]


@pytest.mark.parametrize(
    ("name", "project"), [("preset-create", None), ("active-preset-create", PROJECT)], ids=["Index", "Active"]
)
def test_a_preset_is_made_as_the_official_sdk_makes_it(talk, example, name, project):
    sent = example(name)[0]["request"]
    client, server = talk(answered(example, name))
    definition, description = sent["body"]["filterPresetJson"], sent["body"].get("description", "")
    made = client.create_preset(sent["body"]["name"], definition, description=description, project_hash=project)
    assert made == UUID
    assert server.bodies == [sent["body"]]
    assert server.requests[0].url.raw_path.decode() == sent["path"]
    assert set(definition) == set(to_definition(NIGHT, in_project=project is not None))


def test_what_a_preset_filters_by_is_changed_and_nothing_else(talk, example):
    client, server = talk(None)
    client.update_preset(UUID, {"global_filters": {"filters": []}})
    assert server.bodies == [{"filterPreset": {"global_filters": {"filters": []}}}]
    sent = example("preset-update")[0]["request"]
    assert (server.requests[0].method, server.requests[0].url.path) == (sent["method"], sent["path"])


def test_a_preset_whose_answer_was_lost_is_found_and_not_made_again(talk):
    listed = {"results": [{"uuid": UUID, "name": "night", "description": None}]}
    client, server = talk(
        {"results": []}, httpx.ReadError("reset"), listed, listed, to_definition(NIGHT, in_project=False)
    )
    presets = Presets(client, None)
    assert presets.apply(presets.plan(NIGHT, "night", replace=False)).uuid == UUID
    assert [request.method for request in server.requests].count("POST") == 1


def test_a_preset_that_did_not_arrive_is_an_error(talk):
    client, _ = talk({"results": []}, httpx.ReadError("reset"), {"results": []})
    presets = Presets(client, None)
    plan = presets.plan(NIGHT, "night", replace=False)
    with pytest.raises(Unreachable):
        presets.apply(plan)
