"""What a filter selects, in words: the cases of `grammar/cases/words.json`, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from metaquery.errors import UsageError
from metaquery.language import BindOptions, compile_filter, parse, query, syntax
from metaquery.language.functions import FUNCTIONS
from metaquery.language.words import in_words
from metaquery.schema import DATA
from tests.golden import words
from tests.golden.blocks import DIRECTORY, Block, read
from tests.golden.language import compiled
from tests.properties.schemas import SCHEMA

SUBJECTS = words.read()
CASES = [pytest.param(block, id=f"{subject}: {block.text}") for subject, blocks in SUBJECTS.items() for block in blocks]

Node = TypeVar("Node")


def said(text: str, zone: str = "UTC", *, bound_in: str | None = None) -> str:
    options = BindOptions(time_zone=bound_in or zone, now=datetime(2024, 6, 15, 12, tzinfo=UTC))
    return in_words(compile_filter(text, SCHEMA, DATA, options=options), time_zone=zone)


@pytest.mark.parametrize("block", CASES)
def test_case(block: Block) -> None:
    assert words.run(block) == block.outcome, block.text


def nodes(whole: Node, inside: Callable[[Node], Iterable[Node]]) -> Iterator[Node]:
    waiting = [whole]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(inside(node))


def test_the_cases_have_every_node_and_every_function() -> None:
    found: set[str] = set()
    called: set[str] = set()
    for blocks in SUBJECTS.values():
        for block in blocks:
            asked = compiled(block)
            for whole in filter(None, (asked.where, *[key.key for key in asked.order])):
                found |= {type(node).__name__ for node in nodes(whole, query.parts)}
            if not block.is_view:
                written = nodes(parse(block.text), syntax.children)
                called |= {node.name for node in written if isinstance(node, syntax.Call)}
    assert found == set(str(query.Value).split(" | "))
    assert called | {"exists"} == set(FUNCTIONS)  # which is `is not null` once it is read


@pytest.mark.parametrize(
    ("bound_in", "text", "words"),
    [
        ("UTC", "captured_at = 2023-01-01", "captured_at is on 1 January 2023 (UTC)"),
        (
            "Europe/Paris",
            "captured_at = 2023-01-01",
            "captured_at is from 23:00 on 31 December 2022 until just before 23:00 on 1 January 2023 (UTC)",
        ),
        ("Europe/Paris", "captured_at < 2023-01", "captured_at is before 23:00 on 31 December 2022 (UTC)"),
        ("Europe/Paris", "captured_at >= 2023-01", "captured_at is at or after 23:00 on 31 December 2022 (UTC)"),
        ("Europe/Paris", "captured_at <= 2023-01", "captured_at is before 23:00 on 31 January 2023 (UTC)"),
        ("Europe/Paris", "captured_at > 2023-01", "captured_at is at or after 23:00 on 31 January 2023 (UTC)"),
        (
            "Europe/Paris",
            "captured_at between 2023-01 and 2023-02",
            "captured_at is from 23:00 on 31 December 2022 to just before 23:00 on 28 February 2023 (UTC)",
        ),
        ("Europe/Paris", "hour(captured_at) < 5", "the hour of captured_at (Europe/Paris) is less than 5"),
    ],
)
def test_days_that_were_bound_in_another_time_zone_are_said_as_instants(bound_in: str, text: str, words: str) -> None:
    assert said(text, "UTC", bound_in=bound_in) == words


def test_an_unknown_time_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(UsageError, match="Mars/Olympus"):
        in_words(compile_filter("dark", SCHEMA, DATA), time_zone="Mars/Olympus")


def test_a_hidden_character_is_shown() -> None:
    assert said("city = '\u202esiraP'") == r"city is '\u{202E}siraP'"


@pytest.mark.parametrize(
    "text",
    [
        "count(label where " * 9 + "dark" + ") + speed not in (speed, temperature)" * 9,
        "count(label where " * 14 + "dark" + ") + speed not between temperature and 2" * 14,
        "((" * 49 + "dark" + ") is unknown) = dark" * 49,
        "coalesce(" * 99 + "dark" + ", false)" * 99,
    ],
    ids=["lists", "ranges", "unknown", "calls"],
)
def test_conditions_deep_in_each_other_are_each_said_once(text: str) -> None:
    bound = compile_filter(text, SCHEMA, DATA)
    assert len(in_words(bound, time_zone="UTC")) < 10_000


def test_every_golden_case_of_the_language_has_words() -> None:
    for path in sorted(DIRECTORY.glob("*.cases")):
        for block in read(path):
            if "canonical" in block.outcome:
                assert words.run(block)["words"].isprintable(), block.text
