"""Hypotheses tested together in simulated trials: closed forms, true nulls, the report's code."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.obtain import scenario_of
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis
from ketaoutcomes.families.repeated_measures import batched
from ketaoutcomes.hypotheses.multiplicity import multiplicity_results
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import HypothesisFamily
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power.design import Cell, Chunk, cells, chunks
from ketaoutcomes.power.family_summary import decisions, summarise_families
from ketaoutcomes.power.replicates import COLUMNS, Job, Question, answers_of, run_chunk
from ketaoutcomes.power.setting import setting_of, simulated
from ketaoutcomes.power.trial import Trial
from ketaoutcomes.power.without_effect import alike_arms, resolved, true_in_turn
from ketaoutcomes.power.workers import run_chunks
from ketaoutcomes.results import Result

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
TRD, _ = read_plan(ANALYSES / "trd.yaml")
ALPHA, TRIALS = 0.05, 4000
VISITS = {"day_15": "Day 15", "day_22": "Day 22", "day_28": "Day 28"}
OF_VISITS = {key: {"analysis": "primary", "visit": visit} for key, visit in VISITS.items()}


FALLBACK = {
    "weights": {"change": 0.8, "response": 0.2},
    "transitions": {"change": {"response": 1}, "response": {"change": 1}},
}
"""A graph in which each of two hypotheses, once rejected, leaves its share to the other."""


def with_family(
    plan: AnalysisPlan, method: str, hypotheses: dict[str, dict[str, str]], **power: object
) -> AnalysisPlan:
    shares = FALLBACK if method == "graph" else {}
    family = HypothesisFamily.model_validate({"method": method, "hypotheses": hypotheses, **shares})
    block = plan.power.model_copy(update={"families": ("f",), **power})
    return plan.model_copy(update={"multiplicity": {"f": family}, "power": block})


def two_endpoints(method: str) -> AnalysisPlan:
    return with_family(
        TRD, method, {"change": {"analysis": "primary"}, "response": {"analysis": "response"}}
    )


def drawn(method: str, p: np.ndarray, cell: Cell) -> dict[tuple[str, str], Result]:
    """What is made of trials whose p-values are known; one column a hypothesis."""
    plan = two_endpoints(method)
    rows = [
        Result(table=table, statistic=statistic, analysis=name, visit="Day 28")
        for name, table, statistic in (
            ("primary", "mmrmt01", "difference in LS means"),
            ("response", "rspt01", "risk difference"),
        )
    ]
    rows = [replace(row, arm="esketamine", reference="placebo") for row in rows]
    trials = {
        row.analysis: tuple(
            Trial((replace(row, p_value=float(x)),)) if np.isfinite(x) else Trial(message="no fit")
            for x in column
        )
        for row, column in zip(rows, p.T, strict=True)
    }
    family = plan.multiplicity["f"]
    question = Question("f", family.hypotheses, family)
    table = pd.DataFrame(
        answers_of(plan, question, trials, Chunk(cell, 0, len(p))), columns=list(COLUMNS)
    )
    found = summarise_families(plan, {cell: table.astype({"p_value": float})})
    return {(row.statistic, row.group.split(",")[0]): row for row in found}


def p_values(effects: tuple[float, float], *, identical: bool = False) -> np.ndarray:
    z = np.random.default_rng(8).normal(size=(TRIALS, 2))
    if identical:
        z[:, 1] = z[:, 0]
    return 2 * norm.sf(np.abs(z + effects))


def rejects(effect: float, alpha: float) -> float:
    critical = norm.isf(alpha / 2)
    return float(norm.sf(critical - effect) + norm.cdf(-critical - effect))


EFFECT = 2.6
WHOLE, HALF = rejects(EFFECT, ALPHA), rejects(EFFECT, ALPHA / 2)
MOST, LEAST = rejects(EFFECT, 0.8 * ALPHA), rejects(EFFECT, 0.2 * ALPHA)


@pytest.mark.parametrize(
    ("method", "every", "some", "second"),
    [
        ("bonferroni", HALF**2, 1 - (1 - HALF) ** 2, HALF),
        (
            "holm",
            WHOLE**2 - (WHOLE - HALF) ** 2,
            1 - (1 - HALF) ** 2,
            HALF + HALF * (WHOLE - HALF),
        ),
        (
            "hochberg",
            WHOLE**2,
            1 - (1 - HALF) ** 2 + (WHOLE - HALF) ** 2,
            HALF + (WHOLE - HALF) * WHOLE,
        ),
        ("fixed_sequence", WHOLE**2, WHOLE, WHOLE**2),
        (
            "graph",
            (MOST + LEAST) * WHOLE - MOST * LEAST,
            1 - (1 - MOST) * (1 - LEAST),
            LEAST + (WHOLE - LEAST) * MOST,
        ),
    ],
)
def test_power_of_two_independent_endpoints(
    method: str, every: float, some: float, second: float
) -> None:
    rows = drawn(method, p_values((EFFECT, EFFECT)), Cell(100, "scenario"))
    for key, expected in (
        (("power to reject all", "f"), every),
        (("power to reject at least one", "f"), some),
        (("power", "f response"), second),
    ):
        found = rows[key]
        assert found.estimate is not None
        assert found.std_error == pytest.approx(
            np.sqrt(found.estimate * (1 - found.estimate) / TRIALS)
        )
        assert abs(found.estimate - expected) < 4 * found.std_error, key
    assert ("family-wise error", "f") not in rows


@pytest.mark.parametrize(
    ("method", "alpha"), [("bonferroni", ALPHA / 2), ("holm", ALPHA / 2), ("fixed_sequence", ALPHA)]
)
def test_power_of_two_identical_endpoints(method: str, alpha: float) -> None:
    """Both are rejected or none, so that one test decides."""
    rows = drawn(method, p_values((EFFECT, EFFECT), identical=True), Cell(100, "scenario"))
    expected = rejects(EFFECT, alpha)
    for statistic in ("power to reject all", "power to reject at least one"):
        assert abs(rows[statistic, "f"].estimate - expected) < 4 * rows[statistic, "f"].std_error


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("bonferroni", 1 - (1 - ALPHA / 2) ** 2),
        ("holm", 1 - (1 - ALPHA / 2) ** 2),
        ("hochberg", ALPHA),
        ("fixed_sequence", ALPHA),
        ("graph", 1 - (1 - 0.8 * ALPHA) * (1 - 0.2 * ALPHA)),
    ],
)
def test_family_wise_error_where_all_are_true(method: str, expected: float) -> None:
    rows = drawn(method, p_values((0.0, 0.0)), Cell(100, "none"))
    row = rows["family-wise error", "f"]
    assert abs(row.estimate - expected) < 4 * row.std_error
    assert ("power to reject all", "f") not in rows
    assert ("type I error", "f change") in rows


def test_the_error_of_one_true_hypothesis_beside_one_that_is_false() -> None:
    """Holm gives the true one the whole level once the other is rejected, Bonferroni never."""
    p = p_values((EFFECT, 0.0))
    cell = Cell(100, "in_turn", "f", ("response",))
    for method, expected in (
        ("bonferroni", ALPHA / 2),
        ("holm", ALPHA / 2 + HALF * ALPHA / 2),
        ("fixed_sequence", WHOLE * ALPHA),
    ):
        rows = drawn(method, p, cell)
        error = rows["family-wise error", "f"]
        assert abs(error.estimate - expected) < 4 * error.std_error
        assert rows["type I error", "f response"].estimate == error.estimate
        assert rows["power", "f change"].estimate == rows["power to reject all", "f"].estimate


@pytest.mark.parametrize("effects", [(0.0, 0.0), (EFFECT, EFFECT), (EFFECT, 0.0)])
def test_dunnett_in_two_arms_and_a_control(effects: tuple[float, float]) -> None:
    """Means of known variance, arms of one size: two differences of correlation one half.

    That one or more is rejected has a probability by the bivariate normal law, which scipy gives;
    the critical value is that of Dunnett 1964, Biometrics 20:482-491, table II: 2.21.
    """
    noise = np.random.default_rng(5).normal(size=(TRIALS, 3))
    z = (noise[:, 1:] - noise[:, [0]]) / np.sqrt(2) + effects
    plan = with_family(TRD, "dunnett", {k: OF_VISITS[k] for k in ("day_15", "day_28")})
    correlation = np.array([[1.0, 0.5], [0.5, 1.0]])
    blank = Result(table="mmrmt01", statistic="difference in LS means", analysis="primary")
    rows = [
        replace(blank, visit=visit, arm="esketamine", reference="placebo")
        for visit in ("Day 15", "Day 28")
    ]
    trials = tuple(
        Trial(
            tuple(
                replace(row, test_statistic=float(t), p_value=2 * float(norm.sf(abs(t))))
                for row, t in zip(rows, both, strict=True)
            ),
            lambda _: correlation,
        )
        for both in z
    )
    family = plan.multiplicity["f"]
    question = Question("f", family.hypotheses, family)
    chunk = Chunk(Cell(100, "scenario"), 0, TRIALS)
    table = pd.DataFrame(answers_of(plan, question, {"primary": trials}, chunk))
    rejected = decisions(family, table)
    critical = 2.21
    assert (np.abs(z)[rejected.to_numpy()] > critical - 0.005).all()
    assert (np.abs(z)[~rejected.to_numpy()] < critical + 0.005).all()
    law = multivariate_normal(effects, correlation)
    some = 1 - law.cdf([critical] * 2, lower_limit=[-critical] * 2)
    share = rejected.any(axis=1).mean()
    # the table's two decimals move the probability by less than a thousandth
    assert abs(share - some) < 4 * np.sqrt(some * (1 - some) / TRIALS) + 0.001


def test_a_hypothesis_that_was_not_tested_is_not_rejected() -> None:
    """By hand: Holm on (0.001, 0.04), (0.001, none), (none, 0.04), (0.001, 0.2)."""
    p = np.array([[0.001, 0.04], [0.001, np.nan], [np.nan, 0.04], [0.001, 0.2]])
    rows = drawn("holm", p, Cell(100, "scenario"))
    assert rows["power", "f change"].estimate == 0.75
    assert rows["power", "f response"].estimate == 0.25
    assert rows["power to reject all", "f"].estimate == 0.25
    assert rows["power to reject at least one", "f"].estimate == 0.75


def only_some(cohort: Cohort, first: int, size: int) -> Cohort:
    """The subjects of one trial of a chunk, cut out of every table."""
    subjects = cohort.subjects["subject"].iloc[first * size : (first + 1) * size]
    frames = {
        name: frame[frame["subject"].isin(subjects)].reset_index(drop=True)
        for name, frame in cohort.frames().items()
    }
    return replace(cohort, **frames)


def by_the_report(plan: AnalysisPlan, cohort: Cohort) -> dict[str, tuple[float, bool]]:
    """Adjusted p and decision on each hypothesis, as the pipeline gives and words them."""
    (family,) = plan.multiplicity.values()
    names = dict.fromkeys(wanted.analysis for wanted in family.hypotheses.values())
    fitted = [fit_analysis(plan, name, derive_endpoint(plan, name, cohort)) for name in names]
    rows = multiplicity_results(
        plan,
        tuple(row for one in fitted for row in one.results),
        tuple(one.record for one in fitted if one.record is not None),
    )
    return {
        row.group.split()[1]: (row.p_value, row.message.startswith("rejected"))
        for row in rows
        if row.statistic == "adjusted p"
    }


GATE = TRD.multiplicity["confirmatory"]


@pytest.mark.parametrize(
    "family",
    [
        GATE,
        *(
            HypothesisFamily.model_validate({"method": method, "hypotheses": GATE.hypotheses})
            for method in ("bonferroni", "holm", "hochberg", "fixed_sequence")
        ),
        *(
            HypothesisFamily.model_validate({"method": method, "hypotheses": OF_VISITS})
            for method in ("dunnett", "dunnett_step_down")
        ),
    ],
    ids=lambda family: family.method,
)
def test_decisions_are_those_of_the_report(family: HypothesisFamily) -> None:
    """Trial by trial: what the simulation rejects, the pipeline rejects on that trial alone."""
    block = {"families": ("f",), "analyses": ("relapse",)}
    plan = TRD.model_copy(
        update={"power": TRD.power.model_copy(update=block), "multiplicity": {"f": family}}
    )
    chunk = Chunk(Cell(240, "scenario"), 0, 6)
    table = run_chunk(Job(plan), chunk)
    p = table[table["family"] == "f"].pivot(
        index="replicate", columns="hypothesis", values="p_value"
    )
    rejected = decisions(family, table[table["family"] == "f"])
    setting = setting_of(plan, scenario_of(plan), family.hypotheses, chunk.cell)
    cohort = simulated(plan, scenario_of(plan), setting, chunk)
    for number in range(chunk.size):
        expected = by_the_report(plan, only_some(cohort, number, chunk.cell.subjects))
        for key, (adjusted, decision) in expected.items():
            assert p.loc[number, key] == pytest.approx(adjusted, rel=1e-4)
            assert rejected.loc[number, key] == decision
    # a comparison of nothing but rejections, or of none, would show little
    assert 0 < rejected.to_numpy().mean() < 1


def test_correlated_visits_decide_alike_fitted_together_and_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = with_family(TRD, "dunnett", OF_VISITS, analyses=("primary",))
    chunk = Chunk(Cell(120, "none"), 0, 2)
    together = run_chunk(Job(plan), chunk)
    monkeypatch.setattr(batched, "can_be_batched", lambda *_: False)
    alone = run_chunk(Job(plan), chunk)
    assert (together["message"] == "").all()
    assert together["hypothesis"].tolist() == ["", "", *VISITS, *VISITS]
    np.testing.assert_allclose(together["p_value"], alone["p_value"], rtol=1e-4)
    p = together.loc[together["family"] == "f", "p_value"]
    plain = together.loc[together["family"] == "", "p_value"].to_numpy()
    assert (p.to_numpy()[[2, 5]] > plain).all()


def test_which_hypotheses_can_be_true_alone() -> None:
    """Two endpoints of the same arms are true together; those of other arms or phases are not."""
    scenario = scenario_of(TRD)
    assert true_in_turn(TRD, scenario, TRD.multiplicity["confirmatory"]) == ()
    both = with_family(
        TRD,
        "holm",
        {
            "change": {"analysis": "primary"},
            "response": {"analysis": "response"},
            "relapse": {"analysis": "relapse"},
        },
    )
    expected = (("change", "response"), ("relapse",))
    assert true_in_turn(both, scenario, both.multiplicity["f"]) == expected
    block = both.power.model_copy(update={"effect": ("in_turn",), "subjects": (80, 90)})
    names = [cell.name for cell in cells(both.model_copy(update={"power": block}))]
    assert names[:2] == ["80, no effect on change and response", "80, no effect on relapse"]
    assert len(names) == 4


def test_each_set_of_true_hypotheses_has_its_own_chunks(tmp_path: Path) -> None:
    """Two designs of one size and effect that differ in what is true; read back, they differ."""
    names = ("primary", "response", "relapse")
    plan = with_family(
        TRD,
        "holm",
        {name: {"analysis": name} for name in names},
        analyses=("response",),
        subjects=(60,),
        effect=("in_turn",),
        replicates=2,
    )
    told: list[str] = []
    first = run_chunks(Job(plan), chunks(plan), tmp_path, 1, None, told.append)
    again = run_chunks(Job(plan), chunks(plan), tmp_path, 2, None, told.append)
    assert told[-1] == "2 of 2 chunks were done before"
    one, other = first.values()
    assert (one["p_value"] != other["p_value"]).any()
    for chunk, table in first.items():
        pd.testing.assert_frame_equal(table, again[chunk])


def test_arms_treated_alike_in_a_chain_are_all_alike() -> None:
    """Therapy against usual care, usual care against midazolam: all are the last."""
    plan, _ = read_plan(ANALYSES / "psychotherapy.yaml")
    plan = with_family(
        plan, "holm", {"therapy": {"analysis": "therapy"}, "drug": {"analysis": "drug"}}
    )
    scenario, family = scenario_of(plan), plan.multiplicity["f"]
    pairs = [alike_arms(plan, scenario, wanted) for wanted in family.hypotheses.values()]
    expected = {"ketamine_therapy": "midazolam_usual", "ketamine_usual": "midazolam_usual"}
    for order in (pairs, pairs[::-1]):
        alike = resolved(plan, [pair for some in order for pair in some])
        assert {arm: other for _, arm, other in alike} == expected
    assert true_in_turn(plan, scenario, family) == (("therapy",), ("drug",))
    both = setting_of(plan, scenario, family.hypotheses, Cell(80, "none"))
    one = setting_of(plan, scenario, family.hypotheses, Cell(80, "in_turn", "f", ("drug",)))
    assert {arm for _, arm, _ in both.alike} == set(expected)
    assert {arm for _, arm, _ in one.alike} == {"ketamine_usual"}
