"""Mediation, cost-effectiveness and standardised risks as results, and what cannot be had."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from ketaoutcomes.endpoints.data import BinaryData, ChangeData, MediationData, ValueData
from ketaoutcomes.families.cost_effectiveness.fit import fit_cost_effectiveness_analysis
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.families.dose_response.fit import fit_dose_response_analysis
from ketaoutcomes.families.dose_response.plan import DoseResponseAnalysis
from ketaoutcomes.families.mediation.fit import fit_mediation_analysis
from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.standardisation.fit import fit_standardisation_analysis
from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM

ARMS = ("control", "drug")


def estimand(summary: str, visit: str | None = None) -> Estimand:
    return Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": "drug", "reference": "control"},
            "endpoint": "y",
            "visit": visit,
            "summary": summary,
        }
    )


def arms(n: int) -> np.ndarray:
    return np.where(np.arange(n) % 2, "drug", "control")


def mediation(n: int = 300, **options: Any) -> dict[str, Result]:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"subject": [f"s{i}" for i in range(n)], "arm": arms(n)})
    frame["baseline"] = rng.normal(30, 4, n)
    frame["mediator_baseline"] = rng.normal(0, 1, n)
    frame["site"] = np.where(rng.random(n) < 0.5, "A", "B")
    frame["mediator"] = 1.0 * (frame["arm"] == "drug") + rng.normal(0, 1, n)
    frame["outcome"] = -3 * frame["mediator"] - 2.0 * (frame["arm"] == "drug")
    frame["outcome"] += rng.normal(0, 2, n)
    analysis = MediationAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "supplementary",
            "model": "mediation",
            "mediator": {"scale": "BDNF", "visit": "v1"},
            "covariates": ["site"],
            "resamples": 400,
        }
        | options
    )
    data = MediationData("y", "p", "MADRS", ARMS, frame)
    target = estimand("natural indirect effect", "v2")
    fitted = fit_mediation_analysis("a", analysis, target, data, 0.95)
    return {f"{r.table} {r.statistic} {r.group}".strip(): r for r in fitted.results}


def test_the_indirect_effect_of_a_known_course_lies_in_its_interval() -> None:
    rows = mediation()
    main = rows["medt01 natural indirect effect"]
    assert main.conf_low < -3 < main.conf_high  # type: ignore[operator]
    direct = rows["medt01 natural direct effect"]
    assert direct.conf_low < -2 < direct.conf_high  # type: ignore[operator]
    total = rows["medt01 total effect"].estimate
    assert main.estimate + direct.estimate == pytest.approx(total)  # type: ignore[operator]


def test_without_hidden_confounding_the_sensitivity_row_is_the_estimate() -> None:
    rows = mediation()
    at_nil = rows["medt02 natural indirect effect correlation 0"]
    assert at_nil.estimate == pytest.approx(rows["medt01 natural indirect effect"].estimate)


def test_with_interaction_there_is_an_effect_in_each_arm_and_no_sensitivity_row() -> None:
    rows = mediation(interaction=True)
    sides = [
        rows[f"medt01 natural indirect effect in the {arm} arm"].estimate
        for arm in ("reference", "active")
    ]
    mean = rows["medt01 natural indirect effect"].estimate
    assert np.mean(sides) == pytest.approx(mean)  # type: ignore[arg-type]
    assert not any(key.startswith("medt02") for key in rows)


def test_too_few_subjects_for_the_model_are_told() -> None:
    row = mediation(n=10)["medt01 natural indirect effect"]
    assert row.status == "failed"
    assert "no more than" in row.message


def value(
    dearer: float, gain: float, n: int = 200, unknown: tuple[str, ...] = ()
) -> tuple[dict[str, Result], ValueRecord | None]:
    rng = np.random.default_rng(6)
    arm = arms(n)
    cost = rng.normal(5000, 300, n) + dearer * (arm == "drug")
    effect = rng.normal(0.6, 0.05, n) + gain * (arm == "drug")
    data = ValueData(
        name="y",
        phase="p",
        arms=ARMS,
        frame=pd.DataFrame({"subject": [f"s{i}" for i in range(n)], "arm": arm}),
        costs=pd.DataFrame({"dose": cost}),
        times=pd.DataFrame({"QALY": effect}),
        utilities=((1.0, 0.0),),
        price_errors=(0.0,),
        currency="USD",
        unit="QALY",
        unknown_prices=unknown,
    )
    analysis = CostEffectivenessAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "cost_effectiveness",
            "willingness_to_pay": [50_000, 100_000],
            "resamples": 500,
        }
    )
    target = estimand("incremental net monetary benefit")
    fitted = fit_cost_effectiveness_analysis("a", analysis, target, data, 0.95)
    assert fitted.record is None or isinstance(fitted.record, ValueRecord)
    found = {f"{r.statistic} {r.group}".strip(): r for r in fitted.results if r.reference}
    return found, fitted.record


def test_increments_ratio_and_net_benefit_are_one_arithmetic() -> None:
    rows, record = value(3000, 0.1)
    cost, effect = (rows[f"incremental {what}"].estimate for what in ("cost", "effect"))
    assert cost is not None
    assert effect is not None
    assert rows["incremental cost-effectiveness ratio"].estimate == pytest.approx(cost / effect)
    net = rows["incremental net monetary benefit at 50,000 USD per QALY"]
    assert net.estimate == pytest.approx(50_000 * effect - cost)
    assert record is not None
    assert (np.diff(record.acceptability) >= 0).all()  # more effective: worth more, accepted more


def test_a_price_that_nobody_paid_is_told() -> None:
    row = value(3000, 0.1, unknown=("dosis",))[0]["incremental net monetary benefit"]
    assert row.status == "failed"
    assert row.message == (
        "`price_errors` names dosis, for which there is no cost; the costs are: dose"
    )


def test_a_dominant_arm_has_no_ratio() -> None:
    row = value(-2000, 0.1)[0]["incremental cost-effectiveness ratio"]
    assert (row.status, row.estimate) == ("warning", None)
    assert "less costly and no less effective" in row.message


def test_a_ratio_over_two_quadrants_has_no_interval() -> None:
    row = value(3000, 0.005)[0]["incremental cost-effectiveness ratio"]
    assert row.estimate is not None
    assert row.conf_low is None
    assert "more than one quadrant" in row.message


def standardisation(n: int = 400, **options: Any) -> dict[str, Result]:
    rng = np.random.default_rng(5)
    arm = arms(n)
    payer = rng.choice(["private", "public", "none"], p=[0.5, 0.4, 0.1], size=n)
    age = rng.normal(45, 10, n)
    risk = 0.3 + 0.2 * (arm == "drug") - 0.1 * (payer == "none")
    frame = pd.DataFrame(
        {
            "subject": [f"s{i}" for i in range(n)],
            "arm": arm,
            "visit": "v",
            "outcome": (rng.random(n) < risk).astype(float),
            "payer": payer,
            "age": age,
        }
    )
    analysis = StandardisationAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "g_computation"} | options
    )
    data = BinaryData("y", "p", "MADRS", ARMS, ("v",), frame, "rule")
    target = estimand("difference in proportions", "v")
    fitted = fit_standardisation_analysis("a", analysis, target, data, 0.95)
    return {f"{r.statistic} {r.arm}{r.group}".strip(): r for r in fitted.results}


def test_levels_are_compared_with_the_most_frequent() -> None:
    rows = standardisation(covariates=["age"], by=["payer"])
    assert "risk difference payer: private" not in rows
    row = rows["risk difference payer: none"]
    assert row.reference == "private"
    risks = [rows[f"standardised risk payer: {level}"].estimate for level in ("none", "private")]
    assert row.estimate == pytest.approx(risks[0] - risks[1])  # type: ignore[operator]


def test_a_risk_has_the_interval_of_its_log_odds() -> None:
    """Without covariates the risk is the proportion of the arm, the variance of whose logit is
    1 / (n p (1 - p)): the Wald interval of a log odds."""
    rows = standardisation(n=40)
    for arm in ARMS:
        row = rows[f"standardised risk {arm}"]
        p, n = row.estimate, row.n
        half = stats.norm.ppf(0.975) / np.sqrt(n * p * (1 - p))  # type: ignore[operator]
        limits = special.expit(special.logit(p) + np.array([-half, half]))
        assert (row.conf_low, row.conf_high) == pytest.approx(tuple(limits), rel=SAME_OPTIMUM)
        assert row.p_value is None


def test_a_factor_that_is_a_number_is_told() -> None:
    row = standardisation(by=["age"])["risk difference drug"]
    assert (row.status, row.message) == ("failed", "`by` takes factors, and age is a number")


def dose_trial(effect: float, n: int = 200) -> ChangeData:
    """Four doses, two visits, a fall of effect d / (0.2 + d) at the second."""
    rng = np.random.default_rng(7)
    doses = {"control": 0.0, "low": 0.1, "mid": 0.3, "high": 1.0}
    arm = np.array(list(doses))[np.arange(n) % 4]
    own = rng.normal(0, 3, n)
    base = rng.normal(30, 4, n)
    frames = []
    for visit, weight in (("v1", 0.5), ("v2", 1.0)):
        dose = np.array([doses[a] for a in arm])
        change = -weight * effect * dose / (0.2 + dose) + own + rng.normal(0, 3, n)
        frames.append(
            pd.DataFrame(
                {"subject": [f"s{i:03d}" for i in range(n)], "arm": arm, "baseline": base}
            ).assign(visit=visit, change=change, score=change + base)
        )
    frame = pd.concat(frames).sort_values(["subject", "visit"], ignore_index=True)
    return ChangeData("y", "p", "MADRS", tuple(doses), ("v1", "v2"), frame)


def dose_response(data: ChangeData, **options: Any) -> dict[str, Result]:
    analysis = DoseResponseAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "dose_response",
            "doses": {"control": 0.0, "low": 0.1, "mid": 0.3, "high": 1.0},
            "shapes": {"linear": {"shape": "linear"}, "emax": {"shape": "emax", "parameter": 0.2}},
        }
        | options
    )
    target = Estimand.model_validate(
        estimand("difference in means", "v2").model_dump()
        | {"treatment": {"active": "high", "reference": "control"}}
    )
    fitted = fit_dose_response_analysis("a", analysis, target, data, 0.95)
    return {f"{r.statistic} {r.arm}{r.group}".strip(): r for r in fitted.results}


def test_a_dose_response_is_found_and_its_curve_recovered() -> None:
    rows = dose_response(dose_trial(effect=10))
    assert rows["trend contrast emax"].p_value < 0.001  # type: ignore[operator]
    # The shape that is true has the greater statistic.
    emax, linear = (rows[f"trend contrast {s}"].test_statistic for s in ("emax", "linear"))
    assert abs(emax) > abs(linear)  # type: ignore[arg-type]
    curve = rows["Emax"]
    assert curve.conf_low < -10 < curve.conf_high  # type: ignore[operator]


def test_differences_are_those_of_the_mixed_model_with_a_greater_p() -> None:
    data = dose_trial(effect=4)
    mmrm = MmrmAnalysis.model_validate({"estimand": "e", "role": "primary", "model": "mmrm"})
    target = Estimand.model_validate(
        estimand("difference in means", "v2").model_dump()
        | {"treatment": {"active": "high", "reference": "control"}}
    )
    own = dose_response(data)
    for row in fit_mmrm_analysis("m", mmrm, target, data, 0.95).results:
        if row.statistic == "difference in LS means" and row.visit == "v2":
            found = own[f"difference in LS means {row.arm}"]
            assert found.estimate == pytest.approx(row.estimate, rel=1e-9)
            assert found.std_error == pytest.approx(row.std_error, rel=1e-9)
            assert found.p_value > row.p_value  # type: ignore[operator]


def test_intervals_of_doses_are_adjusted_as_their_p_values_are() -> None:
    """An interval that excludes no difference and an adjusted p below 0.05 go together."""
    limits = []
    for effect in (0.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        rows = dose_response(dose_trial(effect=effect))
        for dose in ("low", "mid", "high"):
            row = rows[f"difference in LS means {dose}"]
            assert row.conf_low is not None
            assert row.conf_high is not None
            assert row.p_value is not None
            limits.append(row.p_value < 0.05)
            assert (row.conf_high < 0 or row.conf_low > 0) == limits[-1]
    assert {*limits} == {True, False}


def test_two_doses_are_too_few() -> None:
    data = dose_trial(effect=4)
    frame = data.frame[data.frame["arm"].isin(["control", "high"])].reset_index(drop=True)
    two = ChangeData("y", "p", "MADRS", data.arms, data.visits, frame)
    row = dose_response(two)["difference in LS means high"]
    assert (row.status, row.message) == ("failed", "fewer than three doses were given at the visit")
