"""Make the pictures of `docs/explorer.md`: each of the seed's steps, light and dark, wide and narrow."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from .page import NARROW, WIDE, Page, browser, explored
from .seed_steps import steps, world

DOCS = Path(__file__).parents[2] / "docs" / "explorer"
QUALITY = 70
LOOKS = {"": (WIDE, False), "-dark": (WIDE, True), "-narrow": (NARROW, False), "-narrow-dark": (NARROW, True)}


def main() -> None:
    """Play the steps once, and take each as it is to be seen."""
    DOCS.mkdir(exist_ok=True)
    for old in DOCS.glob("*.webp"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as home,
        browser() as driver,
        world(Path(home), 2000) as (_, there),
        explored(there) as address,
    ):
        page = Page(driver, address)
        for name, _words in steps(page):
            for look, (size, dark) in LOOKS.items():
                page.look(size=size, dark=dark)
                page.settled()
                taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
                (DOCS / f"{name}{look}.webp").write_bytes(base64.b64decode(taken["data"]))
            page.look(size=WIDE, dark=False)


if __name__ == "__main__":
    main()
