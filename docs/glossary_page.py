"""A Sphinx extension: the page of every term that a report may explain, from the same table."""

from pathlib import Path
from typing import Any

from ketaoutcomes.report.terms import TERMS

PAGE = Path(__file__).parent / "glossary.md"
INTRODUCTION = """\
# Glossary

A report explains the terms that it uses, and no others. These are all of them. The scales have a
[page of their own](scales.md).
"""


def setup(app: Any) -> dict[str, bool]:
    """Write the page before Sphinx looks for pages."""
    app.connect("config-inited", lambda *_: PAGE.write_text(glossary(), encoding="utf-8"))
    return {"parallel_read_safe": True}


def glossary() -> str:
    """The page as Markdown."""
    terms = sorted(TERMS, key=lambda term: term.name.casefold())
    lines = [f"| **{term.name}** | {term.entry} |" for term in terms]
    return "\n".join([INTRODUCTION, "| term | meaning |", "|---|---|", *lines, ""])
