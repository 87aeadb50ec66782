"""`metaquery collection diff` and `drift`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metaquery.cli.choosing import put_keys
from metaquery.cli.options import open_here, plural, workspace_option
from metaquery.errors import shown
from metaquery.schema import RELATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["diff", "drift"]


@click.command("diff")
@click.argument("a")
@click.argument("b")
@click.option("--ids", type=click.Choice(["a", "b", "both"]), help="Write the keys of one of the three groups.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="With --ids: the file to write.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@workspace_option
def diff(a: str, b: str, ids: str | None, output: Path | None, as_json: bool, workspace: Path | None) -> None:
    """Show how many members are in A alone, in B alone, and in both.

    \b
    Examples:
      metaquery collection diff "Night" "To review"
      metaquery collection diff "Night" "To review" --ids a
    """
    found = open_here(workspace).collections.diff(a, b)
    groups = {"a": found.only_a, "b": found.only_b, "both": found.both}
    if ids is not None:
        put_keys(groups[ids], RELATIONS[found.relation].key, output)
    elif as_json:
        counts = {"only_a": len(found.only_a), "only_b": len(found.only_b), "both": len(found.both)}
        _put_json({"a": found.a, "b": found.b, "relation": found.relation, **counts})
    else:
        _put_table(
            found.relation,
            {
                f"only in {found.a!r}": len(found.only_a),
                f"only in {found.b!r}": len(found.only_b),
                "in both": len(found.both),
            },
        )


@click.command("drift")
@click.argument("title")
@click.option("--ids", type=click.Choice(["added", "gone", "vanished"]), help="Write the keys of one of the groups.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="With --ids: the file to write.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for scripts.")
@workspace_option
def drift(title: str, ids: str | None, output: Path | None, as_json: bool, workspace: Path | None) -> None:
    """Show what the filter of TITLE would find now, against its members.

    \b
    Examples:
      metaquery collection drift "Night drives"
      metaquery collection drift "Night drives" --ids added
    """
    found = open_here(workspace).collections.drift(title)
    groups = {"added": found.added, "gone": found.gone, "vanished": found.vanished}
    if ids is not None:
        put_keys(groups[ids], RELATIONS[found.relation].key, output)
        return
    counts = {name: len(keys) for name, keys in groups.items()}
    if as_json:
        of = {"title": found.title, "relation": found.relation, "text": found.text, "snapshot": found.snapshot}
        _put_json({**of, **counts, "still": found.still})
        return
    if found.text is None:
        click.echo(f"{found.title!r} has no filter: it can be told only which members the snapshot has still.")
    else:
        click.echo(f"{found.title!r}, and what is found now by: {shown(found.text)}")
    told = {"still members": found.still}
    if found.text is not None:
        told |= {"found now, no members": counts["added"], "members, not found any more": counts["gone"]}
    told["members that the snapshot does not have"] = counts["vanished"]
    _put_table(found.relation, told)


def _put_table(relation: str, counts: Mapping[str, int]) -> None:
    noun = RELATIONS[relation].singular
    width = max(len(plural(count, noun)) for count in counts.values())
    for words, count in counts.items():
        click.echo(f"{plural(count, noun):>{width}}  {words}")


def _put_json(document: dict[str, Any]) -> None:
    import json  # 5 ms that the other form need not pay

    click.echo(json.dumps(document, ensure_ascii=False))
