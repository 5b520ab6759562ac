"""The documentation uses the words of the field, in sentences that end, and has a glossary."""

import runpy
from pathlib import Path

import pytest

from ketaoutcomes.report.terms import TERMS
from ketaoutcomes.style_guide import violations
from prose import paragraphs

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
WRITTEN_BY_PROGRAMS = {"scales.md", "citations.md", "glossary.md", "plan-reference.md"}
WRITTEN_BY_PROGRAMS |= {"questions.md", "gallery.md", "validation.md"}
CONVERSATIONS = {"tutorial.md", "first-contact.md", "shapes.md"}
"""Pages in the words of a newcomer, which have tests of their own."""
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
    if path.name not in WRITTEN_BY_PROGRAMS | CONVERSATIONS and "_build" not in path.parts
}
OF_FORMULAS = "name of the plan"
"""Symbols of formulas, such as n_i, look like names of a plan, and stand in prose there."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_follows_the_table_of_terms(name: str) -> None:
    found = [one for line in paragraphs(PAGES[name]) for one in violations(line)]
    assert [str(one) for one in found if one.kind != OF_FORMULAS] == []


def test_the_glossary_has_every_term_of_the_reports_once() -> None:
    page = runpy.run_path(str(DOCS / "glossary_page.py"))["glossary"]()
    for term in TERMS:
        assert page.count(f"| **{term.name}** | ") == 1


def test_the_meanings_of_terms_follow_the_table_of_terms() -> None:
    assert [str(one) for term in TERMS for one in violations(term.meaning)] == []
