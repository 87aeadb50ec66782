"""Filter Encord client metadata on your own machine, and turn what you find into Collections.

>>> import metaquery
>>> ws = metaquery.open("scenes")                                               # doctest: +SKIP
>>> ws.data.filter("dark and captured_at > 2023-01-01").limit(50).to_arrow()    # doctest: +SKIP

Names are imported when they are first used, so that `import metaquery` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from metaquery.version import __version__

if TYPE_CHECKING:
    from metaquery.collection import Collection
    from metaquery.errors import FilterError, MetaqueryError
    from metaquery.lake import Lake, open_lake
    from metaquery.language.building import Condition, F, Operand
    from metaquery.tally import Tally
    from metaquery.view import View
    from metaquery.workspace import Workspace
    from metaquery.workspace import open_workspace as open  # noqa: A004  # metaquery.open, as in gzip.open

__all__ = [
    "Collection",
    "Condition",
    "F",
    "FilterError",
    "Lake",
    "MetaqueryError",
    "Operand",
    "Tally",
    "View",
    "Workspace",
    "__version__",
    "open",
    "open_lake",
]

_HOMES = {
    "Collection": ("metaquery.collection", "Collection"),
    "Condition": ("metaquery.language.building", "Condition"),
    "F": ("metaquery.language.building", "F"),
    "FilterError": ("metaquery.errors", "FilterError"),
    "Lake": ("metaquery.lake", "Lake"),
    "MetaqueryError": ("metaquery.errors", "MetaqueryError"),
    "Operand": ("metaquery.language.building", "Operand"),
    "Tally": ("metaquery.tally", "Tally"),
    "View": ("metaquery.view", "View"),
    "Workspace": ("metaquery.workspace", "Workspace"),
    "open_lake": ("metaquery.lake", "open_lake"),
    "open": ("metaquery.workspace", "open_workspace"),
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'metaquery' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def load_ipython_extension(shell: Any) -> None:
    """Bring the cell magic `%%metaquery` to a notebook: `%load_ext metaquery`."""
    from metaquery.notebook import load  # with it comes IPython

    load(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
