"""The parser's tables are kept for the user alone, survive damage, and are never a pickle."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from lark import Token, Transformer

from metaquery.language import grammar, patterns
from metaquery.language.patterns import Patterns


def build(directory: Path) -> str:
    parser = grammar.build_parser(Transformer[Token, object](), directory=directory)
    return str(parser.parse("dark = true", start="filter"))


def kept(directory: Path) -> Path:
    return next(directory.glob("parser-*.tables"))


def test_the_grammar_is_data_beside_the_package_or_in_it() -> None:
    names = {path.name for path in grammar.grammar_directory().iterdir()}
    assert {"filter.lark", "literals.lark", "README.md"} <= names
    assert not [name for name in names if name.endswith(".py")]


def test_tables_are_kept_for_the_user_alone_and_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    first = build(cache)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert kept(cache).stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(grammar, "_build", lambda: pytest.fail("built although the tables are kept"))
    assert build(cache) == first


@pytest.mark.parametrize("damage", [b"", b"not marshal", b"\xe9\0\0\0", pickle.dumps({"data": 1})])
def test_a_damaged_file_is_replaced(tmp_path: Path, damage: bytes) -> None:
    whole = build(tmp_path)
    size = kept(tmp_path).stat().st_size
    kept(tmp_path).write_bytes(damage)
    assert build(tmp_path) == whole
    assert kept(tmp_path).stat().st_size == size


def test_a_file_that_others_may_write_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path)
    kept(tmp_path).chmod(0o666)
    built = []
    tables = grammar._build()
    monkeypatch.setattr(grammar, "_build", lambda: built.append(1) or tables)
    build(tmp_path)
    assert built


def test_without_a_place_to_keep_them_tables_are_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "comparison" in build(blocked / "below")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    grammar.build_parser(Transformer[Token, object]())
    assert kept(tmp_path / "xdg" / "metaquery").is_file()


def test_kept_expressions_are_those_that_python_compiles() -> None:
    tables = grammar._build()
    kept = Patterns(tables[2])
    assert len(tables[2]) > 30
    for pattern in tables[2]:
        made, anew = kept.compile(pattern), re.compile(pattern)
        assert made == anew
        for text in (
            "dark = true",
            "'Paris' or",
            "2023-01-01T10:00Z",
            "not_dark",
            "größe",
            "7d)",
            "\N{NO-BREAK SPACE}x",
        ):
            ours, theirs = made.match(text), anew.match(text)
            assert (ours and (ours.span(), ours.lastgroup)) == (theirs and (theirs.span(), theirs.lastgroup))


def test_without_kept_expressions_python_compiles_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_here(pattern: str) -> None:
        raise AttributeError(pattern)

    monkeypatch.setattr(patterns, "_compiled", not_here)
    assert grammar._build()[2] == {}
    assert "comparison" in build(tmp_path)
