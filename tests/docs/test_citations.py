"""Every citation stands in the list that says whether it was read."""

import csv
import re
from datetime import date

import pytest
import yaml

from citations import ROOT, citations, citations_in
from ketaoutcomes.report.terms import TERMS
from ketaoutcomes.scales import SCALES

LIST = ROOT / "docs" / "citations.csv"
SOURCES = ROOT / "src" / "ketaoutcomes" / "cohorts" / "evidence" / "sources.yaml"
STATUS = {"read", "not looked up", "not verified"}

with LIST.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
KEYS = {row["key"] for row in ROWS}


def test_a_citation_is_found_in_a_text() -> None:
    text = 'x = 3:4\n"Bell & McCaffrey 2002, Surv Methodol "\n    "28:169-181"'
    assert [key for key, _ in citations_in(text)] == ["28:169"]


def test_every_citation_is_listed() -> None:
    found = list(citations())
    assert len(found) > len(KEYS) / 2
    assert [words for key, words in found if key not in KEYS] == []


def test_every_source_of_the_evidence_is_listed() -> None:
    sources = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))
    named = {source.get("doi") or source["url"] for source in sources.values()}
    assert sorted(named - KEYS) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_a_row_says_whether_and_when_it_was_read(row: dict[str, str]) -> None:
    assert row["status"] in STATUS
    assert bool(row["read_at"]) == (row["status"] == "read")
    if row["status"] == "not looked up":
        assert row["checked_on"] == ""
    else:
        date.fromisoformat(row["checked_on"])


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
