"""Where a user's own files lie, by the XDG base directory specification: settings, cache and state, each apart.

The same on every system, macOS included: people keep dotfiles of command lines in one place. Paths that are not
absolute are passed over, as the specification says.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["cache_directory", "config_directory", "state_directory"]


def config_directory(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return `$XDG_CONFIG_HOME/metaquery`, else `~/.config/metaquery`; None where there is no home."""
    return _directory("XDG_CONFIG_HOME", ".config", environ)


def cache_directory(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return `$XDG_CACHE_HOME/metaquery`, else `~/.cache/metaquery`: what can be made again."""
    return _directory("XDG_CACHE_HOME", ".cache", environ)


def state_directory(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return `$XDG_STATE_HOME/metaquery`, else `~/.local/state/metaquery`: histories, and details of crashes."""
    return _directory("XDG_STATE_HOME", ".local/state", environ)


def _directory(variable: str, usual: str, environ: Mapping[str, str] | None) -> Path | None:
    base = (os.environ if environ is None else environ).get(variable, "")
    if base.startswith("/"):
        return Path(base) / "metaquery"
    try:
        return Path.home() / usual / "metaquery"
    except RuntimeError:
        return None
