"""Ids of snapshots sort as they were published."""

from __future__ import annotations

import itertools
import time

import pytest

from metaquery.store.snapshot import new_snapshot_id


def test_ids_sort_by_time_also_where_a_second_ends_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    gmtime, clock = time.gmtime, itertools.count(1_764_000_000_000_000_000, 300_000_001)
    monkeypatch.setattr(time, "time_ns", lambda: next(clock))
    monkeypatch.setattr(
        time, "gmtime", lambda seconds=None: gmtime(next(clock) // 10**9 if seconds is None else seconds)
    )
    ids = [new_snapshot_id() for _ in range(20)]
    assert ids == sorted(set(ids))


def test_an_id_sorts_behind_the_one_before_even_if_the_clock_was_set_back() -> None:
    ahead = "29991231T235959-000000007"
    assert new_snapshot_id(ahead) == "29991231T235959-000000008"
