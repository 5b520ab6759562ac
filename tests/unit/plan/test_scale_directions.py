"""Cuts and utilities against the direction of their scale are refused before any data are read."""

from pathlib import Path

import pytest

from ketaoutcomes.errors import PlanError
from ketaoutcomes.plan.reading.plan_file import read_plan

PLAN = """\
study: {id: x, title: x, question: x, condition: x}
data: {synthetic: {scenario: trd, seed: 1}}
phases:
  p:
    label: x
    arms: {control: Control, drug: Drug}
    reference: control
    visits: {Baseline: {day: 1}, Week 4: {day: 29}}
scales:
  CGI: {label: Impression, low: 1, high: 7, better: lower, source: x}
endpoints:
  y:
    phase: p
    ENDPOINT
estimands:
  e:
    population: x
    treatment: {active: drug, reference: control}
    endpoint: y
    visit: Week 4
    intercurrent_events: {treatment discontinuation: treatment policy}
    summary: SUMMARY
analyses:
  a: {estimand: e, role: primary, MODEL}
"""
KINDS = {
    "remission": ("difference in proportions", "model: proportions"),
    "time_to_relapse": ("hazard ratio", "model: time_to_event, rmst_days: 20"),
    "incidence": ("difference in proportions", "model: incidence"),
    "costs_and_effects": (
        "incremental net monetary benefit",
        "model: cost_effectiveness, willingness_to_pay: [1]",
    ),
}


def faults(folder: Path, kind: str, rule: str) -> list[str]:
    summary, model = KINDS[kind]
    text = PLAN.replace("ENDPOINT", f"kind: {kind}\n    {rule}")
    text = text.replace("SUMMARY", summary).replace("MODEL", model)
    if kind != "remission":
        text = text.replace("    visit: Week 4\n", "", 1)
    (folder / "plan.yaml").write_text(text)
    try:
        read_plan(folder / "plan.yaml")
    except PlanError as error:
        return [f"{p.expected} | {p.found} | {p.remedy}" for p in error.problems]
    return []


STATES = "state_utility: {{scale: {}, states: [{{label: a, at_most: 0.5, utility: {}}}, {}]}}"


@pytest.mark.parametrize(
    ("kind", "rule", "words"),
    [
        ("remission", "scale: EQ-5D\n    at_least: 0.8", ""),
        ("remission", "scale: EQ-5D\n    at_most: 0.8", "write `at_least: 0.8`"),
        ("remission", "scale: MADRS\n    at_most: 10", ""),
        ("remission", "scale: MADRS\n    at_least: 10", "write `at_most: 10`"),
        ("remission", "scale: MADRS", "exactly one of `at_most`"),
        ("remission", "scale: MADRS\n    at_most: 10\n    at_least: 5", "exactly one of"),
        ("remission", "scale: CGI\n    at_most: 0", "a CGI score from 1 to 7"),
        ("time_to_relapse", "any_of: [{scale: MADRS, at_least: 22}]", ""),
        ("time_to_relapse", "any_of: [{scale: MADRS, at_most: 22}]", "write `at_least: 22`"),
        ("time_to_relapse", "any_of: [{scale: EQ-5D, at_most: 0.5}]", ""),
        ("time_to_relapse", "any_of: [{scale: EQ-5D, at_least: 0.5}]", "write `at_most: 0.5`"),
        (
            "time_to_relapse",
            "event_is: wanted\n    any_of: [{scale: MADRS, at_most: 10}]",
            "",
        ),
        ("incidence", "any_of: [{scale: MOAA/S, at_most: 3}]", ""),
        ("incidence", "any_of: [{scale: MADRS, at_most: 3}]", ""),
        ("costs_and_effects", "success: {scale: MADRS, at_most: 10, visit: Week 4}", ""),
        (
            "costs_and_effects",
            "success: {scale: MADRS, at_least: 10, visit: Week 4}",
            "write `at_most: 10`",
        ),
        ("costs_and_effects", "success: {scale: EQ-5D, at_least: 0.8, visit: Week 4}", ""),
        ("costs_and_effects", "measured_utility: {scale: EQ-5D}", ""),
        ("costs_and_effects", "measured_utility: {scale: MADRS}", "a utility index"),
        ("costs_and_effects", "measured_utility: {scale: EQ5D}", "did you mean `EQ-5D`?"),
        ("costs_and_effects", STATES.format("EQ-5D", 0.4, "{label: b, utility: 0.8}"), ""),
        (
            "costs_and_effects",
            STATES.format("EQ-5D", 0.8, "{label: b, utility: 0.4}"),
            "utilities that rise with the score",
        ),
        (
            "costs_and_effects",
            STATES.format("CGI", 0.4, "{label: b, utility: 0.8}"),
            "utilities that fall with the score",
        ),
    ],
)
def test_a_rule_follows_the_direction_of_its_scale(
    tmp_path: Path, kind: str, rule: str, words: str
) -> None:
    found = faults(tmp_path, kind, rule)
    assert bool(found) == bool(words), found
    assert words in " ".join(found)
