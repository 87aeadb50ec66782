"""JSON texts of every kind that client metadata may hold, by the type whose field they are for."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import strategies as st

Texts = st.SearchStrategy[str]

LETTERS = st.sampled_from(
    [*"aAbBzZéÉßİıŁσςΣñ%_\\' \n.*😀数", "e\u0301", "O\u0308", "\u0130", "\u00a0", "\u1e9e", '"', "\t"]
)
WORDS = st.one_of(
    st.sampled_from(
        ["Paris", "paris", "PARIS", "Lyon", "São Paulo", "", "50%", "a_b", "O'Brien", "seq_001/x.mp4", "n/a"]
    ),
    st.lists(LETTERS, max_size=5).map("".join),
)
"""Texts, not all of them in NFC."""

ENUM_VALUES = ("fog", "rain", "sun", "São", "it's")

UUIDS = [
    "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "00000000-0000-4000-8000-000000000001",
    "f" * 8 + "-ffff" * 3 + "-" + "f" * 12,
]

DAYS = [
    (2023, 1, 1), (2023, 1, 31), (2023, 2, 28), (2024, 2, 29), (2022, 12, 31), (2023, 3, 26), (2023, 10, 29),
    (2018, 11, 4), (2024, 3, 31), (1970, 1, 1), (1969, 12, 31), (1900, 2, 28), (2000, 2, 29), (2011, 12, 30),
    (2199, 7, 1),
]  # fmt: skip
"""Month ends, leap days, changes of clocks, before 1970, and a day that Samoa did not have."""

EDGES = [(1, 1, 1), (9999, 12, 31), (1582, 10, 10), (1, 1, 2)]

CLOCKS = [
    "00:00",
    "00:00:00",
    "23:59:59.999999",
    "12:30",
    "10:00:00.5",
    "01:30:00",
    "22:00:00.123456789012",
    "23:00:00.000000999",
]
OFFSETS = ["", "Z", "+00", "+02:00", "-0330", "+05:45", "-08", "+14:00", "-00:00"]


def escaped(text: str, *, ascii_only: bool = False) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)


@st.composite
def instants(draw: st.DrawFn) -> str:
    year, month, day = draw(st.sampled_from(DAYS * 2 + EDGES))
    if draw(st.integers(0, 4)) == 4:
        return f"{year:04}{month:02}{day:02}"
    text = f"{year:04}-{month:02}-{day:02}"
    if draw(st.integers(0, 3)) == 0:
        return text
    return text + draw(st.sampled_from("T ")) + draw(st.sampled_from(CLOCKS)) + draw(st.sampled_from(OFFSETS))


WRONG_INSTANTS = [
    "2023-02-29", "20230229", "0000-01-01", "2023-13-01", "2023-1-1", "2023-01", "2023", "2023-01-01T24:00",
    "2023-01-01T10", "2023-01-01t10:00", "2023-01-01T10:00z", "2023-01-01T10:00:00,5", "2023-01-01T10:00:00.",
    "2023-01-01T10:00:60", "2023-01-01T10:00:00.1234567890123", "2023-01-01 10:00 Europe/Paris", " 2023-01-01",
    "2023-01-01Z", "infinity", "epoch", "today", "２０２３-01-01", "2023-01-01T10:60", "2023-01-01T10:00+1",
    "-2023-01-01", "12023-01-01", "2023/01/01", "2023-01-01T10:00+24:00", "2023-01-01T10:00-02:60",
    "9999-12-31T23:59-01:00", "0001-01-01T00:00+00:01",
]  # fmt: skip

NUMBERS = [
    "0", "1", "-1", "2", "3.5", "50", "0.1", "-7", "1.0", "1e300", "-1e300", "5e-324", "9007199254740993",
    "-9007199254740993", "18446744073709551615", "123456789012345678901234567890", "1e5", "2.50", "-0.0", "1E2",
    "0.30000000000000004", "100",
]  # fmt: skip
WRONG_NUMBERS = ["1e400", "-1e400", '"12"', '"NaN"', '"Infinity"', "true", "[1]", '""']

POINTS = [
    (48.85, 2.35), (0, 0), (90, 180), (-90, -180), (10.5, 179.5), (-10.5, -179.5), (48.9, 2.2), (51.4778, -0.0015),
    (-33.86, 151.21),
]  # fmt: skip
WRONG_POINTS = [
    '{"latitude":91,"longitude":0}', '{"latitude":0,"longitude":-180.5}', '{"latitude":"1","longitude":2}',
    '{"latitude":1}', "[1,2]", '"POINT(1 2)"', '{"latitude":null,"longitude":1}', '{"Latitude":1,"longitude":1}',
    '{"latitude":true,"longitude":1}', "{}", '{"latitude":1e400,"longitude":1}',
]  # fmt: skip

VECTORS = ["[1,0,0]", "[0,0,0]", "[0.5,-0.25,2]", "[1,1,1]", "[-3,4,0]", "[0.1,0.2,0.3]", "[1e20,1,1]"]
WRONG_VECTORS = [
    "[1,2]",
    "[1,2,3,4]",
    '[1,"2",3]',
    "[1,null,3]",
    "[1,2,1e39]",
    "[[1],2,3]",
    '"[1,2,3]"',
    "[]",
    "[true,1,2]",
]

VALID: dict[str, Texts] = {
    "NUMBER": st.sampled_from(NUMBERS),
    "STRING": st.builds(escaped, WORDS, ascii_only=st.booleans()),
    "BOOLEAN": st.sampled_from(["true", "false"]),
    "DATETIME": instants().map(escaped),
    "ENUM": st.sampled_from([*ENUM_VALUES, unicodedata.normalize("NFD", "São")]).map(escaped),
    "UUID": st.sampled_from([*UUIDS, *map(str.upper, UUIDS)]).map(escaped),
    "POINT": st.sampled_from([f'{{"latitude":{lat},"longitude":{lon}}}' for lat, lon in POINTS]),
    "VECTOR": st.sampled_from(VECTORS),
}

WRONG: dict[str, list[str]] = {
    "NUMBER": WRONG_NUMBERS,
    "STRING": ["5", "true", '["Paris"]', '{"a":1}', "0.5"],
    "BOOLEAN": ['"true"', "1", "0", '"false"', "[true]"],
    "DATETIME": [*map(escaped, WRONG_INSTANTS), "20230101", "1700000000", "true"],
    "ENUM": ['"Rain"', '"snow"', "1", '" rain"', '["rain"]', '"Sao"'],
    "UUID": [
        '"3fa85f64"',
        '"3fa85f6457174562b3fc2c963f66afa6"',
        '"{3fa85f64-5717-4562-b3fc-2c963f66afa6}"',
        "5",
        '"g"',
    ],
    "POINT": WRONG_POINTS,
    "VECTOR": WRONG_VECTORS,
}
"""Written as the store writes JSON that it does not take: without blanks, characters as themselves."""


def values(type_: str) -> Texts:
    """JSON texts for a field: more of those that fit than of those that do not, and some null."""
    return st.one_of(VALID[type_], VALID[type_], VALID[type_], st.sampled_from(WRONG[type_]), st.just("null"))
