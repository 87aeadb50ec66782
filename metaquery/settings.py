"""`Settings`: what may be set from outside, with unit and default; the only reader of the environment.

Precedence: an argument, then `METAQUERY_*` of the environment, then the project's `metaquery.toml` (of this directory
or the nearest above), then the user's `config.toml`, then the default. Each value knows which of them it is from. A
face builds one `Settings` and passes it on.
"""

from __future__ import annotations

import os
from dataclasses import field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from metaquery.errors import SettingsError
from metaquery.frozen import dataclass
from metaquery.setting_files import project_file, read_settings, user_file
from metaquery.suggestions import similar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["KeySource", "Origin", "Settings", "key_source"]


class Origin(NamedTuple):
    """Where a value is from.

    Attributes
    ----------
    kind
        One of the five levels of precedence.
    place
        The variable, or the path of the file.
    """

    kind: Literal["argument", "environment", "project file", "user file", "default"]
    place: str = ""

    def __str__(self) -> str:
        return self.place or self.kind


Layer = dict[str, tuple[Any, Origin]]
"""Settings of one level of precedence by name, each with where it is from."""


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
        Memory that DuckDB may use, in MB; 0 is 800 where tables are made, 1,000 where COCO is, and leaves it to DuckDB
        in a query (80 % of the machine's).
    offline
        Refuse whatever needs the network.
    pager
        Program that shows what is longer than the screen; empty for none; None takes `PAGER`, else `less`.
    origins
        Where each value is from; what is missing is a default.
    """

    workspace: Path | None = None
    page_rows: int = 1_000
    connections: int = 4
    timeout_s: float = 60.0
    retry_budget_s: float = 60.0
    threads: int = 0
    memory_mb: int = 0
    offline: bool = False
    pager: str | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return what can be set."""
        return tuple(f.name for f in fields(cls) if f.name != "origins")

    @classmethod
    def read(
        cls, environ: Mapping[str, str] | None = None, *, start: Path | None = None, **arguments: object
    ) -> Settings:
        """Merge all that is set: arguments that are not None, the environment, the two files, the defaults.

        Parameters
        ----------
        environ
            None is the process's own.
        start
            Where to look for the project's file; None is the current directory.
        **arguments
            Settings by name.

        Raises
        ------
        SettingsError
            A value cannot be used, or there is no setting of a name; the nearest is named.
        """
        environ = os.environ if environ is None else environ
        project, user = project_file(start), user_file(environ)
        layers = (
            _of_file(user, "user file") if user is not None and user.is_file() else {},
            _of_file(project, "project file") if project is not None else {},
            _of_environment(environ),
            {name: (value, Origin("argument")) for name, value in arguments.items() if value is not None},
        )
        values, origins = merged(layers)
        return cls(**values, origins=origins)

    def origin(self, name: str) -> Origin:
        """Return where a value is from."""
        return self.origins.get(name, Origin("default"))

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                where = f" ({self.origin(name)})" if self.origin(name).place else ""
                raise SettingsError(f"{name} is {value:,}, and has to be from {low} to {high:,}{where}")


def merged(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[str, Origin]]:
    """Return the values that count, and where each is from; a later layer wins."""
    found: Layer = {}
    for layer in layers:
        found |= layer
    return {name: value for name, (value, _) in found.items()}, {name: origin for name, (_, origin) in found.items()}


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
        return f"KeySource(origin={self.origin!r}, path={self.shown_path!r})"

    @property
    def shown_path(self) -> str:
        """The path as it may be shown: somebody may put the key's text where its path belongs."""
        return "…" if self.path is not None and "\n" in str(self.path) else str(self.path)

    def exposed(self) -> str | None:
        """Return who else may read the key's file, as its mode has it: `mode 0644`; None where nobody may."""
        try:
            mode = 0 if self.path is None else self.path.stat().st_mode & 0o777
        except (OSError, ValueError):  # to read it will fail, and say why
            return None
        return f"mode {mode:04o}" if mode & 0o077 else None


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

_BOUNDS: dict[str, tuple[float, float]] = {
    "page_rows": (1, 1_000),
    "connections": (1, 16),
    "timeout_s": (0.001, 86_400),
    "retry_budget_s": (0, 86_400),
    "threads": (0, 1_024),
    "memory_mb": (0, 1_000_000_000),
}

_RUNS_A_PROGRAM = frozenset({"pager"})
"""What a project's file may not set: who fetched a project did not choose the programs that it would start."""

_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


def _of_environment(environ: Mapping[str, str]) -> Layer:
    names = {f"{_PREFIX}{name.upper()}": name for name in Settings.names()}
    found: Layer = {}
    for variable in sorted(v for v in environ if v.startswith(_PREFIX)):
        _check_name(variable, names, f"{variable} is not a setting of metaquery")
        name, text = names[variable], environ[variable]
        if text or name == "pager":  # an empty variable sets nothing, but an empty pager is none
            found[name] = (_from_text(variable, name, text), Origin("environment", variable))
    return found


def _of_file(path: Path, kind: Literal["project file", "user file"]) -> Layer:
    names = Settings.names()
    found: Layer = {}
    for name, value in read_settings(path).items():
        _check_name(name, names, f"{path}: {name!r} is not a setting of metaquery")
        if kind == "project file" and name in _RUNS_A_PROGRAM:
            raise SettingsError(
                f"{path}: a project's file cannot set {name}, as that is a program to start",
                hint=f"set it in {user_file() or 'a file of your own'}, or by {_PREFIX}{name.upper()}",
            )
        found[name] = (_from_toml(path, name, value), Origin(kind, str(path)))
    return found


def _check_name(name: str, known: Iterable[str], words: str) -> None:
    if name not in known:
        meant = similar(name, known)
        raise SettingsError(words, hint=f"did you mean {meant[0]}?" if meant else f"settings are {', '.join(known)}")


def _kind(name: str) -> str:
    """Return `int`, `float`, `bool`, `Path` or `str`."""
    return next(str(f.type).partition(" ")[0] for f in fields(Settings) if f.name == name)


def _from_text(variable: str, name: str, text: str) -> object:
    match _kind(name):
        case "int" | "float" as kind:
            try:
                return int(text.replace("_", "")) if kind == "int" else float(text)
            except ValueError:
                raise SettingsError(f"{variable} is {text!r}, and has to be a number") from None
        case "bool":
            if text.lower() not in _YES | _NO:
                raise SettingsError(f"{variable} is {text!r}, and has to be true or false")
            return text.lower() in _YES
        case "Path":
            return Path(text).expanduser()
        case _:
            return text


def _from_toml(path: Path, name: str, value: object) -> object:
    match _kind(name), value:
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool):
            return value
        case "float", int() | float() if not isinstance(value, bool):
            return float(value)
        case "str", str():
            return value
        case "Path", str():
            return path.parent / Path(value).expanduser()
    wanted = {"int": "a whole number", "float": "a number", "bool": "true or false"}.get(_kind(name), "a text")
    raise SettingsError(f"{path}: {name} is {value!r}, and has to be {wanted}")
