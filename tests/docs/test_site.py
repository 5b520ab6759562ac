"""The site builds without a warning, asks nothing of a network, and none of its links is broken."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page links to, what it loads, and where one can link to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.heads: list[str] = []
        self._in_head = False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "th":
            self._in_head = True
            self.heads.append("")
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif given.get(LOADED.get(tag, "")):
            self.loaded.append(given[LOADED[tag]])

    def handle_endtag(self, tag: str) -> None:
        self._in_head = self._in_head and tag != "th"

    def handle_data(self, data: str) -> None:
        if self._in_head:
            self.heads[-1] += data.strip()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    words = ["-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q", str(DOCS), str(folder)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html") if "_static" not in path.parts}


def test_the_plan_reference_lists_the_keys(site: Path) -> None:
    assert "covariance_by" in (site / "plan-reference.html").read_text("utf-8")


def test_every_link_leads_to_a_place_that_exists(pages: dict[Path, Page]) -> None:
    broken = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            there = target.exists() and (
                not anchor or target not in pages or anchor in pages[target].anchors
            )
            broken += [] if there else [(path.name, link)]
    assert len(pages) > 50
    assert broken == []


def test_nothing_is_loaded_from_a_network(pages: dict[Path, Page]) -> None:
    loaded = {address for page in pages.values() for address in page.loaded}
    assert loaded
    assert [address for address in loaded if urlsplit(address).netloc] == []


def test_every_file_that_a_page_loads_is_there(pages: dict[Path, Page]) -> None:
    missing = [
        (path.name, address)
        for path, page in pages.items()
        for address in page.loaded
        if not (path.parent / unquote(urlsplit(address).path)).exists()
    ]
    assert missing == []


def test_every_column_of_a_table_has_a_name(pages: dict[Path, Page]) -> None:
    assert sum(len(page.heads) for page in pages.values()) > 300
    assert [path.name for path, page in pages.items() if "" in page.heads] == []


def test_the_pages_have_their_theme_and_no_script_for_formulas(site: Path) -> None:
    """Formulas are set by the site itself; a script for them would come from a network."""
    assert (site / "_static" / "styles" / "pydata-sphinx-theme.css").exists()
    page = (site / "methods" / "mmrm.html").read_text("utf-8")
    assert "pydata-sphinx-theme" in page
    assert "<sub>" in page
    assert not re.search("mathjax|katex", page, re.IGNORECASE)
