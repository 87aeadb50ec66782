"""`Page`: the Explorer in a real browser, driven as a user drives it; `explored`: one that is served by a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

Found = TypeVar("Found")

PATIENCE_S = 20
"""How long something may take on a busy machine before a test fails."""

WIDE = (1280, 800)
NARROW = (400, 800)

AXE = (Path(__file__).parent / "axe.min.js").read_text("utf-8")


def why_no_browser() -> str | None:
    """Return what is missing for tests in a browser; None where nothing is."""
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian: apt-get install chromium chromium-driver)"
    return None


@contextmanager
def browser() -> Iterator[Chrome]:
    """Start Chromium without a window."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def explored(home: Path, *options: str) -> Iterator[str]:
    """Serve a workspace's page by `metaquery explore`, and return the address that it prints."""
    command = [sys.executable, "-m", "metaquery", "explore", "--no-browser", "--quiet", *options]
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("METAQUERY_", "ENCORD_"))}
    with subprocess.Popen(command, cwd=home, env=clean, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@dataclass
class Page:
    """The page.

    Attributes
    ----------
    driver
        The browser.
    address
        What `metaquery explore` has printed.
    """

    driver: Chrome
    address: str

    def open(self, path: str = "/", *, size: tuple[int, int] = WIDE, dark: bool = False) -> Page:
        """Open one of its addresses; the first time with the token."""
        self.look(size=size, dark=dark)
        base, _, token = self.address.partition("/?token=")
        self.driver.get(f"{base}{path}{'&' if '?' in path else '?'}token={token}")
        return self

    def look(self, *, size: tuple[int, int] | None = None, dark: bool = False) -> None:
        """Change what the browser says of its screen."""
        if size is not None:
            screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def until(self, found: Callable[[], Found], what: str = "what the page should show") -> Found:
        """Wait for something to be true, and return it."""
        from selenium.common.exceptions import StaleElementReferenceException, TimeoutException
        from selenium.webdriver.support.wait import WebDriverWait

        wait = WebDriverWait(self.driver, PATIENCE_S, 0.05, (StaleElementReferenceException,))
        try:
            return wait.until(lambda _driver: found())
        except TimeoutException:
            shown = self.driver.find_element("tag name", "body").text
            raise AssertionError(f"{what} did not come; the page shows:\n{shown[:700]}") from None

    def all(self, css: str) -> list[WebElement]:
        """Return what there is now."""
        return self.driver.find_elements("css selector", css)

    def one(self, css: str) -> WebElement:
        """Wait for something that can be seen, and return it."""
        return self.until(lambda: next((each for each in self.all(css) if each.is_displayed()), None), css)

    def button(self, words: str, within: str = "body") -> WebElement:
        """Wait for a button, link or label that says this, or is called so for who cannot see it."""
        xpath = (
            f".//*[self::button or self::a or self::label][normalize-space()={_quoted(words)} or "
            f"@aria-label={_quoted(words)} or starts-with(normalize-space(), {_quoted(words + ' ')})]"
        )

        def found() -> WebElement | None:
            there = [e for root in self.all(within) for e in root.find_elements("xpath", xpath) if e.is_displayed()]
            return there[0] if there else None

        return self.until(found, f"the button {words!r}")

    def click(self, words: str, within: str = "body") -> None:
        """Click a button, link or label."""
        from selenium.common.exceptions import StaleElementReferenceException

        def clicked() -> bool:
            try:
                self.button(words, within).click()
            except StaleElementReferenceException:
                return False
            return True

        self.until(clicked, f"a click on {words!r}")

    def press(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        from selenium.webdriver import ActionChains

        chain = ActionChains(self.driver)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def type(self, css: str, text: str) -> None:
        """Replace what a field has."""
        from selenium.webdriver import Keys

        field = self.one(css)
        field.click()
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(text)

    def filter(self, text: str) -> None:
        """Type a filter, and apply it."""
        from selenium.webdriver import Keys

        self.type("#filter", text)
        self.press(Keys.ENTER)

    def says(self, words: str, css: str = "body") -> str:
        """Wait until a place says something, and return all that it says."""

        def said() -> str | None:
            text = " ".join(each.text for each in self.all(css))
            return text if words in text else None

        return self.until(said, f"{words!r} in {css}")

    def matched(self, rows: int) -> None:
        """Wait until so many rows match."""
        self.until(lambda: [e.text for e in self.all(".count-matched")] == [f"{rows:,}"], f"{rows:,} match")

    def settled(self) -> None:
        """Wait until nothing is being waited for."""
        self.until(lambda: not self.all("[aria-busy=true], .skeleton, .waiting, .picture-waiting"), "a page at rest")

    def script(self, text: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(text, *arguments)

    def complaints(self) -> list[str]:
        """Return what the browser complained about since the last time: errors, what the policy refused."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]

    def violations(self) -> list[str]:
        """Return what axe-core finds that is serious or critical, in light, and of contrast in dark, too."""
        self.look(dark=True)
        dark = self._violations({"runOnly": ["color-contrast"]})
        self.look()
        return [*self._violations({}), *(f"dark: {each}" for each in dark)]

    def _violations(self, rules: dict[str, Any]) -> list[str]:
        self.script("if (!window.axe) { " + AXE + " }")
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {...arguments[0], resultTypes: ['violations']})"
            ".then(r => done(JSON.stringify(r.violations)), e => done(String(e)))",
            rules,
        )
        return [
            f"{each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for each in json.loads(found)
            if each["impact"] in {"serious", "critical"}
            for node in each["nodes"]
        ]


def _quoted(text: str) -> str:
    """Return a text as XPath writes it."""
    return f'"{text}"' if '"' not in text else f"'{text}'"
