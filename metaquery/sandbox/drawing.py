"""A street scene as SVG: enough to recognise what the metadata and the labels say."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metaquery.sandbox.source import Box

__all__ = ["Boxed", "draw_card", "draw_street"]

_SKIES: Final = {
    "clear": ("#7ec8f2", "#10183a"), "rain": ("#8b98a5", "#141a26"), "fog": ("#c6ccd0", "#3a3f45"),
    "snow": ("#dbe6ee", "#2a3346"), "overcast": ("#a9b4bc", "#1b2130"),
}  # fmt: skip
"""Colour of the sky by day and by night."""


class Boxed(NamedTuple):
    """A road user and where it stands."""

    feature: Mapping[str, Any]
    """The ontology's object."""
    box: Box


def draw_street(boxes: Sequence[Boxed], *, dark: bool, weather: str, caption: str) -> str:
    """Draw the scene, 640 by 360."""
    ground, road, mark = ("#23262b", "#33373d", "#9a8f55") if dark else ("#8fa77c", "#6b6f75", "#f4f1de")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360">',
        f"<title>{escape(caption)}</title>",
        f'<rect width="640" height="200" fill="{_SKIES[weather][dark]}"/>',
        _sun_or_moon(dark=dark, clear=weather == "clear"),
        f'<rect y="200" width="640" height="160" fill="{ground}"/>',
        f'<path d="M250 200H390L640 360H0Z" fill="{road}"/>',
        f'<path d="M320 205V355" stroke="{mark}" stroke-width="5" stroke-dasharray="22 16"/>',
        *(_house(n, dark=dark) for n in range(6)),
        *(_road_user(b) for b in boxes),
        *_falling(weather),
        f'<text x="10" y="350" font-family="sans-serif" font-size="13" fill="#fff">{escape(caption)}</text>',
        "</svg>",
    ]
    return "".join(parts)


def draw_card(title: str, lines: Sequence[str]) -> str:
    """Draw a card with some lines of text, for units that have no scene."""
    rows = "".join(
        f'<text x="24" y="{92 + 30 * n}" font-size="18" fill="#27496d">{escape(line)}</text>'
        for n, line in enumerate(lines[:8])
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360" width="640" height="360" '
        f'font-family="sans-serif"><title>{escape(title)}</title><rect width="640" height="360" fill="#eef4f8"/>'
        f'<text x="24" y="50" font-size="24" fill="#0c2233">{escape(title)}</text>{rows}</svg>'
    )


def _sun_or_moon(*, dark: bool, clear: bool) -> str:
    radius, colour = (18, "#e8e6d9") if dark else (26, "#ffd94a")
    return f'<circle cx="540" cy="60" r="{radius}" fill="{colour}" opacity="{1 if clear else 0.25}"/>'


def _house(n: int, *, dark: bool) -> str:
    left = n * 44 if n < 3 else 380 + n * 44
    height = 50 + n * 37 % 60
    wall, window = ("#2c2f3a", "#f2d675") if dark else ("#b98f78", "#dfeaf2")
    panes = "".join(
        f'<rect x="{left + 7 + 14 * k}" y="{212 - height}" width="8" height="12" fill="{window}"/>' for k in range(2)
    )
    return f'<rect x="{left}" y="{202 - height}" width="38" height="{height}" fill="{wall}"/>{panes}'


def _road_user(drawn: Boxed) -> str:
    feature, box = drawn
    x, y, w, h = box.x * 640, box.y * 360, box.w * 640, box.h * 360
    return (
        f'<g><title>{escape(str(feature["name"]))}</title><rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" '
        f'height="{h:.1f}" rx="3" fill="{feature["color"]}" fill-opacity=".8" stroke="#111"/></g>'
    )


def _falling(weather: str) -> list[str]:
    if weather == "fog":
        return ['<rect width="640" height="360" fill="#dfe3e6" opacity=".45"/>']
    if weather not in {"rain", "snow"}:
        return []
    mark = (
        '<path d="M{x} {y}l-4 14" stroke="#cfe3f5"/>'
        if weather == "rain"
        else '<circle cx="{x}" cy="{y}" r="2" fill="#fff"/>'
    )
    return [mark.format(x=n * 73 % 640, y=n * 131 % 350) for n in range(60)]
