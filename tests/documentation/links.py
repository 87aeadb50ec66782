"""Links between Markdown pages of the repository: where each leads, and whether that is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOMES = ("*.md", "docs/**/*.md", "grammar/**/*.md", "benchmarks/*.md", "tests/*.md", "examples/*.md")

_FENCE = re.compile(r"^ *(```+|~~~+)[^\n]*\n.*?^ *\1 *$", re.DOTALL | re.MULTILINE)
_REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]*)>?(?: \"[^\"]*\")?\)")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def pages() -> list[Path]:
    """Return the Markdown files that people read."""
    return sorted({file for pattern in HOMES for file in ROOT.glob(pattern)})


def links(text: str) -> list[str]:
    """Return where the links of a page lead; what is in code is none."""
    prose = _REMARK.sub("", _FENCE.sub("", text))
    return [found[1] for found in _LINK.finditer(_CODE.sub("`code`", prose))]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as repositories' pages make them."""
    found: Counter[str] = Counter()
    names = set()
    for heading in _HEADING.findall(_REMARK.sub("", _FENCE.sub("", text))):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        name = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        names.add(f"{name}-{found[name]}" if found[name] else name)
        found[name] += 1
    return names


def broken(page: Path) -> Iterator[str]:
    """Yield each link of a page that leads nowhere in the repository; addresses elsewhere are not asked."""
    text = page.read_text(encoding="utf-8")
    for link in links(text):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if re.match(r"[a-z]+:", link):
            continue
        if not target.is_relative_to(ROOT) or not target.exists():
            yield f"{page.relative_to(ROOT)}: {link}: there is no such file"
        elif anchor and (target.suffix != ".md" or anchor not in anchors(target.read_text(encoding="utf-8"))):
            yield f"{page.relative_to(ROOT)}: {link}: the page has no such heading"
