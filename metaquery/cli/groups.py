"""Groups of commands that name the command that was probably meant."""

from __future__ import annotations

import click

__all__ = ["Commands"]


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
