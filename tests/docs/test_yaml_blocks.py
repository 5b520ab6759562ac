"""Every block of YAML on a page, in the README too, is written as the schema of plans knows it."""

import re
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from json_schema import breaks
from ketaoutcomes.plan.reading.schema import plan_schema, synthesis_schema
from ketaoutcomes.plan.reading.source import read_yaml

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
WRITTEN = {"gallery.md", "questions.md"}
"""Pages that quote shipped plans, which are checked as a whole."""
BLOCK = re.compile(r"^( *)```yaml\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
PLAN, SYNTHESIS = plan_schema(), synthesis_schema()
ANSWERS = {"reference", "event", "outcome", "better"}
"""Keys of a file of answers for `start`."""
LEFT_OUT = ("required ", "the data block takes exactly one", "`files` needs `columns`")
"""What may be broken where a block shows only what the text speaks of."""
FRAGMENTS = {"real-data", "mmrm", "families"}
"""Pages with lines of one part of a plan, or of a family of somebody else, with their own tests."""


def blocks() -> list[Any]:
    return [
        pytest.param(dedent(found), id=f"{page.stem}-{number}")
        for page in PAGES
        if page.name not in WRITTEN and page.stem not in FRAGMENTS and "_build" not in page.parts
        for number, (_, found) in enumerate(BLOCK.findall(page.read_text("utf-8")))
    ]


def faults(text: str) -> list[str]:
    """What a block breaks besides what it leaves out."""
    read = read_yaml(text, "page.yaml").data
    if set(read) <= ANSWERS:
        return []
    schema = SYNTHESIS if {"synthesis", "outcomes"} & set(read) else PLAN
    found = breaks(read, {**schema, "required": []}, schema)
    return [one for one in found if not one.startswith(LEFT_OUT)]


def test_blocks_are_found() -> None:
    assert len(blocks()) > 50


@pytest.mark.parametrize("text", blocks())
def test_a_block_keeps_to_the_schema(text: str) -> None:
    assert faults(text) == []
