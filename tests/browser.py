"""Open a page in headless Chromium and say what is wrong with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 450}
"""A window of 1280 pixels at 200% (WCAG 2.2, 1.4.4)."""

SMALLEST = {"width": 320, "height": 640}
"""What a page must fit into without scrolling sideways (WCAG 2.2, 1.4.10)."""

MOST_STOPS = 1000
"""Stops of the tab key on a long page."""

STRUCTURE = """() => {
  const faults = [];
  const levels = [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => [+h.tagName[1], h]);
  if (levels.filter(([level]) => level === 1).length !== 1) faults.push('not one h1');
  levels.reduce((before, [level, h]) => {
    if (level > before + 1) faults.push(`h${level} after h${before}: ${h.textContent}`);
    return level;
  }, 0);
  const seen = new Set();
  for (const { id } of document.querySelectorAll('[id]')) {
    if (seen.has(id)) faults.push(`id twice: ${id}`);
    seen.add(id);
  }
  for (const th of document.querySelectorAll('th'))
    if (!['col', 'row', 'colgroup', 'rowgroup'].includes(th.scope))
      faults.push(`th without scope: ${th.textContent}`);
  for (const th of document.querySelectorAll('th'))
    if (!th.textContent.trim()) faults.push(`th without words: ${th.closest('table').id}`);
  for (const { rows, caption } of document.querySelectorAll('table')) {
    const width = row => [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0);
    const widths = new Set([...rows].map(width));
    if (widths.size > 1) faults.push(`rows of ${[...widths]} cells: ${caption?.textContent}`);
  }
  for (const a of document.querySelectorAll('a[href^="#"]'))
    if (!document.getElementById(a.getAttribute('href').slice(1)))
      faults.push(`link to nothing: ${a.getAttribute('href')}`);
  return faults;
}"""
"""Order of headings, ids, header cells and links within the page."""

FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const where = `${at.tagName} ${at.id || at.textContent.trim().slice(0, 40)}`;
  if (at === document.body) return ['', ''];
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const seen = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0;
  return [where, outlined && seen ? '' : `focus cannot be seen: ${where}`];
}"""
"""What has the focus, and whether a reader sees it."""


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
    """Errors, outside requests, overflow, serious faults that axe finds, and those of reading."""
    found = [
        f"{scheme}, {size['width']} px: {fault}"
        for scheme in ("light", "dark")
        for size in (WIDE, NARROW)
        for fault in _faults_in(browser, page_file, scheme, size)
    ]
    return found + faults_of_reading(browser, page_file)


def faults_of_reading(browser: Browser, page_file: Path) -> list[str]:
    """Faults of structure, of the focus of the keyboard, and of a zoomed or small window."""
    page = browser.new_page(viewport=WIDE, reduced_motion="reduce")
    page.goto(page_file.as_uri())
    found: list[str] = page.evaluate(STRUCTURE)
    found += _unseen_focus(page)
    for size in (ZOOMED, SMALLEST):
        page.set_viewport_size(size)
        found += [f"{size['width']} px: {fault}" for fault in _overflow(page)]
    page.close()
    return found


def _unseen_focus(page: Page) -> list[str]:
    """What the tab key reaches without a reader seeing it, until it leaves the page."""
    faults = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        where, fault = page.evaluate(FOCUS)
        if not where:
            return faults
        faults += [fault] if fault else []
    return [*faults, f"more than {MOST_STOPS} stops of the tab key"]


def _overflow(page: Page) -> list[str]:
    wider = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"{wider} px wider than the window"] if wider > 0 else []


def _faults_in(browser: Browser, page_file: Path, scheme: str, size: dict[str, int]) -> list[str]:
    faults: list[str] = []
    page = browser.new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.on("console", lambda message: faults.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.extend(outside(request.url, page_file)))
    page.goto(page_file.as_uri())
    faults += _overflow(page)
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
