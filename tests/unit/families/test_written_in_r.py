"""Options of the families against R, on made data; scripts and numbers lie in `written_in_r`.

Each script says how it is run. R was 4.2.2 with survival, cmprsk, metafor, numDeriv and boot; what
these do not have is written out there from its definition.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

import ketaoutcomes as ko
from ketaoutcomes.endpoints.data import (
    MediationData,
    RecurrentData,
    TimeToEventData,
    ValueData,
)
from ketaoutcomes.families.cost_effectiveness.fit import fit_cost_effectiveness_analysis
from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.mediation.fit import fit_mediation_analysis
from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.parametric_survival.fit import fit_parametric_analysis
from ketaoutcomes.families.parametric_survival.plan import IntervalCensoredAnalysis
from ketaoutcomes.families.recurrent_events.fit import fit_recurrent_analysis
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.numerics.firth import firth_coefficient
from ketaoutcomes.numerics.incidence import clopper_pearson, fisher_p_value
from ketaoutcomes.numerics.meta_analysis.pooling import pool
from ketaoutcomes.numerics.proportions import TwoProportions
from ketaoutcomes.numerics.survival.restricted_mean_regression import regress_restricted_mean
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import DEGREES_OF_FREEDOM, SAME_OPTIMUM

HERE = Path(__file__).parent / "written_in_r"
ARMS = ("placebo", "drug")
RESAMPLED = 0.08
"""Four standard errors, in those of the estimate, of the difference of two limits by 40,000
resamples: each has 0.0135, by the density of the normal distribution there."""
ROOT = 1e-5
"""R's limits of a profile whose inner maximum is found to half of the digits."""


def of_r(case: str) -> dict[str, float]:
    numbers = pd.read_csv(HERE / "people_numbers.csv")
    here = numbers[numbers["case"] == case]
    assert len(here)
    return dict(zip(here["number"], here["value"], strict=True))


def people() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "people.csv")
    return frame.assign(subject=frame["id"].map("{:03d}".format), drug=frame["arm"] == "drug")


def rows_of(fitted: Fitted) -> dict[str, Result]:
    return {f"{r.statistic} {r.group}".strip(): r for r in fitted.results if r.reference}


def estimand(summary: str, visit: str | None = None) -> Estimand:
    return Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": "drug", "reference": "placebo"},
            "endpoint": "y",
            "visit": visit,
            "summary": summary,
        }
    )


STRUCTURES = pd.read_csv(HERE / "mmrm.csv").set_index("structure")


@pytest.mark.parametrize("structure", STRUCTURES.index)
def test_covariance_structures_of_the_mmrm(structure: str) -> None:
    scores = pd.read_csv(HERE / "scores.csv")
    options: dict[str, Any] = {
        "subject": "id",
        "visit": "visit",
        "covariance": structure,
        "levels": {"arm": "placebo"},
    }
    fit = ko.mmrm("change ~ base + sex + arm*visit", scores, **options)
    last = fit.contrasts("arm", by="visit").iloc[-1]
    r = STRUCTURES.loc[structure]
    assert last["estimate"] == pytest.approx(r["estimate"], rel=SAME_OPTIMUM)
    assert last["std_error"] == pytest.approx(r["std_error"], rel=SAME_OPTIMUM)
    assert last["df"] == pytest.approx(r["df"], rel=DEGREES_OF_FREEDOM)


def test_between_within_degrees_of_freedom_are_counted() -> None:
    """A difference of arms lies between 60 participants, less intercept, baseline, sex and arm.

    Visits change within them: 205 scores less 60 participants, less 3 of visits and 3 of arm by
    visit (Schluchter & Elashoff 1990, as PROC MIXED counts with DDFM=BW).
    """
    scores = pd.read_csv(HERE / "scores.csv")
    assert (len(scores), scores["id"].nunique()) == (205, 60)
    fit = ko.mmrm(
        "change ~ base + sex + arm*visit",
        scores,
        subject="id",
        visit="visit",
        df="between-within",
        levels={"arm": "placebo"},
    )
    df = fit.tidy().set_index("term")["df"]
    between = df[[name for name in df.index if name.startswith(("base", "sex", "arm"))]]
    visits = [name for name in df.index if "visit" in name]
    assert set(between.drop([n for n in visits if n in between.index])) == {60.0 - 4}
    assert set(df[visits]) == {205.0 - 60 - 6}
    assert set(fit.contrasts("arm", by="visit")["df"]) == {56.0}


STRATEGIES = {
    "mar": "missing at random",
    "j2r": "jump to reference",
    "cr": "copy reference",
    "cir": "copy increments in reference",
    "lmcf": "last mean carried forward",
}
IMPUTED = pd.read_csv(HERE / "imputation.csv")


@pytest.mark.parametrize("place", IMPUTED.index)
def test_reference_based_imputation_and_its_shift(place: int) -> None:
    r = IMPUTED.loc[place]
    scores = pd.read_csv(HERE / "scores.csv")
    found = ko.impute(
        scores.assign(base=scores["base"] - 30),
        subject="id",
        arm="arm",
        visit="visit",
        change="change",
        baseline="base",
        covariates=["sex"],
        reference="placebo",
        strategy=STRATEGIES[r["strategy"]],
        method="conditional mean",
        delta={"drug": float(r["delta"])} if r["delta"] else None,
    ).tidy()
    last = found[(found["term"] == "difference in LS means") & (found["visit"] == "4")].iloc[0]
    assert last["estimate"] == pytest.approx(r["estimate"], rel=1e-5)
    assert last["std_error"] == pytest.approx(r["std_error"], rel=1e-4)


def test_costs_and_effects() -> None:
    frame = people()
    data = ValueData(
        name="y",
        phase="p",
        arms=ARMS,
        frame=frame[["subject", "arm"]],
        costs=frame[["cost"]],
        times=frame[["effect"]],
        utilities=((1.0, 0.0),),
        price_errors=(0.0,),
        currency="USD",
        unit="QALY",
    )
    analysis = CostEffectivenessAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "cost_effectiveness",
            "willingness_to_pay": [20_000],
            "resamples": 40_000,
        }
    )
    target = estimand("incremental net monetary benefit")
    rows = rows_of(fit_cost_effectiveness_analysis("a", analysis, target, data, 0.95))
    r, drawn = of_r("value"), of_r("value_boot")
    at = "at 20,000 USD per QALY"
    net = rows[f"incremental net monetary benefit {at}"]
    for row, number in (
        (rows["incremental cost"], r["cost"]),
        (rows["incremental effect"], r["effect"]),
        (rows["incremental cost-effectiveness ratio"], r["ratio"]),
        (net, r["net"]),
    ):
        assert row.estimate == pytest.approx(number, rel=1e-10)
    assert net.estimate / net.test_statistic == pytest.approx(r["net_error"], rel=1e-10)
    for limit, number in ((net.conf_low, drawn["low"]), (net.conf_high, drawn["high"])):
        assert limit == pytest.approx(number, abs=RESAMPLED * r["net_error"])
    # a share of 40,000 draws has a standard error of 0.0025
    share = rows[f"probability of being cost-effective {at}"].estimate
    assert share == pytest.approx(drawn["accepted"], abs=4 * 0.0025 * np.sqrt(2))
    # n - 1 against n of the bootstrap: 45 participants an arm
    assert rows["incremental cost"].std_error == pytest.approx(r["cost_error"], rel=0.03)


@pytest.mark.parametrize("interaction", [False, True])
def test_mediation(*, interaction: bool) -> None:
    frame = people().assign(baseline=lambda d: d["age"], mediator_baseline=lambda d: d["age"] % 7)
    data = MediationData("y", "p", "MADRS", ARMS, frame)
    analysis = MediationAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "supplementary",
            "model": "mediation",
            "mediator": {"scale": "BDNF", "visit": "v1"},
            "interaction": interaction,
            "resamples": 20_000,
        }
    )
    target = estimand("natural indirect effect", "v2")
    rows = rows_of(fit_mediation_analysis("a", analysis, target, data, 0.95))
    if interaction:
        r = of_r("mediation_interaction")
        for place, arm in enumerate(("reference", "active")):
            for side in ("indirect", "direct"):
                row = rows[f"natural {side} effect in the {arm} arm"]
                assert row.estimate == pytest.approx(r[f"{side}_{place}"], rel=1e-8)
        return
    r = of_r("mediation")
    for statistic, number in (
        ("natural indirect effect", "indirect"),
        ("natural direct effect", "direct"),
        ("total effect", "total"),
    ):
        assert rows[statistic].estimate == pytest.approx(r[number], rel=1e-8)
    # the bootstrap of a product of two estimates from 90 participants, and the delta method
    assert rows["natural indirect effect"].std_error == pytest.approx(r["sobel"], rel=0.1)


def test_recurrent_events() -> None:
    frame, rows = people(), []
    days = pd.read_csv(HERE / "events.csv").groupby("id")["day"].apply(sorted)
    for one in frame.itertuples():
        at = [0, *days.get(one.id, []), 30 * one.months]
        rows += [
            (one.subject, one.arm, start, stop, number < len(at) - 1, number)
            for number, (start, stop) in enumerate(pairwise(at), 1)
        ]
    columns = ["subject", "arm", "start", "stop", "event", "number"]
    data = RecurrentData("y", "p", ARMS, pd.DataFrame(rows, columns=columns), "rule", "fall")
    analysis = RecurrentEventsAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "recurrent_events",
            "models": ["Andersen-Gill", "PWP total time", "PWP gap time"],
            "at_most_events": 3,
        }
    )
    found = rows_of(fit_recurrent_analysis("a", analysis, estimand("rate ratio"), data, 0.95))
    for statistic, case in (
        ("rate ratio", "lwyy"),
        ("hazard ratio (PWP total time)", "pwp_total"),
        ("hazard ratio (PWP gap time)", "pwp_gap"),
    ):
        row, r = found[statistic], of_r(case)
        assert np.log(row.estimate) == pytest.approx(r["log_ratio"], rel=SAME_OPTIMUM)
        assert row.std_error == pytest.approx(r["std_error"], rel=SAME_OPTIMUM)


def test_restricted_mean_with_a_covariate() -> None:
    d = people()
    X = np.column_stack([np.ones(len(d)), d["drug"], d["age"]]).astype(float)
    for scale, number in (("difference", "difference"), ("ratio", "log_ratio")):
        fit = regress_restricted_mean(d["time"], d["kind"] > 0, X, d["arm"], 60, scale)
        assert fit.beta[1] == pytest.approx(of_r("restricted_mean")[number], rel=1e-8)


def test_competing_risks() -> None:
    d = people()
    options: dict[str, Any] = {"time": "time", "event": "kind", "arm": "arm"}
    options["reference"] = "placebo"
    fit = ko.fine_gray(d, covariates=["age"], ties="breslow", **options).tidy().iloc[0]
    r = of_r("fine_gray")
    assert np.log(fit["estimate"]) == pytest.approx(r["log_ratio"], rel=SAME_OPTIMUM)
    assert np.log(fit["estimate"]) == pytest.approx(r["by_crr"], rel=1e-5)
    assert fit["std_error"] == pytest.approx(r["std_error"], rel=SAME_OPTIMUM)
    # crr adds what the estimated chance of censoring costs; `finegray` and this project do not
    assert fit["std_error"] == pytest.approx(r["error_by_crr"], rel=5e-3)


@pytest.mark.parametrize(
    "law", ["weibull", "log-normal", "log-logistic", "exponential"], ids=lambda x: x
)
def test_interval_censored_times(law: str) -> None:
    d = people()
    d["high"] = d["high"].fillna(np.inf)
    frame = d.assign(event=d["kind"] > 0, reason="", after=d["low"], by=d["high"])
    analysis = IntervalCensoredAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "sensitivity",
            "model": "interval_censored",
            "rmst_days": 60,
            "distribution": law,
        }
    )
    data = TimeToEventData("y", "p", ARMS, frame, "rule", "relapse")
    target = estimand("difference in restricted mean time")
    row = rows_of(fit_parametric_analysis("a", analysis, target, data, 0.95))["time ratio"]
    r = of_r(f"interval_{law.replace('-', '')}")
    assert np.log(row.estimate) == pytest.approx(r["drug"], rel=SAME_OPTIMUM)
    assert row.std_error == pytest.approx(r["std_error"], rel=SAME_OPTIMUM)


def test_exact_tests_and_limits() -> None:
    d, r = people(), of_r("exact")
    counts = d.groupby("arm")["response"].agg(["sum", "size"])
    (a, n), (b, m) = counts.loc["drug"], counts.loc["placebo"]
    table = TwoProportions(int(a), int(n), int(b), int(m))
    assert fisher_p_value(table) == pytest.approx(r["fisher"], rel=1e-8)
    exact = clopper_pearson(int(a), int(n), 0.95)
    assert (exact.conf_low, exact.conf_high) == pytest.approx((r["low"], r["high"]), rel=1e-8)


def test_firths_logistic_regression() -> None:
    d, r = people(), of_r("firth")
    X = np.column_stack([np.ones(len(d)), d["drug"], (d["age"] - 45) / 10]).astype(float)
    found = firth_coefficient(X, d["response"].to_numpy(dtype=float), 1, 0.95)
    assert found.estimate == pytest.approx(r["log_odds"], rel=ROOT)
    assert (found.conf_low, found.conf_high) == pytest.approx((r["low"], r["high"]), rel=ROOT)
    assert found.p_value == pytest.approx(r["p"], rel=ROOT)


EFFECTS = np.array([-0.52, -0.11, -0.83, 0.09, -0.40, -0.67])
VARIANCES = np.array([0.04, 0.09, 0.12, 0.06, 0.20, 0.03])


@pytest.mark.parametrize(
    ("interval", "case"), [("hartung-knapp", "meta_adhoc"), ("normal", "meta_z")]
)
def test_pooled_effects_and_their_prediction(interval: Any, case: str) -> None:
    """R's metafor predicts with k - 1 of 6 studies, or with a normal quantile: -0.41 -+ 1.96 s."""
    r = of_r(case)
    one_fewer, two_fewer = (
        pool(EFFECTS, VARIANCES, interval=interval, fewer_df=fewer) for fewer in (1, 2)
    )
    found = (one_fewer.estimate, one_fewer.std_error, one_fewer.conf_low, one_fewer.p_value)
    expected = (r["estimate"], r["std_error"], r["low"], r["p"])
    assert found == pytest.approx(expected, rel=SAME_OPTIMUM)
    half = (r["pi_high"] - r["pi_low"]) / 2
    spread = half / (t.ppf(0.975, 5) if interval == "hartung-knapp" else norm.ppf(0.975))
    for pooled, df in ((one_fewer, 5), (two_fewer, 4)):
        assert pooled.prediction is not None
        low, high = pooled.prediction
        assert (high - low) / 2 == pytest.approx(t.ppf(0.975, df) * spread, rel=SAME_OPTIMUM)
    if interval == "hartung-knapp":
        assert one_fewer.prediction == pytest.approx((r["pi_low"], r["pi_high"]), rel=SAME_OPTIMUM)
