"""What somebody writes who knows the analysis and not the keys: one message says what to write."""

from pathlib import Path

import pytest

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan

PLAN = """
study: {id: x, title: X, question: Is it?, condition: depression}
data:
  files: {visits: v.csv}
  columns: {subject: id, arm: group, visit: week, value: score}
  baseline_score: 0
phases:
  p: {label: P, arms: {a: A, b: B}, reference: a, visits: {Start: {day: 1}, End: {day: 29}}}
scales:
  Cured: {label: Cured, low: 0, high: 1, better: higher, source: Protocol}
endpoints:
  c: {kind: yes_or_no, phase: p, scale: Cured, at_least: 1}
estimands:
  e:
    population: All
    treatment: {active: b, reference: a}
    endpoint: c
    visit: End
    summary: difference_in_proportions
analyses:
  m: {estimand: e, role: primary, model: proportions, margin: 0.1}
"""


def remedies(folder: Path, *changes: tuple[str, str]) -> list[str]:
    text = PLAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "plan.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(PlanError) as error:
        read_plan(path)
    return [problem.remedy for problem in error.value.problems]


def test_the_plan_itself_is_read(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, "utf-8")
    assert read_plan(path)[0].analyses["m"].margin == 0.1


RATIO = ("summary: difference_in_proportions", "summary: risk_ratio")


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        # a margin of 10 once called every difference of proportions non-inferior
        ([("margin: 0.1", "margin: 10")], "`margin: 0.1` for 10 percentage points"),
        ([("margin: 0.1", "margin: 10%")], "write `margin: 0.1`"),
        ([("margin: 0.1", "margin: 0.8"), RATIO], "`margin: 1.25`"),
        ([("margin: 0.1", "margin: 1"), RATIO], "how many times worse"),
        ([("subject: id", "id: id")], "the column is called `subject` here"),
        ([("arm: group", "treatment: group")], "the column is called `arm` here"),
        ([("value: score", "outcome: score")], "`value` for the column of a score"),
        ([("files: {visits: v.csv}", "files: v.csv")], "`files: {subjects: adsl.csv"),
        (
            [("  baseline_score: 0", "  derive: {older: age > 65}")],
            "`derive: {visits: {older: ...}}`",
        ),
        ([("  baseline_score: 0", "  where: {site: north}")], "`where: {visits: {site: ...}}`"),
        ([("arms: {a: A, b: B}", "arms: [a, b]")], "`arms: {esketamine: Esketamine, placebo: "),
        (
            [
                (
                    "scales:\n  Cured: {label: Cured, low: 0,",
                    "scales:\n  Healed: {label: Cured, low: 0,",
                )
            ],
            "define it under `scales:`",
        ),
        ([(", source: Protocol", "")], "for example `source: "),
        ([("    population: All\n", "")], "for example `population: "),
        ([("at_least: 1}", "at_least: 1, visit: End}")], "write `visit` in the estimand"),
    ],
)
def test_one_message_says_what_to_write(tmp_path, changes, remedy):
    told = remedies(tmp_path, *changes)
    assert len(told) == 1, told
    assert remedy in told[0]


def test_a_list_of_names_where_blocks_stand_is_answered_by_a_block(tmp_path):
    changes = (
        (
            "kind: yes_or_no, phase: p, scale: Cured, at_least: 1",
            "kind: change, phase: p, scale: Cured",
        ),
        ("summary: difference_in_proportions", "summary: difference_in_means"),
        ("model: proportions, margin: 0.1", "model: mmrm, subgroups: [sex]"),
    )
    assert remedies(tmp_path, *changes) == ["write keys with values, for example `{by: sex}`"]
