"""The ledger of a scenario in the report."""

from dataclasses import replace
from pathlib import Path

import pytest

from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.evidence.parameters import FittedFamily, FittedTrial
from ketaoutcomes.cohorts.evidence.shipped import ShippedRow
from ketaoutcomes.cohorts.pages.calibration import calibration_section
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Figure, Prose, Table
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable

PLAN = Path(__file__).resolve().parents[3] / "analyses" / "trd.yaml"
PROVENANCE = Provenance("trd.yaml", "", "0" * 64, "none", (), None, (), "run", True, None)


def row(name, trial, role, residual, verdict, **fields) -> ShippedRow:
    given = {
        "scenario": "trd_short_term",
        "phase": "induction",
        "arm": "esketamine",
        "published": -4.0,
        "std_error": 1.7,
        "origin": "CI",
        "shipped": -3.5,
        "mc_error": 0.05,
        "spread": 1.2,
        "residual_with_spread": 0.2,
        "verdict_with_spread": "within 1 SE",
    }
    return ShippedRow(
        id=name, trial=trial, role=role, residual=residual, verdict=verdict, **{**given, **fields}
    )


IN_REPLICA = {"replica": -4.2, "replica_residual": -0.12, "replica_verdict": "within 1 SE"}
LEDGER = (
    row("TF2-001", "transform_2", "fitted", 0.29, "within 1 SE", **IN_REPLICA),
    row("BR-007", "transform_2", "held out", -1.9, "within 2 SE", published=69.3, shipped=61.0),
    row("JAN-001", "janik_2025", "fitted", 9.0, "missed", assumed="no interval in the record",
        verdict_with_spread="missed"),
    row("SUS1-005", "sustain_1", "fitted", 0.0, "within 1 SE", scenario="maintenance"),
)  # fmt: skip
FITTED = FittedFamily(
    trials={
        "transform_2": FittedTrial(effect=1.5, effect_error=0.2),
        "janik_2025": FittedTrial(effect=0.5, effect_error=0.3),
        "sustain_1": FittedTrial(effect=1.0, effect_error=0.5),
    },
    between_trials_sd=0.4,
)


@pytest.fixture(scope="module")
def section():
    evidence = replace(read_evidence(), shipped=LEDGER, fitted={"depression": FITTED})
    plan, _ = read_plan(PLAN)
    return calibration_section(Material(plan, ResultTable(()), (), PROVENANCE, evidence))


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in line] for line in table.rows]


def table(section, name) -> Table:
    return next(b for b in section.blocks if isinstance(b, Table) and b.id == name)


def test_counts_are_by_role_and_of_this_scenario_alone(section):
    assert texts(table(section, "calt01")) == [
        ["Trials that the scenario was fitted to", "2", "1 (50%)", "1 (50%)", "1 (50%)", "1 (50%)"],
        ["Trials kept for validation", "1", "0 (0%)", "1 (100%)", "1 (100%)", "1 (100%)"],
        ["All results", "3", "1 (33%)", "2 (67%)", "2 (67%)", "2 (67%)"],
        ["The same results in replicas of their trials", "1", "1 (100%)", "1 (100%)", "–", "–"],
    ]


def test_the_ledger_has_source_published_both_columns_residuals_and_verdict(section):
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    lines = texts(figure.data)
    assert [
        "esketamine versus placebo, difference, MADRS, day 28",
        "−4.0 (1.70)",
        "−3.5 (0.05)",
        "0.29",
        "0.20",
        "−4.2 (−0.12)",
        "within 1 SE",
        "fitted",
        "–",
    ] in lines
    without = next(line for line in lines if line[0].startswith("esketamine, response"))
    assert without[5] == "–"
    heads = [line[0] for line in lines if len(line) == 1]
    assert "Popova et al. 2019 (TRANSFORM-2), doi:10.1176/appi.ajp.2019.19020172" in heads[0]
    assert any(line[0].endswith(" *") for line in lines)
    assert "calg01" in figure.svg


def test_a_missed_result_has_its_reason_and_those_that_exclude_it_in_words():
    """SUSTAIN-2 and -3: 47.2 and 35.6% in remission, 74.5 and 91.7% completed four weeks."""
    plan, _ = read_plan(PLAN.with_name("safety.yaml"))
    section = calibration_section(Material(plan, ResultTable(()), (), PROVENANCE, read_evidence()))
    figure = next(block for block in section.blocks if isinstance(block, Figure))
    reasons = [line[-1] for line in texts(figure.data) if len(line) > 1]
    assert "contradicted by 74.5% (SUSTAIN-2)" in reasons
    assert any(words.startswith("contradicted by 91.7% (SUSTAIN-3)") for words in reasons)
    assert any("contradicted by 35.6% (SUSTAIN-3)" in words for words in reasons)
    assert "within the spread between trials" in reasons


def test_missed_results_are_counted_in_words():
    lines = (
        row("TF2-001", "transform_2", "fitted", 2.5, "missed"),
        row("JAN-001", "janik_2025", "fitted", 9.0, "missed", verdict_with_spread="missed",
            contradicted_by="TF2-001"),
        row("BR-007", "transform_2", "fitted", 0.1, "within 1 SE"),
    )  # fmt: skip
    evidence = replace(read_evidence(), shipped=lines)
    plan, _ = read_plan(PLAN)
    section = calibration_section(Material(plan, ResultTable(()), (), PROVENANCE, evidence))
    prose = " ".join(p for b in section.blocks if isinstance(b, Prose) for p in b.paragraphs)
    assert "2 of 3 results are missed by more than two standard errors" in prose
    assert "1 of these are within two" not in prose
    assert "1 of these is within two" in prose


def test_conflicting_trials_stand_with_their_own_effect(section):
    found = table(section, "calt03")
    # 0.5 exp(-+1.96 x 0.3) and 1.5 exp(-+1.96 x 0.2), by hand
    assert texts(found) == [
        ["Janik 2025", "0.50 (0.28 to 0.90)"],
        ["TRANSFORM-2", "1.50 (1.01 to 2.22)"],
    ]
    assert "0.40" in found.footnotes[0]


def test_a_scenario_that_nothing_can_be_held_against_says_so():
    evidence = replace(read_evidence(), shipped=())
    plan, _ = read_plan(PLAN)
    section = calibration_section(Material(plan, ResultTable(()), (), PROVENANCE, evidence))
    assert section is not None
    (block,) = section.blocks
    assert "set by hand" in block.paragraphs[0]
