import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from .world import World


def organisation(root: Path) -> World:
    cities = ["Oslo", "Paris", "Rome", "Oslo", "Bonn", "Gent"]
    units = {f"d{n}": {"city": city, "dark": n % 2 == 0, "operator": "Åsa"} for n, city in enumerate(cities)}
    return World(root, units, {"d0": "car", "d1": "car", "d2": "bus"})


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An organisation of six data units, three of them labelled, not synced yet."""
    return organisation(tmp_path)


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The organisation of `four`, to be copied and not touched."""
    world = organisation(tmp_path_factory.mktemp("four"))
    world.sync()
    world.units["d1"] = {"city": "Nice", "dark": "perhaps", "operator": "Bo"}
    world.labelled["d1"] = "tram"
    world.sync()
    del world.units["d0"]
    world.sync()
    world.units["d6"] = {"city": "Oslo", "speed": 12.5}
    world.units["d2"] = {"city": "Rome", "dark": None}
    world.sync()
    return world


@pytest.fixture
def four(tmp_path: Path, synced: World) -> World:
    """The same after four syncs: one of everything, one with edits, one with a unit less, one with another more."""
    shutil.copytree(synced.root, tmp_path, dirs_exist_ok=True)
    own = {name: deepcopy(getattr(synced, name)) for name in ("units", "labelled", "schema")}
    return replace(synced, root=tmp_path, **own)
