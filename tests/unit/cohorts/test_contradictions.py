"""Published results that exclude each other, misses that were named, and what chance would give."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from ketaoutcomes.cohorts.calibration.comparing import compared
from ketaoutcomes.cohorts.calibration.contradicting import condition_of, contradictions
from ketaoutcomes.cohorts.calibration.documentation import tables
from ketaoutcomes.cohorts.calibration.table import reason_lines
from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.named import NamedMiss
from ketaoutcomes.cohorts.simulation.scenario import scenario_names


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return read_evidence()


@pytest.fixture(scope="module")
def excluded(evidence: Evidence) -> dict[str, set[str]]:
    """By result, those that exclude it, in any scenario."""
    found: dict[str, set[str]] = {}
    for (name, _, _), others in contradictions(evidence, compared(evidence)).items():
        found.setdefault(name, set()).update(others)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # 47.2 (1.76) and 35.6% (2.24): 11.6 apart, 2 (1.76 + 2.24) = 8.0
        ("SUS2-001", "SUS3-001"),
        # 74.5 (1.54) and 91.7% (1.30) completed: 17.2 apart, 5.7
        ("I_sustain2_01", "SUS3-006"),
        # 23 (2.27) and 10.1% (2.03) with sedation: 12.9 apart, 8.6
        ("I_label_04", "A_aspirepool_13"),
        # half relapsed by day 18 (4), but 20% (5) by day 28
        ("MUR13R-003", "MCIN-005"),
    ],
)
def test_results_that_no_value_is_near_exclude_each_other(
    excluded: dict[str, set[str]], one: str, other: str
) -> None:
    assert other in excluded[one]
    assert one in excluded[other]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # 69.3 (4.33) and 54.1% (4.6) responded: 15.2 apart, 2 (4.33 + 4.6) = 17.9
        ("BR-007", "BR-001"),
        # dizziness in 41.2% (4.6) and 29% (2.4): 12.2 apart, 14.1
        ("A_aspire2_06", "I_label_02"),
        # depression after one infusion of ketamine and anxiety: other conditions
        ("MUR13-006", "E_taylor2018_01"),
        # 40% (5) by day 56 may have become half by then
        ("MUR13R-003", "MCIN-006"),
    ],
)
def test_results_that_some_value_is_near_do_not(
    excluded: dict[str, set[str]], one: str, other: str
) -> None:
    assert other not in excluded[one]
    assert one not in excluded[other]


def test_exclusion_is_mutual_and_of_other_trials(
    evidence: Evidence, excluded: dict[str, set[str]]
) -> None:
    pairs = [(a, b) for a, others in excluded.items() for b in others]
    assert pairs
    for a, b in pairs:
        assert a in excluded[b]
        assert evidence.result(a).trial != evidence.result(b).trial


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("treatment-resistant depression in clinics of Italy", "depression"),
        ("unipolar or bipolar depression in China", "depression"),
        ("treatment-resistant bipolar depression", "bipolar depression"),
        ("depression, responders to an antidepressant", "depression"),
        ("chronic suicidal ideation", "chronic suicidal ideation"),
    ],
)
def test_a_condition_is_known_without_its_qualifiers(words: str, condition: str) -> None:
    assert condition_of(words) == condition


def test_the_ledger_names_what_excludes_each_result(evidence: Evidence) -> None:
    found = contradictions(evidence, compared(evidence))
    for row in evidence.shipped:
        assert row.contradicted_by.split() == list(found[row.id, row.scenario, row.phase])


def test_each_miss_is_contradicted_or_has_a_reason_and_no_reason_is_stale(
    evidence: Evidence,
) -> None:
    without = {
        row.id
        for row in evidence.shipped
        if row.verdict_with_spread == "missed" and row.id not in evidence.missed
    }
    named = {row.id for row in evidence.shipped if row.id in without and row.contradicted_by}
    assert without == named
    missed = {row.id for row in evidence.shipped if row.verdict_with_spread == "missed"}
    assert set(evidence.missed) <= missed


def test_the_command_says_why_a_result_is_missed_and_what_excludes_one_that_is_met(
    evidence: Evidence,
) -> None:
    lines = reason_lines(evidence, evidence.shipped)
    assert "SUS3-006, safety (missed): contradicted by 74.5 (SUSTAIN-2)" in lines
    met = [line for line in lines if "(within" in line.split(":")[0]]
    assert met
    assert all("contradicted" in line for line in met)
    told = {tuple(line.split(" (")[0].split(", ")) for line in lines}
    assert told == {
        (row.id, row.scenario) for row in evidence.shipped if row.is_missed or row.contradicted_by
    }


def test_each_named_miss_is_of_a_scenario_and_of_the_ledger(evidence: Evidence) -> None:
    rows = {(row.id, row.scenario) for row in evidence.shipped}
    assert len(evidence.named) > 30
    for miss in evidence.named:
        assert miss.scenario in scenario_names()
        assert miss.result is None or (miss.result, miss.scenario) in rows


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"result": "SUS2-001", "measure": "intermittent gaps", "published": "1"},
        {"result": "SUS2-001", "published": "1"},
        {"measure": "intermittent gaps"},
    ],
)
def test_a_named_miss_is_seen_one_way(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"result|published"):
        NamedMiss(item="x", scenario="pain", before="1", **fields)  # type: ignore[arg-type]


def test_what_a_typical_trial_would_meet_is_what_simulated_trials_meet(evidence: Evidence) -> None:
    """Residuals drawn with error 1 and spread 0, 1 or 3 instead of the closed form."""
    some = evidence.shipped[:3]
    rows = tuple(
        replace(row, std_error=2.0, spread=2.0 * ratio)
        for row, ratio in zip(some, (0.0, 1.0, 3.0), strict=True)
    )
    drawn = np.random.default_rng(1).standard_normal((400_000, 3)) * np.hypot(1, [0.0, 1.0, 3.0])
    table = tables(replace(evidence, shipped=rows, named=()))["aims"].splitlines()
    for errors in (1, 2):
        cells = next(
            line.split("|")
            for line in table
            if "as shipped (3)" in line and f"| {errors} SE | not added" in line
        )
        assert float(cells[5].strip(" %")) == pytest.approx(
            100 * (np.abs(drawn) <= errors).mean(), abs=0.7
        )
        added = next(
            line.split("|")
            for line in table
            if "as shipped (3)" in line and f"| {errors} SE | added" in line
        )
        expected = 100 * (norm.cdf(errors) - norm.cdf(-errors))
        assert float(added[5].strip(" %")) == pytest.approx(expected, abs=0.51)
