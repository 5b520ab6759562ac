"""Interaction in a two-by-two trial against statsmodels, lifelines' means and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from statsmodels.duration.hazard_regression import PHReg

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import EXACT, OTHER_SOFTWARE

ARMS = ("usual", "talk", "drug", "both")
FACTORS = {
    "pill": {"sham": ["usual", "talk"], "active": ["drug", "both"]},
    "care": {"plain": ["usual", "drug"], "therapy": ["talk", "both"]},
}
INTERACTION = "ratio of hazard ratios"
WITHIN = "hazard ratio within a level"
DAYS = "difference of differences in restricted means"
ESTIMAND = Estimand.model_validate(
    {
        "population": "x",
        "treatment": {"active": "both", "reference": "drug"},
        "endpoint": "y",
        "summary": "hazard ratio",
    }
)


def subjects(n: int = 400, seed: int = 3, product: float = -0.5) -> pd.DataFrame:
    """Proportional hazards in four arms, whole days, censored at 100."""
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 2, n), rng.integers(0, 2, n)
    age = rng.normal(0, 1, n)
    rate = 0.02 * np.exp(-0.4 * a - 0.3 * b + product * a * b + 0.3 * age)
    time = np.ceil(rng.exponential(1 / rate))
    return pd.DataFrame(
        {
            "subject": [f"s{i:05d}" for i in range(n)],
            "arm": np.array(ARMS)[2 * a + b],
            "time": np.minimum(time, 100.0),
            "event": time <= 100,
            "reason": np.where(time <= 100, "score", "completed"),
            "age": age,
            "site": np.where(rng.random(n) < 0.5, "north", "south"),
        }
    )


def fitted(frame: pd.DataFrame, factors: object = None, **options: object) -> dict[str, Result]:
    """The rows of the interaction by statistic and group."""
    analysis = TimeToEventAnalysis.model_validate(
        {
            "estimand": "y",
            "role": "secondary",
            "model": "time_to_event",
            "rmst_days": 90,
            "interaction": FACTORS if factors is None else factors,
            **options,
        }
    )
    endpoint = TimeToEventData("y", "p", ARMS, frame, "a rule", "an event")
    fit = fit_time_to_event_analysis("y", analysis, ESTIMAND, endpoint, 0.95)
    return {f"{r.statistic}, {r.group}": r for r in fit.results if r.table == "ttet03"}


def test_the_model_is_that_of_statsmodels() -> None:
    frame = subjects()
    rows = fitted(frame, ties="breslow", covariates=["age"], strata=["site"])
    a = frame["arm"].isin(["drug", "both"]).astype(float)
    b = frame["arm"].isin(["talk", "both"]).astype(float)
    X = np.column_stack([a, b, a * b, frame["age"]])
    other = PHReg(
        frame["time"], X, frame["event"].astype(int), ties="breslow", strata=frame["site"]
    ).fit(disp=False)
    covariance = other.cov_params()
    for group, L in {
        f"{INTERACTION}, pill by care": [0, 0, 1, 0],
        f"{WITHIN}, active against sham with plain": [1, 0, 0, 0],
        f"{WITHIN}, active against sham with therapy": [1, 0, 1, 0],
        f"{WITHIN}, therapy against plain with sham": [0, 1, 0, 0],
        f"{WITHIN}, therapy against plain with active": [0, 1, 1, 0],
    }.items():
        weights = np.array(L, dtype=float)
        row = rows[group]
        assert row.estimate == pytest.approx(np.exp(weights @ other.params), rel=OTHER_SOFTWARE)
        error = np.sqrt(weights @ covariance @ weights)
        assert row.std_error == pytest.approx(error, rel=OTHER_SOFTWARE)


def test_factors_whose_levels_have_the_same_names() -> None:
    """Each of the four ratios says of which factor it is, and is the same as under other names."""
    frame = subjects()
    levels = zip(FACTORS.items(), (("none", "given"),) * 2, strict=True)
    same = {
        factor: dict(zip(names, arms.values(), strict=True)) for (factor, arms), names in levels
    }
    rows, other = fitted(frame, same), fitted(frame)
    pairs = {
        "pill given against pill none with care none": "active against sham with plain",
        "pill given against pill none with care given": "active against sham with therapy",
        "care given against care none with pill none": "therapy against plain with sham",
        "care given against care none with pill given": "therapy against plain with active",
    }
    for one, two in pairs.items():
        assert rows[f"{WITHIN}, {one}"].estimate == other[f"{WITHIN}, {two}"].estimate


def test_days_are_the_means_of_four_curves() -> None:
    # Without censoring before the limit the restricted mean is that of min(T, tau).
    frame = subjects()
    row = fitted(frame)[f"{DAYS}, pill by care"]
    shortened = frame.assign(time=frame["time"].clip(upper=90)).groupby("arm")["time"]
    mean, variance = shortened.mean(), shortened.var(ddof=0) / shortened.size()
    assert row.estimate == pytest.approx(
        mean["both"] - mean["drug"] - mean["talk"] + mean["usual"], rel=EXACT
    )
    assert row.std_error == pytest.approx(np.sqrt(variance.sum()), rel=EXACT)


def test_the_truth_is_found() -> None:
    # 20,000 subjects: the standard error of the log ratio is 0.06, three of them are allowed.
    row = fitted(subjects(20_000, product=-0.5), covariates=["age"])[f"{INTERACTION}, pill by care"]
    assert row.estimate is not None
    assert row.std_error is not None
    assert abs(np.log(row.estimate) + 0.5) < 3 * row.std_error


@given(seed=st.integers(0, 50))
def test_references_and_names_only_turn_the_ratio_round(seed: int) -> None:
    frame = subjects(160, seed)
    row = fitted(frame)[f"{INTERACTION}, pill by care"]
    turned = {"pill": dict(reversed(FACTORS["pill"].items())), "care": FACTORS["care"]}
    other = fitted(frame.sample(frac=1, random_state=seed), turned)[f"{INTERACTION}, pill by care"]
    exchanged = fitted(frame, dict(reversed(FACTORS.items())))[f"{INTERACTION}, care by pill"]
    assert row.estimate is not None
    assert other.estimate == pytest.approx(1 / row.estimate, rel=OTHER_SOFTWARE)
    assert exchanged.estimate == pytest.approx(row.estimate, rel=OTHER_SOFTWARE)
    assert other.p_value == pytest.approx(row.p_value, rel=OTHER_SOFTWARE)


def test_an_arm_without_events_gives_no_ratio() -> None:
    frame = subjects()
    frame.loc[frame["arm"] == "both", "event"] = False
    rows = fitted(frame)
    row = rows[f"{INTERACTION}, pill by care"]
    assert (row.status, row.estimate) == ("failed", None)
    assert "both" in row.message
    assert rows[f"{DAYS}, pill by care"].status == "ok"


@pytest.mark.parametrize(
    "factors",
    [
        {"pill": FACTORS["pill"]},
        {"pill": FACTORS["pill"], "care": FACTORS["pill"]},
        {"pill": {"sham": ["usual", "talk"], "active": ["drug"]}, "care": FACTORS["care"]},
        {
            "pill": FACTORS["pill"],
            "care": {"plain": ["usual", "drug"], "therapy": ["talk", "drug"]},
        },
    ],
)
def test_factors_that_do_not_cross_are_refused(factors: object) -> None:
    with pytest.raises(ValidationError):
        fitted(subjects(40), factors)
