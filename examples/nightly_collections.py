"""Every night: fetch what is new, make each Collection anew, and send it to Encord.

    python examples/nightly_collections.py WORKSPACE

WORKSPACE is a directory in which `metaquery connect` was run. Repeating it changes nothing that has not changed.
"""

import sys

import metaquery

COLLECTIONS = {
    "Night, in the rain": "dark = true and weather = 'rain'",
    "Fast": "speed > 50",
}


def main(directory: str) -> None:
    """Build and send the Collections of one workspace."""
    ws = metaquery.open(directory)
    ws.sync()
    for title, text in COLLECTIONS.items():
        view = ws.data.filter(text)
        tally = view.counts()
        collection = view.collect(title, description=text, replacing=True)
        report = ws.push(collection)
        failed = sum(len(target.failed) for target in report.targets)
        print(f"{title}: {collection.members} members, {tally.unknown} unknown, {failed} failed")


if __name__ == "__main__":
    main(sys.argv[1])
