"""What is on the road in a street scene: as it is, as people drew it, and as a model saw it.

One truth per unit; annotators draw it nearly right, the model misses some, shifts the rest and sees a few
things that are not there. So labels and predictions of one unit can be compared, which is what they are for.
"""

from __future__ import annotations

from hashlib import blake2b
from random import Random
from struct import Struct
from typing import Any, Final

from metaquery.sandbox.identity import short_hash
from metaquery.sandbox.places import WEATHERS
from metaquery.sandbox.source import Box, Opened, Topic, UnitLabels

__all__ = ["BRANCHES", "ONTOLOGY", "label_unit", "opened", "truth"]

BRANCHES: Final = ("main", "model-v1")
"""`main` holds what people drew; the other, predictions (encord-wire-protocol.md §6.6)."""

_ANNOTATORS: Final = ("ana@example.com", "bo@example.com", "chidi@example.com", "dana@example.com")
_MODEL: Final = "model-v1@example.com"
_EPOCH: Final = 1_714_564_800
"""2024-05-01 12:00 UTC: when labelling began."""

_CLASSES: Final = (
    ("Car", "car", "#D33115"), ("Truck", "truck", "#E27300"), ("Bus", "bus", "#16406C"),
    ("Bicycle", "bicycle", "#16A765"), ("Pedestrian", "pedestrian", "#7B64FF"),
    ("Traffic light", "traffic_light", "#FCDC00"),
)  # fmt: skip
_WEIGHTS: Final = (40, 10, 6, 14, 20, 10)
_SHAPES: Final = ((0.16, 0.12), (0.22, 0.2), (0.26, 0.24), (0.07, 0.12), (0.04, 0.16), (0.02, 0.07))
"""Usual width and height of each class, as fractions of the picture."""

ONTOLOGY: Final[dict[str, Any]] = {
    "objects": [
        {
            "id": str(n + 1), "name": name, "value": value, "color": colour, "shape": "bounding_box",
            "featureNodeHash": short_hash(value.encode()), "required": False, "archived": False, "attributes": [],
        }
        for n, (name, value, colour) in enumerate(_CLASSES)
    ],
    "classifications": [
        {
            "id": "1", "featureNodeHash": short_hash(b"weather seen"),
            "attributes": [
                {
                    "id": "1.1", "name": "Weather", "type": "radio", "required": False, "dynamic": False,
                    "featureNodeHash": short_hash(b"weather"),
                    "options": [
                        {
                            "id": f"1.1.{n + 1}", "label": w.capitalize(), "value": w,
                            "featureNodeHash": short_hash(b"weather " + w.encode()),
                        }
                        for n, w in enumerate(WEATHERS)
                    ],
                }
            ],
        }
    ],
    "skeleton_templates": [],
}  # fmt: skip
"""The editor structure of the ontology (encord-wire-protocol.md §6.1)."""

_LOTS = Struct("<4H")


def _lots(seed: int, unit: int, project: int, branch: str) -> tuple[int, ...]:
    return _LOTS.unpack(blake2b(b"%d:%d:%d:%s" % (seed, unit, project, branch.encode()), digest_size=8).digest())


def opened(seed: int, unit: int, project: int, branch: str) -> Opened | None:
    """Six units in ten have been opened on `main`, three in four were seen by the model."""
    chance, how_far, when, who = _lots(seed, unit, project, branch)
    if branch != "main":
        created = _EPOCH + 2_592_000 + unit
        return Opened(0, created, created, None) if chance < 49152 else None
    if chance >= 39322:
        return None
    created = _EPOCH + 3600 + unit
    stage = 0 if how_far < 13000 else 1 if how_far < 33000 else 2
    return Opened(stage, created, created + when % 7200, _ANNOTATORS[who & 3] if stage < 2 else None)


def truth(seed: int, unit: int, frames: int) -> list[Box]:
    """Say what is on the road: nothing to six road users, the nearer the larger."""
    dice = Random(f"{seed}:{unit}")  # noqa: S311 - drawn scenes, not secrets
    boxes = []
    for n in range(min(dice.randrange(9), 6)):
        feature = dice.choices(range(6), _WEIGHTS)[0]
        scale = dice.uniform(0.4, 1.5)
        w, h = (round(side * scale, 4) for side in _SHAPES[feature])
        top = dice.uniform(0.08, 0.2) if feature == 5 else 0.52 + 0.14 * scale - h / 2
        first = dice.randrange(max(frames - 3, 1))
        boxes.append(
            Box(
                feature=feature, object_hash=short_hash(b"%d:%d:%d" % (seed, unit, n)),
                frames=tuple(range(first, min(first + 3, frames))),
                x=round(dice.uniform(0.01, 0.98 - w), 4), y=round(min(max(top, 0.0), 0.98 - h), 4), w=w, h=h,
                confidence=1.0, manual=True, author="", drawn_at=0.0,
            )
        )  # fmt: skip
    return boxes


def label_unit(seed: int, unit: int, project: int, branch: str, *, weather: int, frames: int) -> UnitLabels:
    """Labels of a unit that has been opened, as people (on `main`) or the model (elsewhere) made them."""
    row = opened(seed, unit, project, branch)
    at = row.edited if row else float(_EPOCH)
    dice = Random(f"{seed}:{unit}:{project}:{branch}")  # noqa: S311 - drawn scenes, not secrets
    seen = truth(seed, unit, frames)
    if branch == "main":
        return _drawn(dice, seen, weather, at)
    return _predicted(dice, seen, weather, at, frames)


def _drawn(dice: Random, seen: list[Box], weather: int, at: float) -> UnitLabels:
    author = dice.choice(_ANNOTATORS)
    boxes = []
    for box in seen:
        taken_over = dice.random() < 0.1
        boxes.append(
            _shifted(dice, box, 0.004)._replace(
                object_hash=_renamed(dice, box), manual=not taken_over, author=author,
                confidence=round(dice.uniform(0.5, 0.99), 3) if taken_over else 1.0,
                drawn_at=at - dice.randrange(600),
            )
        )  # fmt: skip
    topic = Topic(_name(dice), weather, 1.0, True, author, at) if dice.random() < 0.7 else None
    return UnitLabels(tuple(boxes), topic)


def _predicted(dice: Random, seen: list[Box], weather: int, at: float, frames: int) -> UnitLabels:
    boxes = []
    for box in seen:
        large = min(box.w * box.h / 0.04, 1.0)
        if dice.random() > 0.75 + 0.2 * large:
            continue
        sure = round(min(0.35 + 0.45 * large + dice.uniform(0, 0.25), 0.999), 3)
        feature = dice.randrange(6) if dice.random() < 0.06 else box.feature
        boxes.append(_shifted(dice, box, 0.012)._replace(feature=feature, confidence=sure))
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        feature = dice.randrange(6)
        w, h = _SHAPES[feature]
        frame = dice.randrange(frames)
        x, y = round(dice.uniform(0, 0.98 - w), 4), round(dice.uniform(0.3, 0.98 - h), 4)
        sure = round(dice.uniform(0.1, 0.55), 3)
        boxes.append(Box(feature, "", (frame,), x, y, w, h, sure, False, _MODEL, at))
    named = [b._replace(object_hash=_name(dice), manual=False, author=_MODEL, drawn_at=at) for b in boxes]
    guess = weather if dice.random() < 0.9 else dice.randrange(len(WEATHERS))
    return UnitLabels(tuple(named), Topic(_name(dice), guess, round(dice.uniform(0.5, 0.999), 3), False, _MODEL, at))


def _shifted(dice: Random, box: Box, by: float) -> Box:
    x = min(max(box.x + dice.uniform(-by, by), 0.0), 0.99 - box.w)
    y = min(max(box.y + dice.uniform(-by, by), 0.0), 0.99 - box.h)
    return box._replace(x=round(x, 4), y=round(y, 4))


def _renamed(dice: Random, box: Box) -> str:
    return short_hash(box.object_hash.encode() + dice.randbytes(4))


def _name(dice: Random) -> str:
    return dice.randbytes(4).hex()
