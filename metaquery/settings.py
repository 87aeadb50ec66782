"""`Settings`: what may be set from outside, with unit and default; the only reader of the environment.

Precedence: an argument, then the environment, then the default. A face builds one `Settings` and passes it on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from metaquery.errors import SettingsError
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KeySource", "Settings", "key_source"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set.

    Attributes
    ----------
    workspace
        Directory of the workspace; None looks for `.metaquery` here and in the directories above.
    page_rows
        Data units asked for in one request, 1 to 1,000.
    connections
        Requests under way at once, 1 to 16.
    timeout_s
        Seconds to wait for one answer of the server.
    retry_budget_s
        Seconds that retries of one request may take together.
    threads
        Threads of one query; 0 is one a core.
    memory_mb
        Memory that DuckDB may use, in MB; 0 is 800 where tables are made, and leaves it to DuckDB in a query (80 % of
        the machine's).
    """

    workspace: Path | None = None
    page_rows: int = 1_000
    connections: int = 4
    timeout_s: float = 60.0
    retry_budget_s: float = 60.0
    threads: int = 0
    memory_mb: int = 0

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None, **arguments: object) -> Settings:
        """Merge defaults, `METAQUERY_*` of the environment, and arguments that are not None.

        Raises
        ------
        SettingsError
            A value cannot be read, or `METAQUERY_X` is no setting; the nearest is named.
        """
        environ = os.environ if environ is None else environ
        found: dict[str, object] = {}
        names = {f"{_PREFIX}{f.name.upper()}": f.name for f in fields(cls)}
        for variable in sorted(v for v in environ if v.startswith(_PREFIX)):
            if variable not in names:
                meant = similar(variable, names)
                hint = f"did you mean {meant[0]}?" if meant else f"settings are {', '.join(names)}"
                raise SettingsError(f"{variable} is not a setting of metaquery", hint=hint)
            found[names[variable]] = _converted(variable, names[variable], environ[variable])
        found.update((name, value) for name, value in arguments.items() if value is not None)
        return replace(cls(), **found)  # type: ignore[arg-type]  # _converted gave each field its type

    def __post_init__(self) -> None:
        for name, low, high in (("page_rows", 1, 1_000), ("connections", 1, 16), ("threads", 0, 1_024)):
            if not low <= getattr(self, name) <= high:
                raise SettingsError(f"{name} is {getattr(self, name)}, and has to be from {low} to {high}")


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the private key is to be read from; never the key itself in a `repr`.

    Attributes
    ----------
    origin
        What to call it in an error: the option, the variable, or the connection's file.
    path
        The key's file, `~` expanded; None where `text` has it.
    """

    origin: str
    path: Path | None
    _text: str | None = None

    def text(self) -> str | None:
        """Return the key's text where it came from the environment."""
        return self._text

    def __repr__(self) -> str:
        # Somebody may put the key's text where its path belongs.
        path = "…" if self.path is not None and "\n" in str(self.path) else self.path
        return f"KeySource(origin={self.origin!r}, path={str(path)!r})"


def key_source(remembered: str | None, environ: Mapping[str, str] | None = None) -> KeySource | None:
    """Find the key as the official SDK does: a given path, `ENCORD_SSH_KEY_FILE`, `ENCORD_SSH_KEY`.

    Parameters
    ----------
    remembered
        Path from an argument or from the workspace's connection; wins.

    Notes
    -----
    `encord-wire-protocol.md` §2.1.
    """
    environ = os.environ if environ is None else environ
    if remembered:
        return KeySource("the key file", Path(remembered).expanduser())
    if environ.get("ENCORD_SSH_KEY_FILE"):
        return KeySource("ENCORD_SSH_KEY_FILE", Path(environ["ENCORD_SSH_KEY_FILE"]).expanduser())
    if environ.get("ENCORD_SSH_KEY"):
        return KeySource("ENCORD_SSH_KEY", None, environ["ENCORD_SSH_KEY"])
    return None


_PREFIX = "METAQUERY_"


def _converted(variable: str, name: str, text: str) -> object:
    kinds = {f.name: f.type for f in fields(Settings)}
    try:
        match kinds[name]:
            case "int":
                return int(text.replace("_", ""))
            case "float":
                return float(text)
            case _:
                return Path(text).expanduser()
    except ValueError:
        raise SettingsError(f"{variable} is {text!r}, and has to be a number") from None
