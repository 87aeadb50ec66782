"""The vocabulary of the street scenes: where, what weather, what was written down about it."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "CITIES", "DESCRIPTIONS", "DISTRICTS", "MISFITS", "NOTES", "OPERATORS", "WEATHERS", "WEATHER_OF_MONTH",
    "City",
]  # fmt: skip


class City(NamedTuple):
    """A place where scenes were taken; the code begins its site ids."""

    name: str
    code: str
    latitude: float
    longitude: float
    warmth: float
    """Mean of the year, °C."""


DISTRICTS: Final = ("north", "south", "east", "west")

CITIES: Final[tuple[tuple[City, ...], ...]] = (
    (
        City("Oslo", "NO-OSL", 59.9139, 10.7522, 6.5),
        City("Stockholm", "SE-STO", 59.3293, 18.0686, 7.4),
        City("Helsinki", "FI-HEL", 60.1699, 24.9384, 6.1),
        City("Copenhagen", "DK-CPH", 55.6761, 12.5683, 9.1),
        City("Reykjavík", "IS-REK", 64.1466, -21.9426, 5.0),
        City("Tromsø", "NO-TRO", 69.6492, 18.9553, 2.9),
    ),
    (
        City("Rome", "IT-ROM", 41.9028, 12.4964, 15.9),
        City("Madrid", "ES-MAD", 40.4168, -3.7038, 15.0),
        City("Lisbon", "PT-LIS", 38.7223, -9.1393, 17.4),
        City("Athens", "GR-ATH", 37.9838, 23.7275, 18.8),
        City("Naples", "IT-NAP", 40.8518, 14.2681, 16.2),
    ),
    (
        City("Warsaw", "PL-WAW", 52.2297, 21.0122, 9.0),
        City("Kraków", "PL-KRK", 50.0647, 19.9450, 8.9),
        City("Prague", "CZ-PRG", 50.0755, 14.4378, 9.3),
        City("Budapest", "HU-BUD", 47.4979, 19.0402, 11.3),
        City("Vilnius", "LT-VNO", 54.6872, 25.2797, 7.4),
        City("Bucharest", "RO-BUH", 44.4268, 26.1025, 11.6),
    ),
    (
        City("Paris", "FR-PAR", 48.8566, 2.3522, 12.3),
        City("London", "GB-LON", 51.5074, -0.1278, 11.3),
        City("Dublin", "IE-DUB", 53.3498, -6.2603, 9.8),
        City("Amsterdam", "NL-AMS", 52.3676, 4.9041, 10.2),
        City("Zürich", "CH-ZRH", 47.3769, 8.5417, 9.4),
    ),
)
"""Cities by district."""

WEATHERS: Final = ("clear", "rain", "fog", "snow", "overcast")

_CLEAR, _RAIN, _FOG, _SNOW, _OVERCAST = range(5)
_COLD = (_SNOW,) * 6 + (_OVERCAST,) * 4 + (_CLEAR,) * 3 + (_RAIN,) * 2 + (_FOG,)
_MILD = (_CLEAR,) * 6 + (_RAIN,) * 4 + (_OVERCAST,) * 4 + (_FOG,) * 2
_WARM = (_CLEAR,) * 10 + (_OVERCAST,) * 3 + (_RAIN,) * 3
WEATHER_OF_MONTH: Final = (
    _COLD, _COLD, _MILD, _MILD, _MILD, _WARM, _WARM, _WARM, _MILD, _MILD, _MILD, _COLD,
)  # fmt: skip
"""Sixteen lots for each month, January first."""

DESCRIPTIONS: Final = (
    "{light} street in {city}, {weather}. The rig waits at the lights; traffic crosses from the left.",
    "{light} drive through the centre of {city}. Weather: {weather}. Parked cars on both sides.",
    "{city}, {light} and {weather}: a bus stop with people waiting, bicycles on the right.",
    "Roundabout on the way out of {city}; {weather}, {light}.\nTwo lanes, one of them closed for works.",
    "{light} scene, {city}. {weather}. Tram tracks, wet surface possible, reflections in shop windows.",
    "School street in {city}, {weather}, {light}. Slow traffic; children may cross.",
    "Car park exit, {city}. {light}; {weather}. Barrier opens late.",
    "{light} residential road in {city}, {weather}. Bins out, narrow passage, one cyclist oncoming.",
)

NOTES: Final = (
    "ok", "checked twice", "50% of the lens is dirty", "glare from low sun", "café terrace on the left",
    'driver said "slow down"', "it's a one-way street", "Straßenbahn kreuzt", "naïve crossing – no zebra",
    "🚲 three abreast", "🌧️ wipers on", "日本の観光バス", "C:\\captures\\night", "see ticket #4711",
    "lens_cap_off", "tab\tseparated", "first line\nsecond line", "", " ", "100 %", "Ελληνικά γράμματα",
    "NULL", "true", "2023-01-01", "œuvre, ça va", "a/b; c|d", "<b>bold</b>", "ok",
)  # fmt: skip

OPERATORS: Final = ("Åsa", "Bjørn", "Chloé", "Dimitris", "Ewa", "François", "Gül", "Hanna")

MISFITS: Final[dict[str, tuple[object, ...]]] = {
    "captured_at": ("last Tuesday", "2023-02-30", 1680307200, "n/a", "", [1], "12:30"),
    "city": (12.5, True, ["Oslo"], {}, 0),
    "dark": ("true", "yes", "no", 1, 0, "n/a", {}),
    "speed": ("12.5", "n/a", [1], {}, "fast", True, "1,5"),
    "temperature": ("-3.5", "n/a", [1], {}, "cold", False),
    "weather": ("hail", 3, True, ["rain"], "Rain"),
    "rig": ("not-a-uuid", 7, "n/a", {}),
    "frame rate": ("25", "n/a", [25], "25 fps"),
    "site-id": (14, False, {}, ["NO-OSL-014"]),
    "video.description": (12.5, [1], {}, False),
    "reviewed_at": ("last Tuesday", "2023-02-30", "yes", 20230401, {}),
    "note": (12.5, True, [1], {}, 50),
    "gps": ("59.9,10.7", [59.9, 10.7], {"latitude": "north"}, {"lat": 1, "lng": 2}, "n/a"),
    "clip": ([1], "0.1 0.2", {}, [0.1, "0.2", 0.3, 0.4], "n/a"),
}
"""Values that do not fit their key's type, as people and scripts write them."""
