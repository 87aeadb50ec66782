from pathlib import Path

import pytest

from .world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An organisation of six data units, three of them labelled, not synced yet."""
    cities = ["Oslo", "Paris", "Rome", "Oslo", "Bonn", "Gent"]
    units = {f"d{n}": {"city": city, "dark": n % 2 == 0, "operator": "Åsa"} for n, city in enumerate(cities)}
    return World(tmp_path, units, {"d0": "car", "d1": "car", "d2": "bus"})


@pytest.fixture
def four(world: World) -> World:
    """The same after four syncs: one of everything, one with edits, one with a unit less, one with another more."""
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
