"""`docs/reference/python.md`: the public names of the package, as their docstrings tell of them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from tests.documentation.docstrings import Docstring, signature
from tests.documentation.public import ROOMS, function_of, members, titled

HEAD = """\
# Python reference

Every public name, with what it takes, what it raises, and an example that a test runs. The examples begin with `ws`, a
workspace: `ws = metaquery.open("scenes")`. What is built is lazy, and runs when something is asked of it.

`%load_ext metaquery` brings the cell magic `%%metaquery` to a notebook (`pip install 'metaquery[notebook]'`): the cell
is a filter, and `:city` in it stands for the notebook's variable `city`.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for room in ROOMS:
        parts.append(f"## {room.title}\n\n{room.words}\n")
        parts += [part for documented in room.does for part in _entry(documented)]
        parts += [part for told in room.tells for part in _entry(told)]
    return "\n".join(parts)


def _entry(documented: Any) -> Iterator[str]:
    title = titled(documented)
    yield f"### {title}\n"
    if inspect.isfunction(documented):
        yield f"```python\n{signature(title, documented)}\n```\n"
    yield f"{Docstring.of(documented).markdown()}\n"
    if isinstance(documented, type):
        for name, member in members(documented):
            yield from _member(title, name, member)


def _member(owner: str, name: str, member: Any) -> Iterator[str]:
    function = function_of(member)
    if function.__doc__ is None:  # written as the interface asks, and told of there
        return
    yield f"#### {owner}.{name}\n"
    if isinstance(member, (property, cached_property)):
        gives = inspect.signature(function).return_annotation
        yield f"```python\n{name}: {gives}\n```\n"
    else:
        yield f"```python\n{signature(name, function)}\n```\n"
    yield f"{Docstring.of(function).markdown()}\n"
