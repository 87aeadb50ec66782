"""Find keys whose type in the metadata schema is wrong, and type their values anew, in this workspace alone.

    python examples/schema_repair.py WORKSPACE

WORKSPACE is a directory that was synced. Nothing is sent; `metaquery schema set` would.
"""

import sys

import metaquery


def main(directory: str) -> None:
    """Propose a corrected schema, keep it, and type what was synced by it."""
    ws = metaquery.open(directory)
    proposal = ws.schema.infer()
    changed = [correction for correction in proposal.corrections if correction.changes]
    if not changed:
        print("Every value fits.")
        return
    for correction in changed:
        print(f"{correction.key}: {correction.now} → {correction.proposed}")
    ws.schema.keep(proposal.schema.to_json())
    ws.rematerialise()
    for correction in changed:
        filled = ws.data.where(~metaquery.F[correction.key].is_null()).count()
        print(f"{correction.key} has a value in {filled} data units now")


if __name__ == "__main__":
    main(sys.argv[1])
