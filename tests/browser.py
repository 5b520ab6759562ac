"""Open a page in headless Chromium and say what is wrong with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; skips where there is none, unless it is required."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        if os.environ.get("KETAOUTCOMES_REQUIRE_BROWSER") == "1":
            pytest.fail("chromium is required and not installed")
        pytest.skip("no chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def faults_of(browser: Browser, page_file: Path) -> list[str]:
    """Console errors, outside requests, overflow, and serious faults that axe finds."""
    return [
        f"{scheme}, {size['width']} px: {fault}"
        for scheme in ("light", "dark")
        for size in (WIDE, NARROW)
        for fault in _faults_in(browser, page_file, scheme, size)
    ]


def _faults_in(browser: Browser, page_file: Path, scheme: str, size: dict[str, int]) -> list[str]:
    faults: list[str] = []
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.on("console", lambda message: faults.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.extend(outside(request.url, page_file)))
    page.goto(page_file.as_uri())
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if overflow > 0:
        faults.append(f"{overflow} px wider than the window")
    found = Axe().run(page).response["violations"]
    faults += [
        f"axe {fault['impact']}: {fault['id']}: {fault['nodes'][0]['html'][:200]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
    ]
    page.close()
    return faults


def outside(address: str, page_file: Path) -> list[str]:
    """A request for anything but the page itself."""
    own = address.partition("#")[0] == page_file.as_uri() or address.startswith("data:")
    return [] if own else [f"request for {address}"]
