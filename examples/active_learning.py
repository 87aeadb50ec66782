"""Choose what to label next: data units without a label, where a model is least sure of what it predicts.

    python examples/active_learning.py WORKSPACE [CONFIDENCE]

WORKSPACE is a directory that was synced. CONFIDENCE is 0.5 unless given; units with a prediction below it are chosen.
"""

import sys

import metaquery


def main(directory: str, least: float = 0.5) -> None:
    """Collect the units, and show the predictions that are least sure."""
    ws = metaquery.open(directory)
    units = ws.data.filter("no label and any prediction(confidence < :least)", least=least)
    collection = units.collect("To label next", description=f"a prediction below {least}, no label", replacing=True)
    print(f"{collection.title}: {collection.members} chosen")
    unsure = ws.predictions.filter("in collection :title", title=collection.title).order_by("confidence").limit(5)
    for row in unsure.select("unit.title", "class", "confidence").to_arrow().to_pylist():
        print(*row.values())


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
