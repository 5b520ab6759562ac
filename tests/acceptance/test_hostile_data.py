"""Strings of the data and labels of the plan that try to be more than text."""

import csv
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import docx
import pandas as pd
import pytest

from browser import chromium, faults_of
from ketaoutcomes.cli.main import main
from planted_trial import write_planted_trial

SCRIPT = "</svg></title><script>alert(1)</script><img src=x onerror=alert(1)>"
FORMULA = '=SUM(1+1)*cmd|"/C calc"!A0'
MATHS = r"$\frac{$ \input{/etc/passwd} {{ 7*7 }} {% raw %}"
XML = "]]></w:t>&amp;\x0b<w:br/>--><!--"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.handlers: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.handlers |= {name for name, _ in attrs if name.startswith("on")}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a trial whose every label is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    plan = write_planted_trial(folder)
    subjects = pd.read_csv(folder / "subjects.csv")
    subjects["REGION"] = subjects["REGION"].replace({"north": SCRIPT, "south": MATHS})
    subjects["REASON"] = subjects["REASON"].replace({"lost to follow-up": FORMULA})
    subjects.loc[subjects["SEX"] == "male", "SEX"] = XML
    subjects.to_csv(folder / "subjects.csv", index=False)
    text = plan.read_text().replace("report:", "report:\n  smallest_cell: 1\n  word: true")
    quoted = {"Placebo": SCRIPT, "Drug": MATHS, "A trial in files": SCRIPT}
    for label, hostile in quoted.items():
        text = text.replace(label, "'" + hostile.replace("'", "''") + "'")
    plan.write_text(text.replace("covariates: [baseline, sex]", "covariates: [baseline]"))
    out = folder / "out"
    assert main(["run", str(plan), "--out", str(out), "-q"]) == 0
    return out


def test_the_page_holds_the_words_and_no_markup_of_theirs(report: Path) -> None:
    page = (report / "report.html").read_text()
    tags = Tags()
    tags.feed(page)
    assert not tags.found & {"script", "img", "iframe", "object"}
    assert not tags.handlers
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page


@pytest.mark.browser
def test_a_browser_runs_none_of_it(report: Path) -> None:
    with chromium() as browser:
        assert faults_of(browser, report / "report.html") == []


def test_no_cell_of_the_csv_is_a_formula(report: Path) -> None:
    with (report / "results.csv").open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert any(cell.startswith("'=SUM") for cell in cells)
    risky = [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
    assert risky == []
    assert all(_is_number(cell) for cell in cells if cell.startswith("-"))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_parquet_holds_the_text_as_it_is(report: Path) -> None:
    groups = set(pd.read_parquet(report / "results.parquet")["group"])
    assert FORMULA in groups


def test_word_opens_and_shows_it_as_text(report: Path) -> None:
    with zipfile.ZipFile(report / "report.docx") as parts:
        assert b"<script>" not in parts.read("word/document.xml")
    document = docx.Document(str(report / "report.docx"))
    texts = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert any(SCRIPT in text for text in texts)


def test_it_renders_again(report: Path) -> None:
    before = (report / "report.html").read_bytes()
    assert main(["report", str(report)]) == 0
    assert (report / "report.html").read_bytes() == before
