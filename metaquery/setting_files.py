"""Files of settings: a project's `metaquery.toml`, and the user's `config.toml`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaquery.errors import SettingsError
from metaquery.user_directories import config_directory

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROJECT_FILE", "project_file", "read_settings", "user_file"]

PROJECT_FILE = "metaquery.toml"


def project_file(start: Path | None = None) -> Path | None:
    """Return the `metaquery.toml` of a directory, or of the nearest above that has one.

    Parameters
    ----------
    start
        None is the current directory.
    """
    try:
        start = Path.cwd() if start is None else start.absolute()
    except FileNotFoundError:  # somebody removed the directory that we are in
        return None
    return next((d / PROJECT_FILE for d in (start, *start.parents) if (d / PROJECT_FILE).is_file()), None)


def user_file(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return where the user's own settings lie, whether there are any or not; None where there is no home."""
    directory = config_directory(environ)
    return None if directory is None else directory / "config.toml"


def read_settings(path: Path) -> dict[str, Any]:
    """Return what a file sets.

    Raises
    ------
    SettingsError
        It cannot be read, or is no TOML.
    """
    import tomllib  # 5 ms that only who has such a file pays

    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is no TOML: {error}", hint="settings are lines like: page_rows = 500") from None
