"""`metaquery demo`: the whole job, as a user would type it, against a stand-in Encord on this machine."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metaquery.errors import MetaqueryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["demo"]

_PROJECT = "Street scenes Europe"
_FILTER = "dark = true and captured_at > 2023-01-01"
_TITLE = "Night drives"
_START_S = 30.0


class _DemoFailed(MetaqueryError):
    """A step of the demo did not do what it should: a fault of ours."""


@click.command(short_help="Play the whole job against the sandbox.")
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Where; else a new ./metaquery-demo.")
@click.option("--units", type=click.IntRange(min=10), default=2_000, show_default=True, help="Street scenes to draw.")
def demo(directory: Path | None, units: int) -> None:
    """Play the whole job against a stand-in Encord on this machine, and check the result.

    \b
    Example:
      metaquery demo
    """
    home = _directory(directory)
    click.echo(f"This plays metaquery's whole job in {home}\n")
    with _server(home, units) as url:
        stage = _Stage(home)
        stage.play("connect", "--domain", url, "--key", "encord-key")
        stage.play("schema", "set", "schema.json")
        stage.play("schema", "show")
        stage.play("sync", "--project", _PROJECT)
        stage.play("query", _FILTER, "--order-by", "captured_at", "--limit", "5")
        stage.play("count", _FILTER)
        stage.play("count", "drak = true", exits=2)
        stage.play("explain", _FILTER)
        stage.play("query", "class = 'car' and confidence < 0.5 and dark", "--on", "predictions", "--limit", "3")
        stage.play("collection", "new", _TITLE, "--where", _FILTER, "--description", "Dark scenes since 2023")
        stage.play("query", f"tags has '{_TITLE}'", "--select", "title,city,tags", "--limit", "3")
        stage.play("collection", "show", _TITLE)
        stage.play("collection", "send", _TITLE, "--yes")
        stage.play("collection", "send", _TITLE, "--yes")
        _check(home)
    click.echo(f"\nThe server is stopped. The workspace stays for you:\n\n  cd {shlex.quote(_shown(home))}")
    command = "metaquery" if shutil.which("metaquery") else _shown(Path(sys.executable).with_name("metaquery"), home)
    click.echo(f"  {command} query \"city = 'Oslo' and weather is not 'clear'\"\n  {command} status")


class _Stage:
    """Runs commands as a user would, in the demo's directory."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def play(self, *arguments: str, exits: int = 0) -> None:
        """Show a command as typed, run it, and show what it prints.

        Raises
        ------
        _DemoFailed
            It exits otherwise than it should.
        """
        click.secho(f"$ {_typed(('metaquery', *arguments))}", bold=True)
        done = subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-m", "metaquery", *arguments],
            cwd=self._home,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        click.echo(done.stdout)
        if done.returncode != exits:
            raise _DemoFailed(f"the command above exited with {done.returncode}, and not with {exits}")


@contextmanager
def _server(home: Path, units: int) -> Iterator[str]:
    """Start the sandbox in a process of its own, give its URL, and stop it at the end."""
    arguments = [
        "sandbox",
        "serve",
        "--units",
        str(units),
        "--key-out",
        "encord-key",
        "--schema-out",
        "schema.json",
    ]
    click.secho(f"$ {_typed(('metaquery', *arguments))} &", bold=True)
    process = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "metaquery", *arguments],
        cwd=home,
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _url(process)
    finally:
        process.terminate()
        process.wait()


def _url(process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + _START_S
    lines = []
    assert process.stdout is not None  # noqa: S101  # asked for above
    for line in process.stdout:
        click.echo(line.rstrip())
        lines.append(line)
        found = next((word for word in line.split() if word.startswith("http://")), None)
        if found:
            click.echo()
            return found
        if time.monotonic() > deadline:
            break
    raise _DemoFailed("the sandbox did not start", hint="try: metaquery sandbox serve")


def _check(home: Path) -> None:
    """Read the Collection back from the server, and compare it with the one here."""
    from metaquery.workspace import open_workspace  # help must not pay for it

    workspace = open_workspace(home)
    collection = workspace.collections.get(_TITLE)
    there = workspace.pushes.read_back(collection)
    click.echo(
        f"Check: the Collection here has {collection.members:,} data units, Encord lists {len(there.found):,} items; "
        f"{len(there.missing):,} missing, {len(there.extra):,} too many."
    )
    if there.missing or there.extra or not there.found:
        raise _DemoFailed("the Collection on the server is not the one here")


def _directory(wanted: Path | None) -> Path:
    if wanted is None:
        names = (f"metaquery-demo{'' if n == 1 else f'-{n}'}" for n in range(1, 1_000))
        wanted = next(Path(name) for name in names if not Path(name).exists())
    elif wanted.exists() and any(wanted.iterdir()):
        raise UsageError(f"{wanted} is not empty", hint="name a directory that is, or one that does not exist yet")
    wanted.mkdir(parents=True, exist_ok=True)
    return wanted.absolute()


def _environment() -> dict[str, str]:
    """Leave out the user's own settings and keys: they must not reach the demo."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_"))}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def _typed(words: Sequence[str]) -> str:
    """Return a command as a user would type it: double quotes, as filters are full of single ones."""
    return " ".join(f'"{word}"' if any(c in word for c in " '<>=()*") else word for word in words)


def _shown(path: Path, start: Path | None = None) -> str:
    return os.path.relpath(path, start)
