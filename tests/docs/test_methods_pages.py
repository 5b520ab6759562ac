"""Every page on a method has the same five parts, and a clinician can read the first of them."""

import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.source import read_yaml
from ketaoutcomes.plan.reading.typed import typed
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.style_guide import violations
from prose import flesch_ease, paragraphs, section, sentences

METHODS = Path(__file__).resolve().parents[2] / "docs" / "methods"
PAGES = {
    path.stem: path.read_text("utf-8")
    for path in sorted(METHODS.glob("*.md"))
    if path.stem != "index"
}
PARTS = ["In brief", "In the plan", "In the report", "Formulae", "Checks"]
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
FENCED = re.compile(r"```.*?```", re.DOTALL)
PLAN_LINES = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
LINES = 5
LONGEST = 25
PLAIN = 30.0
"""Flesch's bound of "very difficult", below which only academics read a text."""
NEEDED = {"study": {"id": "a", "title": "A", "question": "B?", "condition": "C"}}
"""What a page leaves out of a block because every plan has it."""
BLOCKS = [
    pytest.param(lines, id=f"{name}-{number}")
    for name, page in PAGES.items()
    for number, lines in enumerate(PLAN_LINES.findall(page))
]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_five_parts_in_order(name: str) -> None:
    assert HEADING.findall(FENCED.sub("", PAGES[name])) == PARTS


@pytest.mark.parametrize("name", PAGES)
def test_five_short_plain_lines_say_it_in_brief(name: str) -> None:
    brief = section(PAGES[name], "In brief")
    assert len(list(paragraphs(brief))) == LINES
    assert max(map(len, sentences(brief))) <= LONGEST
    assert flesch_ease(brief) >= PLAIN


@pytest.mark.parametrize("name", PAGES)
def test_an_example_stands_before_its_rule(name: str) -> None:
    assert "```yaml" in section(PAGES[name], "In the plan")


@pytest.mark.parametrize("part", PARTS[:3])
@pytest.mark.parametrize("name", PAGES)
def test_what_clinicians_read_follows_the_table_of_terms(name: str, part: str) -> None:
    text = section(PAGES[name], part)
    assert [str(one) for line in paragraphs(text) for one in violations(line)] == []


@pytest.mark.parametrize("lines", BLOCKS)
def test_lines_of_a_plan_are_what_a_plan_may_say(lines: str) -> None:
    """What stands under each key is read as the plan reader does; contrasts are of an MMRM."""
    if lines.startswith("contrasts:"):
        under = "".join(f"    {line}\n" for line in lines.splitlines())
        lines = f"analyses:\n  a:\n    estimand: a\n    role: primary\n    model: mmrm\n{under}"
    source = read_yaml(lines, "the page")
    plan = AnalysisPlan if set(source.data) <= set(AnalysisPlan.model_fields) else SynthesisPlan
    read = typed(source, plan)
    assert read.renamed == ()
    for key, value in read.source.data.items():
        content = NEEDED.get(key, {}) | value if isinstance(value, dict) else value
        TypeAdapter(plan.model_fields[key].rebuild_annotation()).validate_python(content)
