"""`grammar/README.md` and the grammar say what the cases show, and the cases show all that they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest
from lark import Lark, Token

from metaquery.errors import FilterError
from metaquery.language import limits, parse, parse_view, saved
from metaquery.language import syntax as s
from metaquery.language.functions import FUNCTIONS, TRUNCATED
from metaquery.schema import RELATIONS

from .blocks import DIRECTORY, Block
from .language import compiled
from .test_language import BLOCKS

PAGE = (DIRECTORY.parent / "README.md").read_text(encoding="utf-8")
NOTATION = (DIRECTORY / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    found = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert found, title
    return found


def words(text: str) -> set[str]:
    """Return the names in the code of a piece of the page."""
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"[a-z]\w*", code)}


def test_every_code_has_a_case_of_its_kind_and_no_case_has_another() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section("Errors"), re.MULTILINE)
    documented = {(kind, code) for kind, codes in rows for code in re.findall(r"`([a-z-]+)`", codes)}
    found = set()
    for _, block in BLOCKS:
        if "code" in block.outcome:
            with pytest.raises(FilterError) as raised:
                compiled(block)
            found.add((raised.value.kind, raised.value.code))
    assert found == documented


def test_the_page_has_the_reserved_words() -> None:
    reserved = section("Words").partition("**Reserved**")[2].partition("`.")[0]
    assert words(reserved + "`") == limits.WORDS


def test_the_page_has_every_function() -> None:
    table = section("Functions")
    named = {name for code in re.findall(r"`([^`]+)`", table) for name in re.findall(r"[a-z_0-9]+", code)}
    assert set(FUNCTIONS) | {"count"} | set(TRUNCATED) <= named
    called = set(re.findall(r"([a-z_0-9]+)\(", table))
    assert called <= set(FUNCTIONS) | {"count"}


def test_every_function_has_a_case() -> None:
    called = {name for _, block in BLOCKS for name in re.findall(r'\["call", "(\w+)"', block.outcome.get("tree", ""))}
    assert called == set(FUNCTIONS) - {"exists"}, "exists(f) is `is not null` in the tree"


def test_the_page_has_every_built_in_field_with_its_type() -> None:
    for relation in RELATIONS.values():
        (row,) = re.findall(rf"^\| \w+, `{relation.qualifier}\.` \| (.*) \|$", section("Names"), re.MULTILINE)
        named = {name: kind for names, kind in re.findall(r"`([a-z_ ]+)` ([A-Z]+)", row) for name in names.split()}
        assert named == {field.name: field.type for field in relation.fields}


def test_the_page_has_the_limits() -> None:
    numbers = {int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", section("Limits"))}
    assert {
        limits.LENGTH_BYTES,
        limits.NESTING,
        limits.DEPTH,
        limits.CHAIN,
        limits.ITEMS,
        limits.NODES,
        limits.REGEX_LENGTH,
        saved.NESTED,
    } <= numbers


def test_the_first_filters_of_the_page_are_filters() -> None:
    for line in PAGE.partition("```\n")[2].partition("```")[0].splitlines():
        compiled(Block((), {"filter": line}, {}))


def test_every_rule_and_every_word_of_the_grammar_has_a_case() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in DIRECTORY.parent.glob("*.lark")}
    rules = {name for text in texts.values() for name in re.findall(r"(?m)^[^/\n]+->\s*(\w+)", text)}
    rules |= {name for text in texts.values() for name in re.findall(r"(?m)^([a-z]\w*):", text)}
    terminals = {name for text in texts.values() for name in re.findall(r"(?m)^([A-Z]\w*)(?:\.\d+)?:", text)}
    seen = {name for _, block in BLOCKS if "code" not in block.outcome for name in parts(block)}
    assert (rules | terminals) - {"BLANK", "COMMENT"} <= seen


@cache
def parser() -> Lark:
    return Lark(
        (DIRECTORY.parent / "filter.lark").read_text(encoding="utf-8"),
        parser="lalr",
        start=["filter", "view"],
        import_paths=[str(DIRECTORY.parent)],
        keep_all_tokens=True,
    )


def parts(block: Block) -> Iterator[str]:
    """Yield the rules and terminals that a text is made of."""
    tree = parser().parse(block.text, "view" if block.is_view else "filter")
    for node in [tree] if isinstance(tree, Token) else tree.iter_subtrees():
        yield node.type if isinstance(node, Token) else str(node.data)
        yield from (child.type for child in getattr(node, "children", ()) if isinstance(child, Token))


def test_every_node_of_the_syntax_tree_is_in_some_tree() -> None:
    seen = {type(node) for _, block in BLOCKS if "code" not in block.outcome for node in nodes(block)}
    # `null` is read in `is null` alone, and leaves no node of its own there
    assert seen == set(get_args(s.Expr)) - {s.Null}


def nodes(block: Block) -> Iterator[s.Expr]:
    view = parse_view(block.text) if block.is_view else s.View(parse(block.text))
    waiting = [*([] if view.where is None else [view.where]), *(key.key for key in view.order)]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += s.children(node)


def test_the_notation_of_trees_has_every_head() -> None:
    table = NOTATION.partition("## The tree\n")[2]
    documented = {head for code in re.findall(r"`([^`]+)`", table) for head in re.findall(r'\["([^"]+)"', code)}
    documented |= {head for heads in re.findall(r"heads `([^`]+)`", table) for head in heads.split()}
    documented |= {f"i{head}" for head in ("contains", "starts with", "ends with")}
    heads = {head for _, block in BLOCKS for head in heads_of(json.loads(block.outcome.get("tree", "null")))}
    assert heads <= documented, sorted(heads - documented)


def heads_of(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from heads_of(tree.get("where"))
        for head, key in tree.get("order", ()):
            yield head
            yield from heads_of(key)
    elif isinstance(tree, list) and isinstance(tree[0], str):
        yield tree[0]
        for part in tree[1:]:
            yield from heads_of(part)
