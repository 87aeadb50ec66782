"""The sandbox's command line and its entry in Python; starlette and uvicorn are imported only to serve."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from metaquery.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from metaquery.sandbox.source import UnitSource

__all__ = ["DEFAULT_KEY_FILE", "SETS", "main", "serve"]

SETS: Final = ("scenes", "birdstrikes")
DEFAULT_KEY_FILE: Final = Path("metaquery-sandbox-key")
MISSING: Final = "pip install 'metaquery[sandbox]'"


def serve(
    set_name: str = "scenes",
    *,
    units: int | None = None,
    seed: int = 7,
    port: int = 0,
    key_out: Path = DEFAULT_KEY_FILE,
    schema_out: Path | None = None,
    with_schema: bool = False,
    state: Path | None = None,
    stop_with_stdin: bool = False,
) -> None:
    """Serve a stand-in Encord on 127.0.0.1 until SIGINT or SIGTERM.

    Parameters
    ----------
    set_name, units
        `scenes` or `birdstrikes`, and how many data units of it; 1000 scenes, or all bird strikes, unless given.
    seed
        The same seed gives the same organisation, hashes included.
    port
        0 for any free one.
    key_out
        Where to write the private key; a key that is there already is used instead.
    schema_out
        Where to write the metadata schema that fits the data (typed form), if anywhere.
    with_schema
        Whether the organisation has that schema from the start.
    state
        File in which to keep the organisation, so that a sandbox that was killed goes on where it was; None keeps it
        in memory alone.
    stop_with_stdin
        Whether to stop when standard input ends.

    Raises
    ------
    UsageError
        Where an argument cannot be meant, or starlette and uvicorn are not installed.
    """
    source = _source(set_name, units, seed)
    if schema_out is not None:
        text = json.dumps(source.schema, indent=2, ensure_ascii=False)
        schema_out.write_text(text + "\n", encoding="utf-8")
    _run()(source, port=port, key_file=key_out, with_schema=with_schema, state=state, stop_with_stdin=stop_with_stdin)


def _run() -> Callable[..., None]:
    """Import what serves, or say what to install."""
    try:
        from metaquery.sandbox.server import run
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in {"starlette", "uvicorn", "anyio", "h11"}:
            raise UsageError(f"the sandbox needs starlette and uvicorn: {MISSING}") from None
        raise
    return run


def _source(set_name: str, units: int | None, seed: int) -> UnitSource:
    if units is not None and units < 1:
        raise UsageError(f"{units} data units are too few")
    if set_name == "scenes":
        from metaquery.sandbox.scenes import Scenes

        return Scenes(1000 if units is None else units, seed)
    if set_name == "birdstrikes":
        from metaquery.sandbox.birdstrikes import BirdStrikes

        return BirdStrikes(units, seed)
    raise UsageError(f"unknown data set {set_name!r}", hint=f"there are {' and '.join(SETS)}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `python -m metaquery.sandbox`."""
    parser = argparse.ArgumentParser(prog="python -m metaquery.sandbox", description="A stand-in Encord on loopback.")
    parser.add_argument("--set", dest="set_name", choices=SETS, default="scenes", help="which data")
    parser.add_argument("--units", type=int, help="how many data units")
    parser.add_argument("--seed", type=int, default=7, help="same seed, same data")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--key-out", type=Path, default=DEFAULT_KEY_FILE, help="file for the private key")
    parser.add_argument("--schema-out", type=Path, help="file for the metadata schema that fits")
    parser.add_argument("--with-schema", action="store_true", help="the schema is set from the start")
    parser.add_argument("--state", type=Path, help="file to keep everything in, and to go on with")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")
    try:
        serve(**vars(parser.parse_args(arguments)))
    except UsageError as error:
        parser.exit(error.exit_code, f"{error}\n")
