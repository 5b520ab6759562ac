"""Every citation stands in the list that says whether it was read, found or not found."""

import csv
import re
import sys
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ketaoutcomes.report.terms import TERMS
from ketaoutcomes.scales import SCALES

DOCS = Path(__file__).resolve().parents[2] / "docs"
sys.path.append(str(DOCS))

import citations_named  # noqa: E402 - the docs are no package
from citations_page import citations as page_of_citations  # noqa: E402

sys.path.remove(str(DOCS))

LIST = DOCS / "citations.csv"
STATUS = {"read", "found", "not found"}
MIRRORS = ("moreblossom", "qxmd", "scribd", "peeref", "myketaminehome", "semanticscholar", "avyia")

with LIST.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
KEYS = {row["key"] for row in ROWS}
TEXTS = tuple(citations_named.texts())
USES = citations_named.used_for(ROWS)


def test_a_citation_is_found_in_a_text() -> None:
    text = citations_named.flat(
        'x = 3:4\n"Bell & McCaffrey 2002, Surv Methodol "\n    "28:169-181"'
    )
    assert [key for key, _ in citations_named.pages_in(text)] == ["28:169"]
    assert list(citations_named.authors_in(text)) == [("Bell", "2002")]


def test_a_citation_in_the_style_of_journals_is_found() -> None:
    text = "von Elm E, et al. Lancet 2007;370:1453-1457."
    assert [key for key, _ in citations_named.pages_in(text)] == ["370:1453"]


@pytest.mark.parametrize(
    ("text", "author"),
    [
        ("by Mancl & DeRouen 2001, section 4", ("Mancl", "2001")),
        ("(Beck, Steer & Brown 1996)", ("Beck", "1996")),
        ("van de Schoot et al. (2017)", ("van de Schoot", "2017")),
        ("as of March 2023", None),
        ("CONSORT 2025", None),
    ],
)
def test_an_author_and_a_year_are_found_in_a_text(
    text: str, author: tuple[str, str] | None
) -> None:
    assert next(citations_named.authors_in(text), None) == author


def test_every_citation_is_listed() -> None:
    found = [one for _, text in TEXTS for one in citations_named.pages_in(text)]
    assert len({key for key, _ in found}) > len(KEYS) / 2
    assert [words for key, words in found if key not in KEYS] == []


def test_every_author_with_a_year_is_of_a_listed_citation() -> None:
    """A paper may be named without its pages: `Firth 1993`, `Rubin (1987), chapter 3`."""
    named = {(path.name, *one) for path, text in TEXTS for one in citations_named.authors_in(text)}
    assert len(named) > len(KEYS)
    unlisted = [
        one
        for one in sorted(named)
        if not any(citations_named.names(row["citation"], *one[1:]) for row in ROWS)
    ]
    assert unlisted == []


def test_every_source_of_the_evidence_is_listed() -> None:
    assert sorted(set(citations_named.sources().values()) - KEYS) == []


GUIDELINES = r"ICH (?:M\d+|E\d+[A-Z]?(?:\(R\d\))?)|\d+ CFR [\d.]+"


def test_every_guideline_is_listed() -> None:
    named = {one for _, text in TEXTS for one in re.findall(GUIDELINES, text)}
    assert "ICH E9(R1)" in named
    listed = [row["citation"] for row in ROWS]
    assert [one for one in sorted(named) if not any(one in citation for citation in listed)] == []


def test_every_citation_of_the_list_is_used() -> None:
    assert [key for key, uses in USES.items() if not uses] == []


def test_the_page_says_of_each_citation_what_it_is_used_for_and_where_it_was_confirmed() -> None:
    page = page_of_citations()
    lines = {line.split(" | ")[0]: line for line in page.splitlines() if line.startswith("| ")}
    greenwood = next(line for head, line in lines.items() if "Greenwood 1926" in head)
    assert "found" in greenwood
    assert page.count("\n| ") >= len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_a_row_says_whether_where_and_when_it_was_looked_up(row: dict[str, str]) -> None:
    assert row["status"] in STATUS
    assert bool(row["where"]) == (row["status"] != "not found")
    date.fromisoformat(row["checked_on"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["link"]], ids=lambda row: row["key"])
def test_a_link_is_no_mirror(row: dict[str, str]) -> None:
    link = urlsplit(row["link"])
    assert link.scheme == "https"
    assert link.path
    assert not any(mirror in link.netloc for mirror in MIRRORS)


def test_no_citation_is_listed_twice() -> None:
    assert len(KEYS) == len(ROWS)


def test_the_list_is_in_order() -> None:
    words = [row["citation"].casefold() for row in ROWS]
    assert words == sorted(words)


ONLY_WORDS = frozenset(
    {
        *("CBT", "CSV", "FDA", "ICH", "SAS", "SNRI", "SSRI", "SVG", "USD", "YAML"),
        *("AMPA", "BMI", "CDISC", "DIA", "NAMI", "NIMH", "NMDA", "PTSD"),
    }
)
"""Abbreviations that only stand for other words, of which no source says what they mean."""


def test_every_term_of_the_glossary_has_a_source() -> None:
    assert {term.name for term in TERMS if not term.source} == ONLY_WORDS
    assert all(term.entry.endswith(f"Source: {term.source}.") for term in TERMS if term.source)


def test_every_scale_has_a_source_and_so_has_each_threshold() -> None:
    for scale in SCALES.values():
        thresholds = (scale.response, scale.remission, scale.matters)
        assert scale.source
        assert all(one.source and one.words for one in thresholds if one is not None)


def test_a_citation_of_the_list_begins_with_its_author() -> None:
    """Fragments of sentences once stood before ten of them."""
    lone = [
        row["citation"] for row in ROWS if re.match(r"\d|(?:as|for|that|REML)\b", row["citation"])
    ]
    assert lone == []
