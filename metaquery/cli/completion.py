"""`metaquery completion`: what a shell needs to complete command lines and filters."""

from __future__ import annotations

import click

from metaquery.cli.shells import SCRIPTS

__all__ = ["completion"]

_INSTALL = """\
bash  add to ~/.bashrc:                    eval "$(metaquery completion bash)"
zsh   add to ~/.zshrc, after compinit:     eval "$(metaquery completion zsh)"
fish  run once:                            metaquery completion fish > ~/.config/fish/completions/metaquery.fish"""


@click.command(short_help="Complete commands, filters and values in bash, zsh or fish.")
@click.argument("shell", type=click.Choice(list(SCRIPTS)), required=False)
def completion(shell: str | None) -> None:
    """Print the script that has SHELL complete commands, options, filters with their values, titles and snapshots.

    Without SHELL it says how to install it. Filters are best typed in quotes, which are opened for you.

    \b
    Examples:
      metaquery completion
      metaquery completion bash
    """
    click.echo(_INSTALL if shell is None else SCRIPTS[shell], nl=shell is None)
