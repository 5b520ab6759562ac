"""The gallery and the index of questions leave nothing out, and quote plans as they are."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ketaoutcomes.cli.main import main
from ketaoutcomes.families.registry import models

ROOT = Path(__file__).resolve().parents[2]
FIGURE = re.compile(r'"([a-z]+g0\d)(?=-|")')
DRAWN_OTHERWISE = {"flow", "forest"}
"""Figures whose ids are words: participant flow, and all analyses of a comparison."""
GALLERY = runpy.run_path(str(ROOT / "docs" / "gallery.py"))
QUESTIONS = runpy.run_path(str(ROOT / "docs" / "questions_page.py"))
lines_of = runpy.run_path(str(ROOT / "docs" / "plan_lines.py"))["lines_of"]


def kind_of(figure: str) -> str:
    return figure.split("-", 1)[0]


def test_every_figure_of_the_source_is_in_the_gallery() -> None:
    source = (path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    drawn = {kind for text in source for kind in FIGURE.findall(text)}
    assert {"mmrmg01", "kmg01", "syng01", "powg01"} <= drawn
    assert {kind_of(shown.figure) for shown in GALLERY["FIGURES"]} == drawn | DRAWN_OTHERWISE


def test_the_studies_made_up_are_read_by_the_plan_that_shows_them(tmp_path: Path) -> None:
    """Of published results only these stand in for data that do not come with the project."""
    (tmp_path / "data.csv").write_text(GALLERY["studies_made_up"](), encoding="utf-8")
    for plan, words in GALLERY["MADE_UP"].items():
        assert "made up" in words
        assert main(["validate", f"{ROOT}/analyses/{plan}.yaml", "--data", str(tmp_path)]) == 0


def test_every_model_of_the_registry_answers_a_question() -> None:
    asked = QUESTIONS["OF_MODELS"]
    assert set(asked) == set(models())
    assert len({question.asks for question in asked.values()}) == len(asked)


@pytest.mark.parametrize("name", sorted(QUESTIONS["OF_MODELS"]))
def test_the_lines_of_a_question_name_its_model(name: str) -> None:
    question = QUESTIONS["OF_MODELS"][name]
    assert re.search(rf"model: {name}\b", lines_of(question.plan, *question.keys))
    assert (ROOT / "docs" / "methods" / f"{question.page}.md").exists()


@pytest.mark.parametrize("shown", GALLERY["FIGURES"], ids=lambda shown: shown.figure)
def test_quoted_lines_say_what_the_whole_plan_says(shown: Any) -> None:
    """Where no line is an alias of another, the lines alone give the same values."""
    plan = YAML(typ="safe").load((ROOT / "analyses" / f"{shown.plan}.yaml").read_text("utf-8"))
    lines = lines_of(shown.plan, *shown.keys)
    if "*" in lines:
        pytest.skip("the lines use a name that the plan gives elsewhere")
    quoted = YAML(typ="safe").load(lines)
    for key in shown.keys:
        plan, quoted = plan[key], quoted[key]
    assert quoted == plan


def test_lines_that_a_plan_does_not_have_are_refused() -> None:
    with pytest.raises(KeyError, match="no key nothing"):
        lines_of("trd", "analyses", "nothing")
