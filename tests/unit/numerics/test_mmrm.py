"""The repeated-measures model against closed forms, and what it must not depend on."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ketaoutcomes.numerics.mmrm.batch import batch_contrast, fit_batch
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult, Inference, contrast, f_test
from ketaoutcomes.numerics.mmrm.covariance import (
    STRUCTURES,
    bent_by,
    first_derivatives,
    second_derivatives,
)
from ketaoutcomes.numerics.mmrm.effect_size import standardised_effect
from ketaoutcomes.numerics.mmrm.fit import NotIdentifiedError, fit_mmrm, fit_with_fallback
from ketaoutcomes.numerics.mmrm.influence import influence, leave_one_out
from ketaoutcomes.numerics.mmrm.model import Model, evaluate, gradient, slopes
from ketaoutcomes.numerics.mmrm.packed import PackedProducts, WithoutOne
from ketaoutcomes.numerics.mmrm.patterns import (
    merge,
    pattern_statistics,
    row_statistics,
    subject_rows,
)
from ketaoutcomes.numerics.mmrm.residuals import residuals
from mmrm_trials import Trial, trial
from tolerances import EXACT, SAME_OPTIMUM

CENTRAL_DIFFERENCE = 1e-6
"""A central difference of step 1e-5 is wrong by 1e-10 of the third derivative, and by rounding of
the likelihood over the step."""

few = settings(max_examples=15)
seeds = st.integers(0, 10_000)
SMALLER_IN_LARGER = (
    ("cs", "csh"),
    ("cs", "toep"),
    ("ar1", "ar1h"),
    ("ar1", "toep"),
    ("ar1", "ad"),
    ("toep", "toeph"),
    ("csh", "toeph"),
    ("ar1h", "toeph"),
    ("ar1h", "adh"),
    ("ad", "adh"),
    ("toeph", "us"),
    ("adh", "us"),
)


def last_difference(data: Trial, structure: str = "us", **how: str) -> ContrastResult:
    inference = Inference(data.fit(structure), rows=data.rows, **how)
    return contrast(inference, data.difference())


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_derivatives_are_those_of_the_likelihood(structure, reml):
    data = trial(seed=5, spatial=structure == "sp_exp")
    model = Model(data.statistics, structure, reml)
    rng = np.random.default_rng(8)
    theta = rng.normal(0.3, 0.1, model.n_theta)
    theta[: model.structure.n_log_sd(data.n_visits)] += 1.3

    def value(point):
        return evaluate(model, point).value

    def slope(point):
        return gradient(model, point, evaluate(model, point))

    step = 1e-5 * np.eye(theta.size)
    numerical = [(value(theta + h) - value(theta - h)) / 2e-5 for h in step]
    curved = [(slope(theta + h) - slope(theta - h)) / 2e-5 for h in step]
    exact = slopes(model, theta, evaluate(model, theta))
    size = np.abs(exact.hessian).max()
    np.testing.assert_allclose(exact.gradient, slope(theta), rtol=EXACT, atol=EXACT * size)
    np.testing.assert_allclose(exact.gradient, numerical, atol=CENTRAL_DIFFERENCE * size)
    np.testing.assert_allclose(exact.hessian, curved, atol=CENTRAL_DIFFERENCE * size)


def test_complete_data_give_the_t_test_of_each_visit():
    """Cell means and an unstructured covariance: multivariate normal theory, exactly."""
    data = trial(dropout=0, bare=True)
    fit, y = data.fit(), data.y.reshape(-1, data.n_visits)
    arms = y[::2], y[1::2]
    pooled = sum((len(a) - 1) * np.cov(a.T) for a in arms) / (len(y) - 2)
    np.testing.assert_allclose(fit.covariance[0], pooled, rtol=SAME_OPTIMUM)
    for visit in range(data.n_visits):
        found = contrast(Inference(fit), data.difference(visit))
        test = stats.ttest_ind(arms[1][:, visit], arms[0][:, visit])
        interval = test.confidence_interval()
        numbers = found.statistic, found.p_value, found.df, found.conf_low, found.conf_high
        expected = test.statistic, test.pvalue, test.df, interval.low, interval.high
        np.testing.assert_allclose(numbers, expected, rtol=SAME_OPTIMUM)


def test_maximum_likelihood_divides_by_n():
    data = trial(dropout=0, bare=True)
    n = len(data.y) / data.n_visits
    restricted, full = data.fit(), data.fit(reml=False)
    np.testing.assert_allclose(
        full.covariance, restricted.covariance * (n - 2) / n, rtol=SAME_OPTIMUM
    )


def test_kenward_roger_changes_nothing_where_the_t_test_is_exact():
    data = trial(dropout=0, bare=True)
    ours = last_difference(data, df_method="kenward-roger-linear")
    plain = last_difference(data)
    np.testing.assert_allclose(
        [ours.std_error, ours.df], [plain.std_error, plain.df], rtol=SAME_OPTIMUM
    )


def test_compound_symmetry_is_the_analysis_of_variance_of_a_split_plot():
    data = trial(dropout=0, bare=True)
    T, y = data.n_visits, data.y.reshape(-1, data.n_visits)
    n = len(y)
    left = y - np.where(np.arange(n)[:, None] % 2, y[1::2].mean(0), y[::2].mean(0))
    between = T * (left.mean(axis=1) ** 2).sum() / (n - 2)
    within = ((left - left.mean(axis=1, keepdims=True)) ** 2).sum() / ((n - 2) * (T - 1))
    V = data.fit("cs").covariance[0]
    ours = V[0, 0] - V[0, 1], V[0, 0] + (T - 1) * V[0, 1]
    np.testing.assert_allclose(ours, (within, between), rtol=SAME_OPTIMUM)


def test_several_contrasts_are_hotellings_test():
    data = trial(dropout=0, bare=True)
    T, y = data.n_visits, data.y.reshape(-1, data.n_visits)
    n, L = len(y), np.array([data.difference(v) for v in range(T)])
    test = f_test(Inference(data.fit(), "kenward-roger-linear"), L)
    arms = y[::2], y[1::2]
    pooled = sum((len(a) - 1) * np.cov(a.T) for a in arms) / (n - 2)
    gap = arms[1].mean(0) - arms[0].mean(0)
    t_squared = gap @ np.linalg.solve(pooled, gap) * n / 4
    assert test.num_df == T
    expected = t_squared * (n - T - 1) / ((n - 2) * T)
    np.testing.assert_allclose((test.statistic, test.den_df), (expected, n - T - 1), rtol=1e-6)


def test_weights_are_those_of_weighted_least_squares():
    rng = np.random.default_rng(3)
    n = 40
    x, w = np.column_stack([np.ones(n), rng.normal(size=n)]), rng.uniform(0.5, 3, n)
    y = x @ [1.0, 2.0] + rng.normal(size=n) / np.sqrt(w)
    at = np.arange(n), np.zeros(n, dtype=int)
    fit = fit_mmrm(pattern_statistics(subject_rows(y, x, *at, 1, weights=w)), "us")
    beta = np.linalg.solve(x.T * w @ x, x.T * w @ y)
    sigma2 = (w * (y - x @ beta) ** 2).sum() / (n - 2)
    np.testing.assert_allclose(fit.beta, beta, rtol=EXACT * 100)
    np.testing.assert_allclose(fit.covariance[0, 0, 0], sigma2, rtol=SAME_OPTIMUM)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize(("smaller", "larger"), SMALLER_IN_LARGER)
def test_a_richer_structure_fits_no_worse(smaller, larger, reml):
    data = trial(seed=11, n_visits=4)
    low, high = (data.fit(s, reml=reml).log_likelihood for s in (smaller, larger))
    assert low <= high + SAME_OPTIMUM


@pytest.mark.parametrize("structure", [s for s in STRUCTURES if s != "sp_exp"])
def test_normalised_residuals_have_the_sum_of_squares_of_their_degrees_of_freedom(structure):
    """Where the likelihood is best in the scale of V, r'V^-1 r = n - p (REML) or n (ML)."""
    data = trial(seed=2)
    n, p = data.X.shape
    for reml, expected in ((True, n - p), (False, n)):
        found = residuals(data.fit(structure, reml=reml), data.rows).normalised
        np.testing.assert_allclose(np.nansum(found**2), expected, rtol=SAME_OPTIMUM)


@few
@given(seeds, st.sampled_from(sorted(set(STRUCTURES) - {"sp_exp"})))
def test_row_order_and_labels_do_not_matter(seed, structure):
    data = trial(seed)
    rng = np.random.default_rng(seed)
    labels = rng.permutation(data.subject.max() + 1)
    other = replace(data, subject=labels[data.subject]).at(rng.permutation(len(data.y)))
    np.testing.assert_allclose(
        numbers(last_difference(other, structure)),
        numbers(last_difference(data, structure)),
        rtol=SAME_OPTIMUM,
    )


def numbers(found: ContrastResult) -> tuple[float, ...]:
    return found.estimate, found.std_error, found.df, found.p_value


@few
@given(seeds, st.floats(-1e3, 1e3), st.floats(1e-4, 1e4), st.booleans())
def test_units_do_not_matter(seed, shift, scale, negative):
    data = trial(seed)
    factor = -scale if negative else scale
    other = replace(data, y=factor * (data.y + shift))
    plain, moved = last_difference(data), last_difference(other)
    np.testing.assert_allclose(moved.estimate, factor * plain.estimate, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(moved.std_error, scale * plain.std_error, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(moved.df, plain.df, rtol=SAME_OPTIMUM)
    n, p = data.X.shape
    for reml, count in ((True, n - p), (False, n)):
        gain = data.fit(reml=reml).log_likelihood - other.fit(reml=reml).log_likelihood
        np.testing.assert_allclose(gain, count * np.log(scale), atol=1e-6 * n)


@few
@given(seeds, st.sampled_from(["satterthwaite", "kenward-roger", "between-within"]))
def test_swapping_the_arms_turns_the_sign(seed, df_method):
    data = trial(seed)
    T, X = data.n_visits, data.X.copy()
    X[:, T : 2 * T] = X[:, :T] - X[:, T : 2 * T]
    plain = last_difference(data, df_method=df_method)
    swapped = last_difference(replace(data, X=X), df_method=df_method)
    estimate, *rest = numbers(swapped)
    np.testing.assert_allclose((-estimate, *rest), numbers(plain), rtol=SAME_OPTIMUM)


@few
@given(seeds, st.sampled_from(["us", "toeph", "ar1h", "cs"]))
def test_each_likelihood_is_highest_at_its_own_optimum(seed, structure):
    """And full maximum likelihood, which spends no degrees of freedom, finds less variance."""
    data = trial(seed)
    restricted, full = (data.fit(structure, reml=reml) for reml in (True, False))
    for own, other in ((restricted, full), (full, restricted)):
        there = evaluate(own.model, other.theta)
        assert there is not None
        assert -there.value <= own.log_likelihood + SAME_OPTIMUM
    sizes = [np.linalg.slogdet(fit.covariance[0])[1] for fit in (full, restricted)]
    assert sizes[0] < sizes[1]


@few
@given(seeds, st.integers(1, 59))
def test_parts_add_up(seed, cut):
    data = trial(seed)
    whole = data.statistics
    first = data.subject < cut
    chosen = [data.at(np.flatnonzero(part)) for part in (first, ~first)]
    codes = [np.unique(part.subject, return_inverse=True)[1] for part in chosen]
    parts = [replace(p, subject=c).statistics for p, c in zip(chosen, codes, strict=True)]
    in_passes = row_statistics(data.y, data.X, data.subject, data.visit, data.n_visits)
    for other in (merge(tuple(parts)), in_passes):
        np.testing.assert_array_equal(other.observed, whole.observed)
        np.testing.assert_array_equal(other.n_subjects, whole.n_subjects)
        np.testing.assert_allclose(other.S, whole.S, rtol=EXACT, atol=EXACT * whole.S.max())


@pytest.mark.parametrize("structure", ["us", "ar1h", "csh", "adh", "cs"])
def test_a_batch_is_its_fits_one_by_one(structure):
    trials = [trial(seed) for seed in range(5)]
    group = np.concatenate([np.full(len(t.y), i) for i, t in enumerate(trials)])
    together = subject_rows(
        np.concatenate([t.y for t in trials]),
        np.vstack([t.X for t in trials]),
        np.concatenate([t.subject + 60 * i for i, t in enumerate(trials)]),
        np.concatenate([t.visit for t in trials]),
        3,
        group=group,
    )
    batch = fit_batch(pattern_statistics(together), structure)
    found = batch_contrast(batch, trials[0].difference())
    alone = [last_difference(t, structure) for t in trials]
    assert batch.converged.all()
    for name in ("estimate", "std_error", "df"):
        expected = [getattr(one, name) for one in alone]
        np.testing.assert_allclose(getattr(found, name), expected, rtol=SAME_OPTIMUM)


def test_influence_is_generalised_least_squares_without_the_subject():
    data = trial(seed=4, n=30)
    fit, rows = data.fit(), data.rows
    found = influence(fit, rows)
    np.testing.assert_allclose(found.leverage.sum(), fit.beta.size, rtol=EXACT * 100)
    V = fit.covariance[0]
    for left_out in (0, 7, 29):
        M, v = np.zeros((7, 7)), np.zeros(7)
        for i in set(range(30)) - {left_out}:
            of = data.subject == i
            seen = data.visit[of]
            W = np.linalg.inv(V[np.ix_(seen, seen)])
            M += data.X[of].T @ W @ data.X[of]
            v += data.X[of].T @ W @ data.y[of]
        beta = np.linalg.solve(M, v)
        np.testing.assert_allclose(found.beta_without[left_out], beta, rtol=1e-9)
        gap = beta - fit.beta
        whole = np.linalg.inv(fit.beta_covariance)
        assert 0 < found.cook_distance[left_out] < 10 * gap @ whole @ gap


def test_leaving_out_is_fitting_without():
    data = trial(seed=4, n=30)
    found = leave_one_out(data.fit(), data.rows)
    assert found.converged.all()
    for left_out in (0, 29):
        rest = data.at(np.flatnonzero(data.subject != left_out))
        fit = replace(rest, subject=np.unique(rest.subject, return_inverse=True)[1]).fit()
        np.testing.assert_allclose(found.beta[left_out], fit.beta, rtol=SAME_OPTIMUM)
        np.testing.assert_allclose(found.theta[left_out], fit.theta, rtol=1e-5, atol=1e-6)


def test_effect_size_has_the_large_sample_variance_of_two_groups():
    """Hedges & Olkin 1985, section 5.E: 1/n1 + 1/n2 + d^2 / (2 df)."""
    data = trial(dropout=0, n_visits=1, bare=True)
    n = len(data.y)
    found = standardised_effect(Inference(data.fit()), data.difference(), 0)
    pooled = np.sqrt((data.y[::2].var(ddof=1) + data.y[1::2].var(ddof=1)) / 2)
    d = (data.y[1::2].mean() - data.y[::2].mean()) / pooled
    np.testing.assert_allclose(found.estimate, d, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(found.std_error**2, 4 / n + d**2 / (2 * (n - 2)), rtol=SAME_OPTIMUM)


def refused(data: Trial, structure: str = "us") -> str:
    with pytest.raises(NotIdentifiedError) as error:
        data.fit(structure)
    return str(error.value)


def test_dependent_columns_are_refused():
    data = trial()
    doubled = replace(data, X=np.column_stack([data.X, data.X[:, 0] + data.X[:, 1]]))
    assert "8 columns of the design have rank 7: 1 cannot be told" in refused(doubled)


def test_visits_never_seen_together_are_refused():
    data = trial(dropout=0)
    keep = np.where(data.subject % 2 == 0, data.visit != 2, data.visit != 0)
    other = data.at(np.flatnonzero(keep))
    other = replace(other, X=other.X[:, [0, 1, 2, 6]])
    assert "0 were observed at visit 1 and visit 3, and it needs at least 2" in refused(other)


def test_too_few_subjects_are_refused():
    data = trial(n=3, dropout=0)
    reason = refused(replace(data, X=data.X[:, :1]))
    assert "3 were observed at visit 1, visit 2 and visit 3, and it needs at least 4" in reason


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_values_are_refused(bad):
    data = trial()
    data.y[3] = bad
    with pytest.raises(ValueError, match="must be finite"):
        data.fit()


def test_two_rows_at_one_visit_are_refused():
    data = trial()
    with pytest.raises(ValueError, match="two rows at one visit"):
        data.at(np.r_[0, np.arange(len(data.y))]).fit()


def test_the_ladder_says_why_each_rung_was_left():
    data = trial(dropout=0)
    keep = np.where(data.subject % 2 == 0, data.visit != 2, data.visit != 0)
    other = data.at(np.flatnonzero(keep))
    other = replace(other, X=other.X[:, [0, 1, 2, 6]])
    fit, rungs = fit_with_fallback(other.statistics, ("us", "ar1h", "cs"))
    assert fit is not None
    assert [rung.structure for rung in rungs] == ["us", "ar1h"]
    assert "too few participants" in rungs[0].note
    assert rungs[1].note == "kept"


def test_a_covariance_at_its_border_has_not_converged():
    """Outcomes of a subject that are all but equal have no unstructured covariance."""
    data = trial(dropout=0)
    same = replace(data, y=data.y.reshape(-1, 3)[:, [0, 0, 2]].ravel())
    fit = same.fit()
    assert not fit.convergence.converged
    assert fit.convergence.messages


def test_the_written_derivatives_of_an_unstructured_covariance_are_those_by_complex_steps() -> None:
    theta, distance = np.random.default_rng(1).normal(size=(3, 15)), np.zeros((5, 5))
    written = STRUCTURES["us"]
    stepped = replace(written, correlation_slopes=None, correlation_bends=None)
    first = [first_derivatives(structure, theta, distance) for structure in (written, stepped)]
    second = [second_derivatives(structure, theta, distance) for structure in (written, stepped)]
    np.testing.assert_allclose(*first, rtol=EXACT, atol=1e-12)
    # those by complex steps are differenced once more, by steps of 1e-4
    np.testing.assert_allclose(*second, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("structure", [name for name in STRUCTURES if name != "sp_exp"])
def test_what_bends_the_likelihood_is_the_sum_of_the_second_derivatives(structure: str) -> None:
    rng, distance, how = np.random.default_rng(2), np.zeros((4, 4)), STRUCTURES[structure]
    theta, G = rng.normal(0.3, 0.2, (3, how.n_parameters(4))), rng.normal(size=(3, 4, 4))
    second = second_derivatives(how, theta, distance)
    summed = np.einsum("ijbst,bst->bij", second, G)
    np.testing.assert_allclose(bent_by(how, theta, distance, G), summed, rtol=EXACT, atol=1e-12)


@few
@given(seeds)
def test_products_without_a_subject_are_those_of_the_others(seed: int) -> None:
    """Of one pattern of all visits, in columns of other sizes."""
    rng = np.random.default_rng(seed)
    Z, scale = rng.normal(size=(6, 3, 4)), rng.uniform(0.5, 2.0, (6, 4))
    S = np.einsum("nsi,ntj->stij", Z, Z)
    whole = PackedProducts.of(S[None])
    left = WithoutOne(
        whole.flat, 1, 3, 4, rows=Z, pattern=np.zeros(6, dtype=int), scale=np.ones((6, 4))
    )
    left = left.times(scale).only(np.array([4, 1]))
    A, weights = rng.normal(size=(2, 5, 1, 3, 3)), rng.normal(size=(2, 4, 4))
    A, weights = A + A.swapaxes(-1, -2), weights + weights.swapaxes(-1, -2)
    for place, out in enumerate((4, 1)):
        rest = np.delete(Z, out, axis=0) * scale[out]
        expected = np.einsum("nsi,kst,ntj->kij", rest, A[place, :, 0], rest)
        found = left.quadratic(A)[place]
        np.testing.assert_allclose(found, expected, rtol=EXACT, atol=1e-12)
        summed = np.einsum("nsi,ij,ntj->st", rest, weights[place], rest)
        np.testing.assert_allclose(left.weighted(weights)[place, 0], summed, rtol=EXACT, atol=1e-12)


@pytest.mark.parametrize("empty", [False, True])
def test_products_are_those_of_all_columns_however_many_are_empty(empty: bool) -> None:
    """With terms by visit most columns are empty at a visit, and only the others are multiplied."""
    rng = np.random.default_rng(3)
    n, T = 40, 5
    cell = np.eye(T)[np.tile(np.arange(T), n)]
    own = rng.normal(50, 2, (n * T, 1))
    X = np.hstack([cell, cell * own] if empty else [np.ones((n * T, 1)), own, cell[:, 1:]])
    y, subject = 100 + rng.normal(size=n * T), np.repeat(np.arange(n), T)
    seen = rng.random(n * T) < 0.8
    visit = np.tile(np.arange(T), n)
    found = row_statistics(y[seen], X[seen], subject[seen], visit[seen], T)
    Z = np.hstack([X, y[:, None]]) * seen[:, None]
    columns = (Z @ found.basis).reshape(n, T, -1)
    total = np.einsum("nsi,ntj->stij", columns, columns)
    size = np.abs(total).max()
    np.testing.assert_allclose(found.centred.sum(axis=0), total, atol=1e-13 * size)


def test_an_optimum_is_reached_to_rounding_from_any_start() -> None:
    """Steps by a rough Hessian end where the gradient is rounding, not where they become short."""
    data = trial(seed=3)
    near = data.fit()
    far = fit_mmrm(data.statistics, "us", start=near.theta + 0.4)
    np.testing.assert_allclose(far.theta, near.theta, atol=1e-10)
    assert near.convergence.decrement < 1e-20
