"""`metaquery config`: what is set, and where each value is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.keys import aligned
from metaquery.cli.options import workspace_option
from metaquery.cli.switches import switched
from metaquery.setting_files import PROJECT_FILE, project_file, user_file
from metaquery.settings import Origin, Settings, key_source

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["config"]


@click.command(short_help="Show what is set, and where each value is from.")
@click.option("--locate", is_flag=True, help="Show where the files of settings are, or would be, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@workspace_option
def config(locate: bool, as_json: bool, workspace: Path | None) -> None:
    """Show every setting: its value, and where that is from.

    A flag wins over METAQUERY_* of the environment, that over the project's metaquery.toml (of this directory or the
    nearest above), that over your own config.toml. Files have a line a setting, such as: page_rows = 500

    \b
    Examples:
      metaquery config
      metaquery config --locate
      metaquery config --json
    """
    if locate:
        files = _files()
        lines = aligned([(kind, path, there) for kind, path, there in _located(files)], numbers=set())
        document: dict[str, Any] = {
            kind: {"path": path, "exists": there == ""} for kind, path, there in _located(files)
        }
    else:
        settings = Settings.read(
            workspace=workspace.expanduser() if workspace else None, offline=switched("offline") or None
        )
        lines = aligned([*_rows(settings), _key_row()], numbers=set())
        document = _document(settings)
    if as_json:
        import json  # 5 ms that the other form need not pay

        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for line in lines:
        click.echo(line)


def _files() -> dict[str, tuple[Path | None, bool]]:
    project, user = project_file(), user_file()
    return {"project": (project, project is not None), "user": (user, user is not None and user.is_file())}


def _located(files: dict[str, tuple[Path | None, bool]]) -> list[tuple[str, str, str]]:
    """Return kind, path and a remark where it is not there."""
    nowhere = {"project": f"no {PROJECT_FILE} here or above", "user": "no home directory"}
    return [
        (kind, str(path or "–"), "" if there else "not there" if path else nowhere[kind])
        for kind, (path, there) in files.items()
    ]


def _rows(settings: Settings) -> list[tuple[str, str, str]]:
    return [(name, _shown(getattr(settings, name)), _source(name, settings.origin(name))) for name in settings.names()]


def _key_row() -> tuple[str, str, str]:
    """Return where the private key is from when a connection names no file; its text is never shown."""
    source = key_source(None)
    if source is None:
        return ("key", "–", "the connection's")
    return ("key", "…" if source.path is None else source.shown_path, source.origin)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "–" if value is None else str(value)


def _source(name: str, origin: Origin) -> str:
    return f"--{name.replace('_', '-')}" if origin.kind == "argument" else str(origin)


def _document(settings: Settings) -> dict[str, Any]:
    return {
        name: {
            "value": value if isinstance(value := getattr(settings, name), int | float | None) else str(value),
            "source": settings.origin(name).kind.replace("argument", "flag"),
            "place": settings.origin(name).place or None,
        }
        for name in settings.names()
    }
