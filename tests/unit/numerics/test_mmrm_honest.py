"""What a repeated-measures fit says of itself: it has an optimum, or why it has none."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize

from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES, is_linear
from ketaoutcomes.numerics.mmrm.fit import (
    MmrmFit,
    NotIdentifiedError,
    fit_mmrm,
    fit_with_fallback,
    why_left,
)
from ketaoutcomes.numerics.mmrm.influence import influence
from ketaoutcomes.numerics.mmrm.model import evaluate, gradient
from ketaoutcomes.numerics.mmrm.optimise import LARGEST_DECREMENT
from mmrm_trials import Trial, trial
from tolerances import SAME_OPTIMUM

WEEKS = ("Week 1", "Week 2", "Week 4")
BY_VISIT = sorted(set(STRUCTURES) - {"sp_exp"})
HETEROGENEOUS = ("us", "toeph", "ar1h", "adh", "csh")
SMALL_TRIALS = 12
NO_GAIN = 1e-7
"""What another optimiser may add to a log-likelihood: its own line searches stop at rounding."""


def small_trials(first: int, number: int) -> Iterator[Trial]:
    """Few subjects, several visits, dropout; some scores are coarse, so that they agree."""
    for seed in range(first, first + number):
        rng = np.random.default_rng(seed)
        n, n_visits = int(rng.integers(5, 22)), int(rng.integers(2, 7))
        dropout, bare = float(rng.choice([0, 0.2, 0.5, 0.8])), bool(rng.integers(2))
        data = trial(seed, n=n, n_visits=n_visits, dropout=dropout, bare=bare)
        y = np.round(data.y / 3) * 3 if rng.random() < 0.3 else data.y
        yield replace(data, y=y, X=data.X[:, (data.X != 0).any(axis=0)])


def fits(data: Trial, *, reml: bool) -> Iterator[MmrmFit]:
    for structure in BY_VISIT:
        try:
            yield data.fit(structure, reml=reml)
        except NotIdentifiedError:
            continue


@pytest.mark.parametrize("reml", [True, False])
def test_no_fit_that_is_called_converged_can_be_improved(reml):
    """Another optimiser, started near its optimum, gains nothing; and the gradient is zero."""
    converged = 0
    for data in small_trials(0, SMALL_TRIALS):
        for fit in fits(data, reml=reml):
            if not fit.convergence.converged:
                assert fit.convergence.messages
                continue
            converged += 1
            assert fit.convergence.decrement < LARGEST_DECREMENT
            assert fit.convergence.gradient_norm < 1e-3
            assert better(fit) < -fit.log_likelihood + NO_GAIN
    assert converged > 5 * SMALL_TRIALS


def better(fit: MmrmFit) -> float:
    """The lowest value that a quasi-Newton search from near the optimum finds."""
    model = fit.own_model

    def objective(theta: np.ndarray) -> tuple[float, np.ndarray]:
        at = evaluate(model, theta)
        if at is None:
            return 1e10, np.zeros(theta.size)
        return float(at.value), gradient(model, theta, at)

    start = fit.theta + 1e-3 * np.cos(np.arange(fit.theta.size))
    return float(minimize(objective, start, jac=True, options={"maxiter": 60}).fun)


def why(data: Trial, structure: str, visits: tuple[str, ...] = WEEKS) -> str:
    """Why a structure cannot be fitted."""
    fit, rungs = fit_with_fallback(data.statistics, (structure,), visits=visits)
    assert fit is None
    return why_left(rungs)


def with_scores(data: Trial, visit: int, scores: np.ndarray) -> Trial:
    y = data.y.reshape(-1, data.n_visits).copy()
    y[:, visit] = scores
    return replace(data, y=y.ravel())


def complete() -> tuple[Trial, np.ndarray]:
    data = trial(3, n=30, dropout=0)
    return data, data.y.reshape(-1, 3)


@pytest.mark.parametrize("structure", HETEROGENEOUS)
def test_no_variance_at_a_visit_is_the_reason(structure):
    data, _ = complete()
    constant = with_scores(data, 1, np.full(30, -5.0))
    assert f"{structure}: no variance at Week 2" in why(constant, structure)


@pytest.mark.parametrize("structure", ["us", "adh"])
@pytest.mark.parametrize(("slope", "shift"), [(1, 0), (-2, 7)])
def test_visits_that_are_alike_are_the_reason(structure, slope, shift):
    data, y = complete()
    same = with_scores(data, 1, slope * y[:, 0] + shift)
    assert "Week 1 and Week 2 are alike" in why(same, structure)


def test_visits_that_determine_one_another_are_the_reason():
    data, y = complete()
    total = with_scores(data, 2, y[:, 0] + y[:, 1])
    assert "Week 1, Week 2 and Week 4 determine one another" in why(total, "us")


@pytest.mark.parametrize("structure", HETEROGENEOUS)
def test_a_visit_of_one_subject_is_the_reason(structure):
    data, _ = complete()
    few = data.at(np.flatnonzero((data.visit != 2) | (data.subject == 1)))
    few = replace(few, X=few.X[:, [0, 1, 2, 3, 4, 6]])
    assert "too few participants" in why(few, structure)
    assert "Week 4" in why(few, structure)


@pytest.mark.parametrize("n", range(4, 11))
def test_an_unstructured_covariance_needs_more_subjects_than_coefficients_and_visits(n):
    """Complete data of T visits, r coefficients each: a Wishart matrix of n - r >= T df."""
    data = trial(5, n=n, dropout=0, n_visits=4)
    X = np.column_stack([data.X[:, :8], data.X[:, 8:] * data.X[:, :4]])
    data = replace(data, X=X)
    if n - 3 < 4:
        words = f"too few participants for an unstructured covariance: {n} were observed at"
        reason = why(data, "us", ("Week 1", "Week 2", "Week 4", "Week 8"))
        assert words in reason
        assert "Week 1, Week 2, Week 4 and Week 8, and it needs at least 7" in reason
    else:
        fit = data.fit()
        assert fit.convergence.converged
        residual_products = (n - 3) * fit.covariance[0]
        E = _residual_products(data, n)
        np.testing.assert_allclose(residual_products, E, rtol=SAME_OPTIMUM)


def _residual_products(data: Trial, n: int) -> np.ndarray:
    """Of an ordinary multivariate regression of all visits on arm and baseline."""
    design = data.X.reshape(n, 4, -1)[:, 0, [0, 4, 8]]
    y = data.y.reshape(n, 4)
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return left.T @ left


def test_subjects_who_stayed_must_suffice_too():
    """Of many subjects only four were seen at all visits; the regression on the others is exact."""
    data = trial(5, n=40, dropout=0)
    few = data.at(np.flatnonzero((data.visit < 2) | (data.subject < 4)))
    assert "4 were observed at Week 1, Week 2 and Week 4, and it needs at least 6" in why(few, "us")
    assert few.fit("cs").convergence.converged


def test_two_visits_on_one_day_are_counted_and_named():
    data = trial(3, n=30, spatial=True)
    at = data.coordinates.copy()
    for subject in (4, 7):
        rows = np.flatnonzero((data.subject == subject) & (data.visit < 2))
        at[rows] = at[rows[0]]
    same = replace(data, coordinates=at)
    reason = why(same, "sp_exp")
    assert "2 participants have two visits on one day (Week 1 and Week 2)" in reason


@pytest.mark.parametrize("unit", [1e-3, 1.0, 24.0, 1e4])
def test_the_unit_of_distance_does_not_matter(unit):
    data = trial(3, n=30, spatial=True)
    other = replace(data, coordinates=data.coordinates * unit)
    one, two = (contrast(Inference(d.fit("sp_exp")), d.difference()) for d in (data, other))
    found = two.estimate, two.std_error, two.df
    np.testing.assert_allclose(found, (one.estimate, one.std_error, one.df), rtol=1e-5)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_with_one_visit_every_structure_is_a_variance(structure):
    data = trial(n_visits=1, spatial=True, dropout=0, bare=True)
    found = contrast(Inference(data.fit(structure)), data.difference())
    test = stats.ttest_ind(data.y[1::2], data.y[::2])
    np.testing.assert_allclose(
        (found.statistic, found.df), (test.statistic, test.df), rtol=SAME_OPTIMUM
    )


@pytest.mark.parametrize("structure", ["cs", "ar1", "sp_exp"])
def test_subjects_of_one_visit_each_have_no_correlation(structure):
    data = trial(n=30, dropout=0, spatial=True)
    apart = data.at(np.flatnonzero(data.visit == (data.subject // 2) % 3))
    assert "no participant was observed at two visits" in why(apart, structure)


def test_a_reason_that_structures_share_is_given_once():
    data, _ = complete()
    constant = with_scores(data, 1, np.full(30, -5.0))
    fit, rungs = fit_with_fallback(constant.statistics, ("us", "csh", "cs"), visits=WEEKS)
    assert fit is not None
    assert fit.convergence.converged
    assert why_left(rungs[:2]).startswith("us, csh: no variance at Week 2")


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(8, 30))
def test_kenward_roger_is_analysis_of_covariance_at_one_visit(seed, n):
    """One visit and a covariate: the t test of least squares, by every linear form."""
    data = trial(seed, n=n, n_visits=1, dropout=0)
    X, y = data.X, data.y
    beta, rss, *_ = np.linalg.lstsq(X, y, rcond=None)
    df = n - X.shape[1]
    error = np.sqrt(rss[0] / df * np.linalg.inv(X.T @ X)[1, 1])
    for method in ("kenward-roger", "kenward-roger-linear"):
        found = contrast(Inference(data.fit(), method), data.difference())
        numbers = found.estimate, found.std_error, found.df
        np.testing.assert_allclose(numbers, (beta[1], error, df), rtol=SAME_OPTIMUM)


@pytest.mark.parametrize("n_visits", [2, 3, 4])
@pytest.mark.parametrize("structure", BY_VISIT)
def test_second_derivatives_vanish_by_variances_and_covariances_where_v_is_linear(
    structure, n_visits
):
    """Linear: V at any theta lies in the span of as many matrices as there are parameters."""
    rng = np.random.default_rng(7)
    n = STRUCTURES[structure].n_parameters(n_visits)
    theta = rng.normal(0, 0.4, (60, n))
    V = STRUCTURES[structure].matrix(theta, np.zeros((n_visits, n_visits)))
    dimensions = np.linalg.matrix_rank(V.reshape(60, -1), tol=1e-8)
    assert (dimensions == n) == is_linear(structure, n_visits)


@pytest.mark.parametrize("structure", BY_VISIT)
def test_the_form_of_kenward_and_roger_follows_the_structure(structure):
    data = trial(2, n=24)
    by_form = {
        form: contrast(Inference(data.fit(structure), f"kenward-roger{form}"), data.difference())
        for form in ("", "-linear", "-mmrm")
    }
    expected = "-linear" if is_linear(structure, 3) else "-mmrm"
    assert by_form[""] == by_form[expected]
    assert by_form["-linear"].std_error != by_form["-mmrm"].std_error


def test_a_subject_on_whom_a_coefficient_rests_has_no_influence_but_the_others_have():
    data = trial(4, n=30, dropout=0)
    alone = (data.subject == 3).astype(float)[:, None]
    data = replace(data, X=np.column_stack([data.X, alone * (data.visit == 2)[:, None]]))
    found = influence(data.fit("cs"), data.rows)
    missing = np.isnan(found.beta_without).any(axis=1)
    assert np.flatnonzero(missing).tolist() == [3]


@pytest.mark.parametrize("structure", ["us", "ar1h", "cs"])
def test_a_start_far_off_ends_at_the_same_optimum(structure):
    data = trial(2)
    fit = data.fit(structure)
    far = fit_mmrm(data.statistics, structure, start=fit.theta + 1.0)
    assert far.convergence.converged
    np.testing.assert_allclose(far.log_likelihood, fit.log_likelihood, rtol=SAME_OPTIMUM)
