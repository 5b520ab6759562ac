"""What a library gets wrong, function by function: the reason why it is no engine here.

A test that fails after an upgrade says that the library has been mended, and the table of
docs/methods/second-programs.md is to be changed.
"""

import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from scipy.stats import beta, binomtest
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.stats.proportion import confint_proportions_2indep

from faulty_engines import change_trial
from ketaoutcomes.numerics.proportions import TwoProportions, miettinen_nurminen_difference
from ketaoutcomes.numerics.survival.turnbull import turnbull
from ketaoutcomes.second.cells import cells_of
from ketaoutcomes.second.curves import AtRisk, solve_by_loops
from ketaoutcomes.second.marginal_model import Rules, solve_marginal
from ketaoutcomes.second.two_by_two import Four, miettinen_nurminen


def with_entry() -> pd.DataFrame:
    """Sixty participants in twenty clusters who enter at different times, without ties."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.integers(0, 2, 60), "entry": rng.uniform(0, 3, 60)})
    frame["time"] = frame["entry"] + rng.exponential(5, 60) + 0.01
    return frame.assign(event=1, cluster=np.repeat(range(20), 3))


@pytest.mark.parametrize("four", [Four(9, 10, 0, 10), Four(19, 20, 1, 20)], ids=str)
def test_statsmodels_limits_of_miettinen_and_nurminen_are_off(four):
    """Against the engine and the second program, which find the restricted estimates otherwise."""
    with np.errstate(all="ignore"):
        found = confint_proportions_2indep(
            four.a, four.n, four.c, four.m, method="score", compare="diff", correction=True
        )
    right = miettinen_nurminen_difference(TwoProportions(four.a, four.n, four.c, four.m), 0.95)
    low, high = miettinen_nurminen(four, 0.95)
    assert (low, high) == pytest.approx((right.conf_low, right.conf_high), abs=1e-9)
    assert abs(found[0] - low) > 0.02


@pytest.mark.parametrize("four", [Four(0, 10, 0, 10), Four(10, 10, 0, 10), Four(8, 10, 1, 10)])
def test_statsmodels_has_no_such_limits_where_a_cell_is_small_or_empty(four):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"sign|NaN"):
        confint_proportions_2indep(
            four.a, four.n, four.c, four.m, method="score", compare="diff", correction=True
        )
    low, high = miettinen_nurminen(four, 0.95)
    assert -1 <= low < high <= 1


def test_lifelines_breaks_ties_of_competing_events_by_chance():
    """Of six participants; the incidence of Aalen and Johansen is 1/6 + 1/6 + (1/4 + 0) + ... ."""
    time, kind = np.array([1, 1, 2, 2, 3, 3.0]), np.array([1, 2, 1, 0, 2, 1])
    by_hand = 1 / 6 + 4 / 6 * 1 / 4 + 4 / 6 * 3 / 4 * 1 / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {
            float(
                AalenJohansenFitter(seed=seed)
                .fit(time, kind, event_of_interest=1)
                .cumulative_density_.iloc[-1, 0]
            )
            for seed in range(8)
        }
    assert by_hand == pytest.approx(7 / 12)
    assert len(found) > 1
    assert any(abs(one - by_hand) > 0.02 for one in found)


def test_the_interval_censored_curve_of_lifelines_is_not_the_likeliest():
    """Four participants, masses a, b, c: the likelihood abc (a + b + c) is greatest at thirds."""
    low, high = np.array([0, 2, 4, 1.0]), np.array([2, 4, 6, 5.0])
    curve = KaplanMeierFitter().fit_interval_censoring(low, high).survival_function_
    assert float(curve.loc[2.0].iloc[0]) == pytest.approx(1.0)  # nobody had the event by 2
    ours = turnbull(low, high)
    assert ours.probability == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_lifelines_cluster_robust_error_is_off_with_delayed_entry():
    """R 4.2.2, survival: sqrt(vcov(coxph(Surv(entry, time, event) ~ x, cluster = cluster)))."""
    frame = with_entry()
    X = frame[["x"]].to_numpy(dtype=float)
    rows = AtRisk(
        frame["time"].to_numpy(), frame["entry"].to_numpy(), np.ones(60, bool), X, np.zeros(60)
    )
    log_ratio, inverse = solve_by_loops(rows, ties="efron")
    parts = rows.score_parts(log_ratio, ties="efron")[:, 0]
    by_cluster = np.bincount(frame["cluster"], parts)
    robust = float(inverse[0, 0] * np.sqrt(by_cluster @ by_cluster))
    assert robust == pytest.approx(0.2581827241, rel=1e-6)
    fit = CoxPHFitter().fit(frame, "time", "event", entry_col="entry", cluster_col="cluster")
    assert float(fit.params_["x"]) == pytest.approx(float(log_ratio[0]), rel=1e-5)
    assert float(fit.standard_errors_["x"]) > 1.04 * robust


def test_phreg_is_off_with_tied_times_and_delayed_entry():
    frame = with_entry()
    frame["time"] = np.ceil(frame["time"])
    frame["entry"] = np.floor(frame["entry"])
    X = frame[["x"]].to_numpy(dtype=float)
    time, entry = frame["time"].to_numpy(), frame["entry"].to_numpy()
    right, _ = solve_by_loops(AtRisk(time, entry, np.ones(60, bool), X, np.zeros(60)), ties="efron")
    found = PHReg(time, X, status=np.ones(60), entry=entry, ties="efron").fit(disp=False)
    assert abs(float(found.params[0]) - float(right[0])) > 1e-3


def test_mixedlm_is_no_unstructured_model():
    """A random effect a visit and a residual variance: one variance more than the model has."""
    frame = change_trial(model="mmrm").endpoint.frame
    cells = cells_of(frame, "change", ("baseline",), ())
    right = solve_marginal(cells, "us", Rules("residual"))
    Z = np.eye(len(cells.visits))[cells.visit]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        fit = MixedLM(cells.y, cells.X, cells.subject, exog_re=Z).fit(reml=True)
    c = cells.combination("Week 4", "drug", "control")
    p = cells.X.shape[1]
    error = float(np.sqrt(c @ np.asarray(fit.cov_params())[:p, :p] @ c))
    known = float(np.sqrt(c @ right.covariance @ c))
    assert told or not fit.converged or abs(error / known - 1) > 1e-3


def test_scipys_exact_interval_has_six_digits_where_events_are_rare():
    """The limit is a quantile of the beta distribution, and P(X >= 1) at it is half of 5%."""
    low = float(beta.ppf(0.025, 1, 100_000))
    assert -np.expm1(100_000 * np.log1p(-low)) == pytest.approx(0.025, rel=1e-12)
    found = binomtest(1, 100_000).proportion_ci(method="exact").low
    assert abs(found / low - 1) > 1e-7
