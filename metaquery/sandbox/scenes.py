"""Street scenes: drawn data of any size, the same for the same seed, computed from a unit's number.

Unit `u` does not depend on how many units there are: the first k of any two sandboxes with one seed are alike.
Each unit has hidden facts (city, day, minute, weather); its metadata, its labels and its picture follow from
them, so that a filter finds what a person would expect. About one value in ten of each key is missing and one
in a hundred is of the wrong type, as real metadata is.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from hashlib import blake2b
from struct import Struct
from typing import Any, Final, NamedTuple

from metaquery.sandbox.answers import encode
from metaquery.sandbox.drawing import Boxed, draw_street
from metaquery.sandbox.identity import uuid_of
from metaquery.sandbox.places import (
    CITIES,
    DESCRIPTIONS,
    DISTRICTS,
    MISFITS,
    NOTES,
    OPERATORS,
    WEATHER_OF_MONTH,
    WEATHERS,
    City,
)
from metaquery.sandbox.scene_labels import BRANCHES, ONTOLOGY, label_unit, opened, truth
from metaquery.sandbox.source import DatasetPlan, Media, Opened, ProjectPlan, UnitLabels

__all__ = ["SCHEMA", "Scenes"]

SCHEMA: Final[dict[str, Any]] = {
    "captured_at": {"ty": "variant", "hint": "datetime"},
    "city": {"ty": "variant", "hint": "varchar"},
    "dark": {"ty": "variant", "hint": "boolean"},
    "speed": {"ty": "variant", "hint": "number"},
    "temperature": {"ty": "variant", "hint": "number"},
    "weather": {"ty": "enum", "values": sorted(WEATHERS)},
    "rig": {"ty": "variant", "hint": "uuid"},
    "frame rate": {"ty": "variant", "hint": "number"},
    "site-id": {"ty": "variant", "hint": "varchar"},
    "video.description": {"ty": "variant", "hint": "text"},
    "reviewed_at": {"ty": "variant", "hint": "datetime"},
    "note": {"ty": "variant", "hint": "text"},
    "gps": {"ty": "geospatial"},
    "clip": {"ty": "embedding", "size": 4, "api": None},
}

_KEYS = tuple(SCHEMA)
_NULL, _MISFIT, _ODD = 400, 655, 655 + 6554
"""Of 65,536 lots, which mean that a value is null (fewer than 1 %), does not fit (1 %), or is missing (10 %)."""
_BROKEN = 23_000
"""The thermometer (key 4) fails more often; the lots from `_ODD` to here are its own."""

_LOTS = Struct("<32H")
_DAYS = [date(2021, 1, 1) + timedelta(days=n) for n in range(1461)]
_DASHED = [d.isoformat() for d in _DAYS]
_PLAIN = [d.strftime("%Y%m%d") for d in _DAYS]
_MINUTES = [f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)]


def _piece(key: str, value: object) -> str:
    return f"{encode(key).decode()}:{encode(value).decode()}"


def _daylight(day: int) -> tuple[int, int]:
    half = 366 + 190 * math.cos(2 * math.pi * (day % 365 - 172) / 365)
    return round(750 - half), round(750 + half)


_SUN = [_daylight(day) for day in range(1461)]
_WEATHER_OF_DAY = [WEATHER_OF_MONTH[d.month - 1] for d in _DAYS]
_SEASON = [round(-100 * math.cos(2 * math.pi * (day % 365 - 20) / 365)) for day in range(1461)]
_CITY = [[_piece("city", c.name) for c in district] for district in CITIES]
_SITE = [[[_piece("site-id", f"{c.code}-{n:03d}") for n in range(50)] for c in d] for d in CITIES]
_DARK = (_piece("dark", False), _piece("dark", True))
_SPEED = [_piece("speed", tenth // 10 if tenth % 10 == 0 else tenth / 10) for tenth in range(1400)]
_TEMPERATURE = [_piece("temperature", tenth / 10) for tenth in range(-400, 500)]
_WEATHER = [_piece("weather", w) for w in WEATHERS]
_RATES = (10, 12.5, 25, 29.97, 30)
_RATE = [_piece("frame rate", r) for r in _RATES]
_NOTE = [_piece("note", n) for n in NOTES]
_OPERATOR = [_piece("operator", n) for n in OPERATORS]
_MISFITS = {key: [_piece(key, v) for v in values] for key, values in MISFITS.items()}
_NULLS = {key: _piece(key, None) for key in _KEYS}
_DIMMED = (0, 150, 250, 300, 50)
"""By how many tenths of km/h each weather slows traffic."""


def _clip(n: int) -> str:
    lots = blake2b(b"clip%d" % n, digest_size=8).digest()
    vector = [lots[k] + lots[k + 4] - 255 for k in range(4)]
    length = math.sqrt(sum(v * v for v in vector)) or 1.0
    return _piece("clip", [round(v / length, 4) for v in vector])


def _gps(place: City, n: int) -> str:
    north, east = (n * 619 % 1024 - 512) * 1.2e-4, (n * 379 % 1024 - 512) * 1.9e-4
    return _piece("gps", {"latitude": round(place.latitude + north, 6), "longitude": round(place.longitude + east, 6)})


_GPS = [[[_gps(c, n) for n in range(1024)] for c in district] for district in CITIES]
_CLIP = [_clip(n) for n in range(2048)]


def _odd(position: int, lot: int) -> str:
    """Give what stands for a value that is missing or wrong; an empty text where the key is left out."""
    key = _KEYS[position]
    if lot < _MISFIT:
        return _MISFITS[key][lot % len(_MISFITS[key])]
    return _NULLS[key] if lot < _MISFIT + _NULL else ""


def _image(n: int) -> Media:
    width, height = _FORMATS[n % 3]
    return Media("IMAGE", "image/jpeg", width, height, 1, None, None, 90_000 + n * 421)


def _video(n: int) -> Media:
    (width, height), fps, seconds = _FORMATS[n % 3], (25.0, 30.0, 10.0)[n % 3], 4.0 + n % 9
    return Media("VIDEO", "video/mp4", width, height, int(fps * seconds), fps, seconds, 4_000_000 + n * 16_421)


_FORMATS = ((1280, 720), (1920, 1080), (2048, 1536))
_IMAGES, _VIDEOS = [_image(n) for n in range(873)], [_video(n) for n in range(873)]


class Facts(NamedTuple):
    """What is true of a scene, whether or not its metadata says so."""

    district: int
    city: int
    day: int
    minute: int
    weather: int
    dark: bool


class Scenes:
    """A `UnitSource` of drawn street scenes.

    Parameters
    ----------
    units
        How many; a million cost no more memory than one.
    seed
        The same seed gives the same scenes.
    """

    folder = "Street scenes"
    description = "Drawn street scenes; none of this was ever in front of a camera"
    bucket = "s3://street-scenes"
    datasets = tuple(
        DatasetPlan(f"Street scenes {name}", f"Streets in the {name} of Europe, drawn", n, len(DISTRICTS))
        for n, name in enumerate(DISTRICTS)
    )
    projects = (
        ProjectPlan("Street scenes Europe", "Road users, all districts", tuple(d.title for d in datasets)),
        ProjectPlan("Street scenes Nordics", "Road users, the north again", (datasets[0].title,)),
    )
    branches = BRANCHES
    ontology_title = "Road users"
    ontology = ONTOLOGY
    schema = SCHEMA

    def __init__(self, units: int = 1000, seed: int = 7) -> None:
        self.units = units
        self.seed = seed
        self._key = f"scenes:{seed}".encode()
        self._rigs = [_piece("rig", uuid_of(seed, f"rig {n}")) for n in range(40)]
        self._descriptions: dict[int, str] = {}

    def name(self, unit: int) -> str:
        """File name of a unit; the names sort as the units are numbered."""
        return f"scene_{unit:07d}.mp4" if self._is_video(unit) else f"scene_{unit:07d}.jpg"

    def media(self, unit: int) -> Media:
        """Give the file behind a unit: an image, or one time in 32 a video."""
        return (_VIDEOS if self._is_video(unit) else _IMAGES)[unit % 873]

    @staticmethod
    def _is_video(unit: int) -> bool:
        return (unit * 0x9E3779B1 & 0xFFFFFFFF) >> 27 == 11  # Fibonacci hashing: spread over all datasets

    def _lots(self, unit: int) -> tuple[int, ...]:
        return _LOTS.unpack(blake2b(b"%d" % unit, key=self._key, digest_size=64).digest())

    def facts(self, unit: int) -> Facts:
        """Say what is true of a scene."""
        return Facts(*self._facts(unit, self._lots(unit)))

    @staticmethod
    def _facts(unit: int, lots: tuple[int, ...]) -> tuple[int, int, int, int, int, bool]:
        district = unit & 3
        day, minute = lots[15] % 1461, lots[16] % 1440
        sunrise, sunset = _SUN[day]
        city = lots[18] % len(_CITY[district])
        return district, city, day, minute, _WEATHER_OF_DAY[day][lots[19] & 15], not sunrise <= minute < sunset

    def metadata(self, unit: int) -> str:
        """Client metadata of a unit, as JSON text put together from encoded pieces."""
        lots = self._lots(unit)
        if lots[31] < 130:
            return "{}"
        facts = self._facts(unit, lots)
        parts = self._fitting(lots, facts)
        for position, lot in enumerate(lots[:14]):
            if lot < _ODD:
                parts[position] = _odd(position, lot)
        if _ODD <= lots[4] < _BROKEN:
            parts[4] = ""
        if lots[31] & 7 == 3:
            parts.append(_OPERATOR[lots[30] & 7])
        return f"{{{','.join(filter(None, parts))}}}"

    def _fitting(self, lots: tuple[int, ...], facts: tuple[int, int, int, int, int, bool]) -> list[str]:
        district, city, day, minute, weather, dark = facts
        place = CITIES[district][city]
        pace = 180 + (lots[20] + lots[21] >> 7) - _DIMMED[weather] // 2 - (40 if dark else 0)
        warmth = round(place.warmth * 10) + _SEASON[day] + (lots[22] >> 9) - 64 - (35 if dark else 0)
        snow = weather == 3
        rig = lots[23] % 40
        told = (((district * 6 + city) * 5 + weather) * 2 + dark) * 8 + (lots[25] & 7)
        return [
            _captured_at(day, minute, lots[17]),
            _CITY[district][city],
            _DARK[dark],
            _SPEED[max(0, pace)],
            _TEMPERATURE[(min(warmth, 15) if snow else warmth) + 400],
            _WEATHER[weather],
            self._rigs[rig],
            _RATE[rig % 5],
            _SITE[district][city][lots[24] % 50],
            self._descriptions.get(told) or self._describe(told, Facts(*facts)),
            _reviewed_at(day, lots[26]),
            _NOTE[lots[27] % len(_NOTE)],
            _GPS[district][city][lots[28] >> 6],
            _CLIP[(weather * 2 + dark) * 200 + lots[30] % 200],
        ]

    def _describe(self, told: int, facts: Facts) -> str:
        text = DESCRIPTIONS[told & 7].format(
            light="night" if facts.dark else "day",
            city=CITIES[facts.district][facts.city].name,
            weather=WEATHERS[facts.weather],
        )
        piece = self._descriptions[told] = _piece("video.description", text[0].upper() + text[1:])
        return piece

    def opened(self, unit: int, project: int, branch: str) -> Opened | None:
        """Whether somebody, or a model, has opened the unit's labels."""
        return opened(self.seed, unit, project, branch)

    def labels(self, unit: int, project: int, branch: str) -> UnitLabels:
        """Labels of a unit, people's on `main`, the model's elsewhere."""
        weather, frames = self.facts(unit).weather, self.media(unit).frames
        return label_unit(self.seed, unit, project, branch, weather=weather, frames=frames)

    def picture(self, unit: int) -> str:
        """Draw the scene: sky, road, weather and what is on the road."""
        facts = self.facts(unit)
        boxes = [Boxed(ONTOLOGY["objects"][b.feature], b) for b in truth(self.seed, unit, self.media(unit).frames)]
        caption = f"{CITIES[facts.district][facts.city].name}, {_DASHED[facts.day]} {_MINUTES[facts.minute]}"
        return draw_street(boxes, dark=facts.dark, weather=WEATHERS[facts.weather], caption=caption)


def _captured_at(day: int, minute: int, lot: int) -> str:
    """Write a time in one of the forms of ISO 8601 that people use; a quarter are dates alone."""
    form = lot & 15
    if form < 2:
        return f'"captured_at":"{_PLAIN[day]}"'
    if form < 4:
        return f'"captured_at":"{_DASHED[day]}"'
    return f'"captured_at":"{_DASHED[day]}{_TAILS[form][0]}{_MINUTES[minute]}{_TAILS[form][1][lot >> 4]}"'


def _reviewed_at(day: int, lot: int) -> str:
    later = min(day + 1 + lot % 60, 1460)
    if lot & 64:
        return f'"reviewed_at":"{_DASHED[later]}"'
    return f'"reviewed_at":"{_DASHED[later]}T{_MINUTES[480 + lot % 540]}:00Z"'


def _tails(form: int) -> tuple[str, list[str]]:
    between, ending = (
        ("T", "{s:02d}"), ("T", "{s:02d}Z"), ("T", "{s:02d}.{f:03d}"), ("T", "{s:02d}.{f:03d}Z"),
        ("T", "{s:02d}.{f:03d}{f:03d}"), ("T", "{s:02d}+02:00"), (" ", "{s:02d}"), ("T", "{s:02d}.{f:03d}000Z"),
        ("T", "{s:02d}Z"), (" ", "{s:02d}.{f:03d}"), ("T", "{s:02d}-05:00"), ("T", "{s:02d}"),
    )[form - 4]  # fmt: skip
    return between, [":" + ending.format(s=n % 60, f=n * 7 % 1000) for n in range(4096)]


_TAILS = {form: _tails(form) for form in range(4, 16)}
