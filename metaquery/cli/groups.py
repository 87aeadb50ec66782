"""Groups of commands that name the command that was probably meant."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["Commands", "RunsItself"]


class Commands(click.Group):
    """A group that answers a mistyped command with the nearest one, which it never runs by itself."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names.

        Raises
        ------
        UsageError
            There is none; the nearest is named.
        """
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            from metaquery.suggestions import similar  # only a mistake pays for it

            meant = similar(args[0], known)
            hint = f"did you mean '{meant[0]}'?" if meant else f"{ctx.command_path} --help lists the commands"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


class RunsItself(click.Group):
    """A command with an argument of its own, below which there are others: their name is its first word, to be one.

    Parameters
    ----------
    **settings
        As for a command.
    """

    allow_extra_args = False
    allow_interspersed_args = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(invoke_without_command=True, **settings)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Return the context of the command that is meant: one below, where the words are its own."""
        below = self.commands.get(args[0]) if args else None
        if below is not None and not self._is_argument(args[1:]):
            return below.make_context(f"{info_name} {below.name}", args[1:], parent=parent, **extra)
        return super().make_context(info_name, args, parent=parent, **extra)

    def _is_argument(self, following: list[str]) -> bool:
        """Whether the first word is an argument all the same: what follows it has what this command alone needs."""
        needed = [name for option in self.params if option.required for name in option.opts]
        return any(word.partition("=")[0] in needed for word in following)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command itself, as of one that has none below it."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command itself."""
        return click.Command.invoke(self, ctx)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of its usage, without those of a group."""
        return click.Command.collect_usage_pieces(self, ctx)
