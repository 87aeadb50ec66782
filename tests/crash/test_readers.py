"""Readers beside a writer, in other processes and in the same one: each answer is of one published snapshot."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest

import metaquery
from metaquery.workspace import Workspace

from .reader import HOW, answer

_HOLDING = """
import sys, metaquery
view = metaquery.open(sys.argv[1], threads=1).as_of(sys.argv[2]).data
print("ready", flush=True)
sys.stdin.read()
print(view.count())
"""
_UNITS = 60
_TOTAL = 1_000 * _UNITS


class Bank:
    """A workspace of data units that pay each other; whatever is paid, the balances come to the same sum.

    Each sync adds a unit, moves a payment, and labels one unit more; every fifth one types everything anew.
    """

    def __init__(self, root: Path) -> None:
        self.workspace = metaquery.open(root, threads=1)
        self.units: dict[str, dict[str, int]] = {f"u{n}": {"balance": 1_000, "added": 0} for n in range(_UNITS)}
        self.labels = 1
        self.published: dict[str, list[Any]] = {}
        self._files = {name: root / f"{name}.ndjson" for name in ("units", "labels")}
        self._dice = Random(3)  # noqa: S311 - repeatable on purpose

    def sync(self) -> str:
        """Publish a snapshot; return its id."""
        number = len(self.published)
        payer, payee = self._dice.sample(sorted(self.units), 2)
        paid = self._dice.randrange(1, 500)
        self.units[payer]["balance"] -= paid
        self.units[payee]["balance"] += paid
        if number:
            self.units[f"new{number}"] = {"balance": 0, "added": number}
            self.labels += 1
        rows = [{"data_hash": name, "client_metadata": keys} for name, keys in self.units.items()]
        labels = [{"data_hash": name, "class": "car"} for name in [*self.units][: self.labels]]
        for name, lines in (("units", rows), ("labels", labels)):
            self._files[name].write_text("".join(json.dumps(line) + "\n" for line in lines))
        report, _ = self.workspace.sync_files(
            units=self._files["units"], labels=self._files["labels"], full=number % 5 == 4
        )
        name = report.snapshot.id
        self.published[name] = [name, len(self.units), self.labels, _TOTAL, number]
        return name


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path)


def start(stack: ExitStack, root: Path, how: str) -> subprocess.Popen[str]:
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-m", "tests.crash.reader", str(root), how],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    )
    stack.callback(process.kill)
    return process


def test_readers_in_other_processes_see_one_snapshot_each_time_while_syncs_publish(bank: Bank, tmp_path: Path) -> None:
    bank.sync()
    with ExitStack() as stack:
        readers = {how: start(stack, tmp_path, how) for how in HOW}
        for reader in readers.values():
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n", reader.stderr and reader.stderr.read()
        for _ in range(20):
            bank.sync()
        told = {how: reader.communicate() for how, reader in readers.items()}
    for how, (said, wrong) in told.items():
        assert wrong == "", how
        found = json.loads(said)
        assert [given for given in found["answers"] if given != bank.published[given[0]]] == [], how
        assert how == "first" or len(found["answers"]) > 3, how


def test_threads_of_one_process_see_one_snapshot_each_time_while_another_syncs(bank: Bank) -> None:
    bank.sync()
    done = threading.Event()
    answers: list[list[Any]] = []
    failures: list[BaseException] = []

    def read(how: Any) -> None:
        workspace = metaquery.open(bank.workspace.layout.root, threads=1)
        try:
            while not done.is_set():
                answers.append(how(workspace))
        except BaseException as error:  # noqa: BLE001 - the test's own thread raises it
            failures.append(error)

    threads = [threading.Thread(target=read, args=(how,)) for how in HOW.values()]
    for thread in threads:
        thread.start()
    for _ in range(6):
        bank.sync()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [given for given in answers if given != bank.published[given[0]]] == []
    assert len(answers) > len(threads)


def test_one_view_is_asked_by_several_threads_at_once(bank: Bank) -> None:
    name = bank.sync()
    view = bank.workspace.data
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.extend(view.filter("balance > 0").count() for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [_UNITS] * 80
    assert view.snapshot.id == name


@pytest.mark.parametrize("asked_before", [True, False], ids=["asked before", "asked for the first time"])
def test_a_view_outlives_the_syncs_that_follow(bank: Bank, asked_before: bool) -> None:
    name = bank.sync()
    view = bank.workspace.data
    if asked_before:
        assert view.count() == _UNITS
    for _ in range(4):
        bank.sync()
    assert view.count() == _UNITS
    assert view.facets("added")["added"].rows == {0.0: _UNITS}
    assert answer(bank.workspace.as_of(name)) == bank.published[name]
    assert answer(bank.workspace) == bank.published[bank.workspace.snapshot().id]


def others(workspace: Workspace) -> list[str]:
    return sorted(path.stem for path in workspace.layout.snapshots.glob("*.duckdb"))


def test_a_file_that_nobody_has_open_goes_and_one_that_somebody_has_stays(bank: Bank) -> None:
    first, second = bank.sync(), bank.sync()
    view = bank.workspace.as_of(first).data
    third, fourth = bank.sync(), bank.sync()
    assert others(bank.workspace) == [first, third, fourth]
    assert second not in others(bank.workspace)
    del view
    fifth = bank.sync()
    assert others(bank.workspace) == [fourth, fifth]


def test_a_prune_spares_what_another_process_has_open_and_the_next_one_takes_it(bank: Bank, tmp_path: Path) -> None:
    first, second, third = bank.sync(), bank.sync(), bank.sync()
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, str(tmp_path), first],
        cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        report = bank.workspace.history.prune(1)
        assert [snapshot.id for snapshot in report.dropped] == [second]
        assert [(entry.snapshot.id, entry.collection) for entry in report.spared] == [(first, None)]
        assert holder.communicate()[0] == f"{_UNITS}\n"
    assert [snapshot.id for snapshot in bank.workspace.history.prune(1).dropped] == [first]
    assert [entry.snapshot.id for entry in bank.workspace.history.log()] == [third]
    assert answer(bank.workspace) == bank.published[third]
