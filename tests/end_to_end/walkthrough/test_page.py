"""`docs/seed-walkthrough.md` is real: its commands print what it shows, and the official SDK finds what they did."""

from __future__ import annotations

import json
import re

from tests.end_to_end.pages import told

from .conftest import PAGE, Walk

SEED = {"captured_at": "datetime", "city": "datetime", "dark": "boolean"}
MINE = {"my": "metadata"}
NIGHT = ("Dark, since 2023", 4)


def test_the_page_prints_what_it_shows(walk: Walk) -> None:
    assert len(walk.ran) == 38
    for one in walk.ran:
        assert told(one.printed) == told(one.expected), one.command
        failed = one.expected.startswith("error:")
        assert bool(one.exits) == failed, one.command


def test_every_part_of_the_seed_is_on_the_page() -> None:
    quoted = re.sub(r"(?<=.)\n> ", " ", PAGE)
    for words in (
        "verify that a metadata schema exists", "set_client_metadata_schema_from_dict", "verify that the import is",
        "overwrites the current schema", "re-import the schema, and then re-sync", "lists the custom metadata of all",
        "to specific data units", "to each data unit in the specified dataset", "Import your Project",
        "Click the Project", "Filter the Project Data, Labels, or Predictions", "Continue searching",
        "Select one or more", "Click Select all", "Click Add to a Collection", "Click New Collection",
        "meaningful title", "tag/label", "Send the Collection to Annotate", "Datasets and Projects",
    ):  # fmt: skip
        assert re.search(rf"^> .*{words}", quoted, re.MULTILINE), words


def test_the_organisation_has_the_schema_that_was_imported_last(walk: Walk) -> None:
    assert walk.ran[1].seen is None
    assert walk.after("metaquery schema set seed.json") == SEED
    fixed = walk.after("metaquery schema set fixed.json")
    assert (len(fixed), fixed["city"], fixed["captured_at"]) == (15, "string", "datetime")


def test_units_have_the_metadata_that_was_set_and_after_an_undo_what_they_had(walk: Walk) -> None:
    set_ = "metaquery metadata set --"
    before = next(run.seen for run in walk.ran if run.command.startswith("metaquery metadata list"))
    one = walk.after(f"{set_}unit")
    merged, replaced = (run.seen for run in walk.ran if run.command.startswith(f"{set_}where"))
    assert one["Street scenes west"] == [
        MINE if n == 3 else unit for n, unit in enumerate(before["Street scenes west"])
    ]
    assert merged == one
    assert replaced == {**one, "Street scenes west": [MINE] * 6}
    assert walk.after("metaquery metadata undo") == one


def test_the_list_has_each_unit_by_its_index_as_the_sdk_has_it(walk: Walk) -> None:
    listed = next(run for run in walk.ran if run.command.startswith("metaquery metadata list"))
    lines = [line.split("\t") for line in listed.printed.splitlines() if "\t" in line]
    assert [int(index) for index, _, _ in lines] == list(range(6))
    assert [json.loads(document) for _, _, document in lines] == listed.seen["Street scenes west"]


def test_collections_have_title_description_and_members(walk: Walk) -> None:
    send = 'metaquery collection send "Night drives"'
    dry, made, *_ = (run.seen for run in walk.ran if run.command.startswith(send))
    assert dry["collections"] == {}
    description, items = made["collections"]["Night drives"]
    assert (description, len(items)) == NIGHT
    frames = walk.after(f"{send} --project")["project collections"]["Night drives"]
    assert (frames[0], frames[1], len(set(frames[2]))) == ("Dark, since 2023", "FRAME", 4)
    labels = walk.after('metaquery collection send "Unsure cars"')["project collections"]["Unsure cars"]
    assert (labels[0], labels[1], len(labels[2])) == ("Cars by night that the model doubts", "LABEL", 1)


def test_a_dataset_and_a_project_have_the_items_of_their_collection(walk: Walk) -> None:
    slow = walk.after('metaquery collection send "Slow nights"')
    assert slow["datasets"]["Slow nights, to check"] == slow["collections"]["Slow nights"][1]
    made = walk.after('metaquery collection send "Night drives" --to project')
    assert made["datasets"]["Label the night"] == made["collections"]["Night drives"][1]
    europe = made["projects"]["Street scenes Europe"]
    assert made["projects"]["Label the night"] == (["Label the night"], europe[1])
    undone = walk.after("metaquery push undo")
    assert undone["datasets"]["Label the night"] == set()
    assert undone["collections"] == made["collections"]
