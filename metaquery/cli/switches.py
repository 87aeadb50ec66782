"""Switches that every command takes, wherever they stand: `--no-color`, `--no-input`, `--offline`, `--debug`."""

from __future__ import annotations

import click

__all__ = ["SWITCHES", "forget_switches", "switched", "with_switches"]

SWITCHES = {
    "no_color": "No colour, whatever the terminal can do; so does NO_COLOR.",
    "no_input": "Never ask: refuse what would have to be confirmed.",
    "offline": "Refuse whatever needs the network.",
    "debug": "Show the traceback of an error.",
}
"""Each switch with its line of help."""

_given: set[str] = set()


def switched(name: str) -> bool:
    """Whether a switch was given on this command line."""
    return name in _given


def forget_switches() -> None:
    """Begin a command line without any."""
    _given.clear()


def with_switches(command: click.Command, *, hidden: bool = True) -> click.Command:
    """Have a command, and those below it, take every switch; the root alone shows them in its help."""
    if not any(parameter.name in SWITCHES for parameter in command.params):
        command.params += [
            click.Option(
                [f"--{name.replace('_', '-')}"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                hidden=hidden,
                help=words,
                callback=_note,
            )
            for name, words in SWITCHES.items()
        ]
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        with_switches(below)
    return command


def _note(_context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and parameter.name is not None:
        _given.add(parameter.name)
