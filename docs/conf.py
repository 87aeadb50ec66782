"""How Sphinx makes a site of these pages; `make docs` runs it, without a network.

The pages stay plain Markdown that a repository's own pages show, too: what Sphinx needs besides is added here. The
table of contents is that of `index.md`: each of its sections, with the pages that it links.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygments.lexer import Lexer
from pygments.lexers.special import TextLexer
from pygments.token import Error, Keyword, Name, Number, Operator, Punctuation, String, Text, Token
from sphinx.errors import ExtensionError

from metaquery.language.tokens import tokens
from metaquery.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

project = "metaquery"
author = "the authors of metaquery"
project_copyright = f"{author}, Apache-2.0"
release = version = __version__

extensions = ["myst_parser"]
root_doc = "docs/index"
_FOLDERS = ("docs", "docs/reference", "grammar", "grammar/cases")
include_patterns = ["*.md", *(f"{folder}/*.md" for folder in _FOLDERS), "benchmarks/README.md", "tests/README.md"]
exclude_patterns = [".venv", "build", "dist", ".*", "benchmarks/data", "metaquery"]
nitpicky = True
myst_heading_anchors = 6
highlight_language = "none"
myst_links_external_new_tab = False

html_theme = "furo"
html_title = f"metaquery {version}"
html_additional_pages = {"index": "forward.html"}
templates_path = ["site"]
html_static_path = ["site/static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}

SECTION = re.compile(r"^## (?P<title>.+)\n(?P<body>(?:(?!## ).*\n?)*)", re.MULTILINE)
PAGE = re.compile(r"(?P<first>^- )?\[(?P<words>[^\]]+)\]\((?P<path>[^)#]+)\.md\)", re.MULTILINE)

LOADED = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"'](?P<address>(?:https?:)?//[^\"']*)")

KINDS = {
    "word": Keyword,
    "sign": Operator,
    "bracket": Punctuation,
    "name": Name,
    "text": String,
    "number": Number,
    "time": Number,
    "constant": Keyword.Constant,
    "saved": Name.Function,
    "parameter": Name.Variable,
    "rest": Error,
}
"""How Pygments calls what the language's own lexer tells apart."""


class FilterLexer(Lexer):
    """Filters, a line each, coloured by the lexer of the language."""

    name = "metaquery filter"
    aliases = ("filter",)

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, Any, str]]:
        """Yield where each piece stands, what it is, and its text."""
        begin = 0
        for line in text.splitlines(keepends=True):
            at = 0
            for piece in tokens(line.rstrip("\n")):
                yield from self._between(line, at, piece.start, begin)
                yield begin + piece.start, KINDS[piece.kind], line[piece.start : piece.end]
                at = piece.end
            yield from self._between(line, at, len(line), begin)
            begin += len(line)

    @staticmethod
    def _between(line: str, start: int, end: int, begin: int) -> Iterator[tuple[int, Any, str]]:
        if start < end:
            blank = line[start:end]
            yield begin + start, Token.Comment if "#" in blank else Text, blank


def with_contents(_app: Sphinx, name: str, source: list[str]) -> None:
    """Add the table of contents to the home page: hidden there, at the side of each page, in the words of its links."""
    if name != root_doc:
        return
    for section in SECTION.finditer(source[0]):
        pages = PAGE.finditer(section["body"])
        listed = "\n".join(f"{p['words']} <{p['path']}>" if p["first"] else p["path"] for p in pages)
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {section['title']}\n\n{listed}\n```\n"


def needs_no_network(app: Sphinx, failed: Exception | None) -> None:
    """Refuse a site that loads anything from elsewhere."""
    for page in () if failed else Path(app.outdir).rglob("*.html"):
        found = LOADED.search(page.read_text(encoding="utf-8"))
        if found:
            raise ExtensionError(f"{page} loads {found['address']} from elsewhere")


def setup(app: Sphinx) -> None:
    """Register what is ours."""
    app.add_lexer("filter", FilterLexer)
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", with_contents)
    app.connect("build-finished", needs_no_network)
