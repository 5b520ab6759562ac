"""Mixtures of courses against dense normal densities, the MMRM, known truth and properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal, norm

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.trajectories.fit import fit_trajectory_analysis
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics, subject_rows
from ketaoutcomes.numerics.trajectories.fit import difference_of, errors_of, fit_mixture, share_of
from ketaoutcomes.numerics.trajectories.mixture import (
    Courses,
    Mixture,
    as_vector,
    from_vector,
    log_likelihood,
    posterior,
    step,
    structure,
)
from ketaoutcomes.plan.estimand import Estimand
from tolerances import EXACT

MEANS = np.array([[-8.0, -13.0, -16.0, -20.0], [-3.0, -4.0, -6.0, -8.0]])
SHARES = np.array([[0.3, 0.7], [0.6, 0.4]])
TRUE = Mixture(SHARES, MEANS, 30.0, 0.5, "ar1")
WITHIN = ("independent", "compound symmetry", "ar1")


def courses(n: int = 400, seed: int = 1, missing: float = 0.1) -> Courses:
    """Two classes in two arms; some scores missing completely at random."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    of_first = rng.random(n) < SHARES[arm, 0]
    factor = np.linalg.cholesky(TRUE.covariance())
    y = MEANS[np.where(of_first, 0, 1)] + rng.normal(size=(n, 4)) @ factor.T
    y[rng.random((n, 4)) < missing] = np.nan
    seen = np.isfinite(y).any(axis=1)
    return Courses(y[seen], arm[seen].astype(np.int64))


@pytest.mark.parametrize("within", WITHIN)
def test_the_likelihood_is_that_of_dense_normal_densities(within):
    data, mixture = courses(40), Mixture(SHARES, MEANS, 25.0, 0.4, within)
    V = 25.0 * structure(within, 0.4, 4)
    if within == "independent":
        V = 25.0 * np.eye(4)
    total = 0.0
    for y, arm in zip(data.y, data.arm, strict=True):
        o = np.isfinite(y)
        total += np.log(
            sum(
                SHARES[arm, k] * multivariate_normal(MEANS[k][o], V[np.ix_(o, o)]).pdf(y[o])
                for k in (0, 1)
            )
        )
    assert log_likelihood(data, mixture) == pytest.approx(total, rel=1e-11)


@given(seed=st.integers(0, 60), within=st.sampled_from(WITHIN), classes=st.integers(1, 3))
@settings(max_examples=15)
def test_no_step_lowers_the_likelihood(seed, within, classes):
    data = courses(120, seed)
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(classes), size=2)
    mixture = Mixture(shares, rng.normal(-10, 6, (classes, 4)), 40.0, 0.2, within)
    before = log_likelihood(data, mixture)
    for _ in range(6):
        mixture = step(data, mixture)
        after = log_likelihood(data, mixture)
        assert after >= before - 1e-9 * abs(before)
        before = after


@pytest.mark.parametrize("within", WITHIN)
def test_at_the_top_all_slopes_are_nil(within):
    data = courses(300)
    fit = fit_mixture(data, 2, within, 8, 1)
    vector = as_vector(fit.mixture)
    free = np.arange(vector.size - (1 if within == "independent" else 0))

    def likelihood(part):
        whole = vector.copy()
        whole[free] = part
        return log_likelihood(data, from_vector(whole, fit.mixture))

    slopes = approx_fprime(vector[free], likelihood, 1e-5)
    # a gain of 1e-9 of the likelihood ends the steps; slopes are in units of it by log or point
    assert fit.converged
    assert np.abs(slopes).max() < 0.05


def test_one_class_has_closed_forms():
    # complete data of one class, independent: means by visit, and the variance about them
    data = courses(200, missing=0.0)
    fit = fit_mixture(data, 1, "independent", 4, 1)
    np.testing.assert_allclose(fit.mixture.means[0], data.y.mean(axis=0), rtol=1e-9)
    residual = data.y - data.y.mean(axis=0)
    assert fit.mixture.variance == pytest.approx((residual**2).mean(), rel=1e-9)
    expected = norm(0, fit.mixture.variance**0.5).logpdf(residual).sum()
    assert fit.log_likelihood == pytest.approx(expected, rel=1e-10)
    # where the model holds, the empirical information is that of normal means but for chance
    white = Courses(np.random.default_rng(4).normal(size=(4000, 3)), np.zeros(4000, dtype=np.int64))
    fit = fit_mixture(white, 1, "independent", 4, 1)
    errors = errors_of(white, fit)
    assert errors is not None
    np.testing.assert_allclose(errors.means[0], (fit.mixture.variance / 4000) ** 0.5, rtol=0.05)


@pytest.mark.parametrize(("within", "structure"), [("ar1", "ar1"), ("compound symmetry", "cs")])
def test_one_class_is_the_mixed_model_for_repeated_measures(within, structure):
    # the package's own MMRM by maximum likelihood, which is held against R's mmrm
    data = courses(300)
    subject, visit = np.nonzero(np.isfinite(data.y))
    X = np.eye(4)[visit]
    rows = subject_rows(data.y[subject, visit], X, subject, visit, 4)
    other = fit_mmrm(pattern_statistics(rows), structure, reml=False)
    fit = fit_mixture(data, 1, within, 4, 1)
    assert fit.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-7)
    np.testing.assert_allclose(fit.mixture.means[0], other.beta, rtol=1e-5)


def test_known_classes_are_found_within_their_errors():
    data = courses(4000, seed=3)
    fits = {k: fit_mixture(data, k, "ar1", 8, 1) for k in (1, 2, 3)}
    assert min(fits, key=lambda k: fits[k].information_criterion) == 2
    fit = fits[2]
    errors = errors_of(data, fit)
    assert errors is not None
    assert (np.abs(fit.mixture.means - MEANS) < 3.5 * errors.means).all()
    for arm in (0, 1):
        share = share_of(fit, errors, arm, 0, 0.95)
        assert abs(share.estimate - SHARES[arm, 0]) < 3.5 * share.std_error
    gap = difference_of(fit, errors, (1, 0), 0, 0.95)
    assert abs(gap.estimate - 0.3) < 3.5 * gap.std_error
    assert fit.mixture.correlation == pytest.approx(0.5, abs=0.04)


def test_shares_of_arms_are_no_means_of_posteriors_of_one_share():
    # with one share for all arms the posterior means draw the arms together; the model's do not
    data = courses(3000, seed=5)
    fit = fit_mixture(data, 2, "ar1", 6, 1)
    together = Mixture(
        np.repeat(fit.mixture.shares.mean(axis=0)[None], 2, axis=0),
        fit.mixture.means,
        fit.mixture.variance,
        fit.mixture.correlation,
        "ar1",
    )
    r = posterior(data, together)[:, 0]
    drawn = r[data.arm == 1].mean() - r[data.arm == 0].mean()
    own = fit.mixture.shares[1, 0] - fit.mixture.shares[0, 0]
    assert 0 < drawn < own - 0.05


@given(seed=st.integers(0, 30), factor=st.floats(0.2, 5), shift=st.floats(-20, 20))
@settings(max_examples=6)
def test_order_of_rows_and_units_change_nothing(seed, factor, shift):
    data = courses(200, seed)
    order = np.random.default_rng(seed).permutation(len(data.y))
    fit = fit_mixture(data, 2, "ar1", 8, 1)
    other = fit_mixture(Courses(factor * data.y[order] + shift, data.arm[order]), 2, "ar1", 8, 1)
    if fit.starts_at_top < 2 or other.starts_at_top < 2:
        return  # the top may not have been found from every start of a small trial
    observed = np.isfinite(data.y).sum()
    assert other.log_likelihood == pytest.approx(
        fit.log_likelihood - observed * np.log(factor), rel=1e-5
    )
    np.testing.assert_allclose(
        other.mixture.means, factor * fit.mixture.means + shift, rtol=0.02, atol=0.2 * factor
    )


def test_a_share_of_nought_is_held_and_has_no_interval():
    data = courses(800, seed=7)
    # in one arm only the second class
    rng = np.random.default_rng(0)
    none = data.arm == 0
    y = data.y.copy()
    y[none] = MEANS[1] + rng.normal(size=(none.sum(), 4)) @ np.linalg.cholesky(TRUE.covariance()).T
    frame = pd.DataFrame(
        [
            {"subject": f"s{i:04d}", "arm": ("control", "drug")[a], "visit": f"V{j}", "change": v}
            for i, (row, a) in enumerate(zip(y, data.arm, strict=True))
            for j, v in enumerate(row)
        ]
    )
    rows = results(frame)
    share = rows["share, class 1, control"]
    if share.estimate is not None and share.estimate < 0.01:
        assert share.conf_low is None
        assert "bound" in share.message
    assert rows["share, class 1, drug"].conf_low is not None


ESTIMAND = Estimand.model_validate(
    {
        "population": "x",
        "treatment": {"active": "drug", "reference": "control"},
        "endpoint": "y",
        "visit": "V3",
        "summary": "difference in means",
    }
)


def results(frame: pd.DataFrame, **options: object):
    analysis = TrajectoryAnalysis.model_validate(
        {
            "estimand": "y",
            "role": "supplementary",
            "model": "trajectory_classes",
            "classes": [1, 2],
            "starts": 6,
            **options,
        }
    )
    visits = tuple(sorted(frame["visit"].unique()))
    data = ChangeData("y", "p", "MADRS", ("control", "drug"), visits, frame)
    fit = fit_trajectory_analysis("y", analysis, ESTIMAND, data, 0.95)
    return {", ".join(filter(None, (r.statistic, r.group, r.visit, r.arm))): r for r in fit.results}


def test_too_few_subjects_is_a_failed_row():
    frame = pd.DataFrame(
        [
            {"subject": f"s{i}", "arm": "drug", "visit": f"V{j}", "change": float(i - j)}
            for i in range(6)
            for j in range(4)
        ]
    )
    (row,) = results(frame).values()
    assert (row.status, row.estimate) == ("failed", None)


def test_shares_of_an_arm_add_up_to_all():
    data = courses(500, seed=2)
    frame = pd.DataFrame(
        [
            {"subject": f"s{i:04d}", "arm": ("control", "drug")[a], "visit": f"V{j}", "change": v}
            for i, (row, a) in enumerate(zip(data.y, data.arm, strict=True))
            for j, v in enumerate(row)
        ]
    )
    rows = results(frame)
    for arm in ("control", "drug"):
        total = sum(rows[f"share, class {k}, {arm}"].estimate or 0 for k in (1, 2))
        assert total == pytest.approx(100, rel=EXACT)
    assert rows["mean, class 1, V3"].estimate < rows["mean, class 2, V3"].estimate
    again = results(frame.sample(frac=1, random_state=3))
    assert again["BIC, 2 classes"].estimate == pytest.approx(rows["BIC, 2 classes"].estimate)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"role": "primary"}, "supplementary"), ({"classes": [2, 1]}, "must rise")],
)
def test_what_classes_are_not_for_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        results(pd.DataFrame({"visit": []}), **options)
