"""What is journalled has an id that tells the order."""

from __future__ import annotations

from metaquery.store.journal import new_id


def test_ids_of_one_second_sort_as_they_were_given() -> None:
    given = [new_id() for _ in range(50)]
    assert given == sorted(given)
