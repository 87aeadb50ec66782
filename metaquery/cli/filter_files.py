"""`metaquery filter export` and `import`: saved filters as files that a team keeps under version control."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metaquery.cli.keys import aligned
from metaquery.cli.options import on_option, open_here, plural, workspace_option
from metaquery.errors import shown

if TYPE_CHECKING:
    from metaquery.saved_filters.importing import Imported

__all__ = ["export", "import_filters", "tell_imported"]


@click.command("export", short_help="Write saved filters to files that a team can share.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR|FILE|-",
    help="A folder, with a file a filter; one file for all, where the name has an ending; - for standard output.",
)
@click.option("--replace", is_flag=True, help="Replace files there that say something else.")
@click.option("--on", type=click.Choice(["data", "labels", "predictions"]), help="Only filters on these.")
@workspace_option
def export(names: tuple[str, ...], output: Path, replace: bool, on: str | None, workspace: Path | None) -> None:
    """Write the saved filters, or those of each NAME and all that they name, to text files.

    \b
    Examples:
      metaquery filter export -o filters
      metaquery filter export night -o night.filter
    """
    filters = open_here(workspace).filters
    wanted = [name.removeprefix("@") for name in names]
    if str(output) == "-":
        from metaquery.saved_filters.files import bundle  # only who exports needs it

        click.echo(bundle(filters.chosen(wanted, on)), nl=False)
        return
    done = filters.export(wanted, to=output, relation=on, replace=replace)
    new = f"{plural(len(done.written), 'file')} written" if done.written else "all there as they are"
    click.echo(f"Exported {plural(len(done.filters), 'filter')} to {output}: {new}.")
    if done.others:
        listed = ", ".join(shown(str(path)) for path in done.others[:5])
        more = f" and {len(done.others) - 5:,} more" if len(done.others) > 5 else ""
        click.echo(f"Not saved here, and left as they are: {listed}{more}.", err=True)


@click.command("import", short_help="Save the filters of files, all or none.")
@click.argument("place", type=click.Path(path_type=Path), metavar="DIR|FILE|-")
@click.option("--replace", is_flag=True, help="Replace filters of the same names.")
@click.option("-n", "--dry-run", is_flag=True, help="Check them, and say what would be saved; change nothing.")
@on_option
@workspace_option
def import_filters(place: Path, replace: bool, dry_run: bool, on: str, workspace: Path | None) -> None:
    """Check the filters of a folder or a file, and save them; --on is for those that do not say what they are on.

    Syntax is checked, what they name, and keys and types against the newest snapshot. Where one is wrong, none is saved
    and each that is wrong is shown, with its file and line.

    \b
    Examples:
      metaquery filter import filters --dry-run
      metaquery filter import filters --replace
    """
    done = open_here(workspace).filters.import_from(place, relation=on, replace=replace, dry_run=dry_run)
    tell_imported(done, dry_run=dry_run)


def tell_imported(done: Imported, *, dry_run: bool) -> None:
    """Say what an import has saved, or would save."""
    rows = [
        (word, saved.reference, saved.relation, " ".join(saved.text.split("\n")))
        for word, filters in (("new", done.new), ("replaced", done.replaced), ("as before", done.unchanged))
        for saved in filters
    ]
    for line in aligned(rows, numbers=set()):
        click.echo(line)
    if dry_run:
        click.echo("Nothing was changed: this was a dry run.", err=True)
