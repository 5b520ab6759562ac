"""A mean of many standard deviations costs no digit, whatever the route to the numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.numerics.column_basis import column_basis
from ketaoutcomes.numerics.mmrm.batch import batch_contrast, fit_batch
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast, f_test
from ketaoutcomes.numerics.mmrm.effect_size import standardised_effect
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.influence import influence
from ketaoutcomes.numerics.mmrm.patterns import (
    PatternStatistics,
    merge,
    pattern_statistics,
    row_statistics,
)
from mmrm_trials import Trial, trial

FAR = 2.0**26
"""13 million standard deviations; a power of two, and the scores below have few binary digits, so
that adding it rounds nothing."""
KEPT = 2e-9
"""In standard deviations. A score that far off has an ulp of 3e-9 of them."""
SD = 5.0

few = settings(max_examples=10)
seeds = st.integers(0, 10_000)


def near(seed: int) -> Trial:
    """A baseline by visit, and scores that are multiples of 2^-20."""
    data = trial(seed, n=40)
    y, baseline = (np.round(v * 2**20) / 2**20 for v in (data.y, data.X[:, -1:]))
    cell = data.X[:, :3]
    return replace(data, y=y, X=np.column_stack([data.X[:, :6], baseline, baseline * cell[:, 1:]]))


def far(data: Trial) -> Trial:
    """The same with the scores, and so the baseline, moved."""
    X = data.X.copy()
    X[:, 6] += FAR
    X[:, 7:] += FAR * data.X[:, 1:3]
    return replace(data, y=data.y + FAR, X=X)


def mean_of_last_visit(at: float) -> np.ndarray:
    """The active arm's mean at a value of the baseline."""
    c = np.zeros(9)
    c[[2, 5]], c[[6, 8]] = 1.0, at
    return c


def change_of_mean(at: float) -> np.ndarray:
    first = np.zeros(9)
    first[[0, 3]], first[6] = 1.0, at
    return mean_of_last_visit(at) - first


UNCERTAINTIES = (
    ("satterthwaite", "model"),
    ("kenward-roger", "model"),
    ("kenward-roger-mmrm", "model"),
    ("satterthwaite", "cr2"),
    ("between-within", "empirical"),
)


@few
@given(seeds, st.sampled_from(["us", "toeph", "cs", "ar1h"]), st.sampled_from(UNCERTAINTIES))
def test_moving_the_scores_moves_the_means_alone(seed, structure, how):
    one, two = near(seed), far(near(seed))
    here, there = (Inference(d.fit(structure), *how, d.rows) for d in (one, two))
    cases = (
        (one.difference(), one.difference(), 0.0),
        (mean_of_last_visit(1.0), mean_of_last_visit(FAR + 1.0), FAR),
        (change_of_mean(1.0), change_of_mean(FAR + 1.0), 0.0),
    )
    for c, moved, shift in cases:
        a, b = contrast(here, c), contrast(there, moved)
        assert abs(b.estimate - shift - a.estimate) < 2 * KEPT * SD
        np.testing.assert_allclose((b.std_error, b.df), (a.std_error, a.df), rtol=10 * KEPT)
    L = np.array([one.difference(v) for v in range(3)])
    a, b = f_test(here, L), f_test(there, L)
    np.testing.assert_allclose((b.statistic, b.den_df), (a.statistic, a.den_df), rtol=100 * KEPT)


@few
@given(seeds)
def test_effect_size_and_influence_do_not_move(seed):
    one, two = near(seed), far(near(seed))
    c = one.difference()
    sizes = [standardised_effect(Inference(d.fit()), c, 2) for d in (one, two)]
    np.testing.assert_allclose(sizes[1].estimate, sizes[0].estimate, rtol=100 * KEPT)
    without = [influence(d.fit(), d.rows).beta_without @ c for d in (one, two)]
    np.testing.assert_allclose(without[1], without[0], atol=10 * KEPT * SD)


def in_parts(data: Trial) -> PatternStatistics:
    """As two files of a cluster, each with its own centre."""
    first = data.subject < 17
    parts = [data.at(np.flatnonzero(part)) for part in (first, ~first)]
    codes = [np.unique(part.subject, return_inverse=True)[1] for part in parts]
    return merge(tuple(replace(p, subject=c).statistics for p, c in zip(parts, codes, strict=True)))


def in_passes(data: Trial) -> PatternStatistics:
    return row_statistics(data.y, data.X, data.subject, data.visit, data.n_visits)


@pytest.mark.parametrize("route", [in_parts, in_passes])
def test_parts_keep_their_digits(route: Callable[[Trial], PatternStatistics]):
    one, two = near(3), far(near(3))
    whole = contrast(Inference(one.fit()), one.difference())
    found = contrast(Inference(fit_mmrm(route(two), "us")), two.difference())
    assert abs(found.estimate - whole.estimate) < KEPT * SD
    np.testing.assert_allclose(found.std_error, whole.std_error, rtol=10 * KEPT)


def test_a_batch_keeps_its_digits():
    found = [
        batch_contrast(fit_batch(d.statistics, "us"), d.difference())
        for d in (near(3), far(near(3)))
    ]
    np.testing.assert_allclose(found[1].estimate, found[0].estimate, atol=KEPT * SD)
    np.testing.assert_allclose(found[1].std_error, found[0].std_error, rtol=10 * KEPT)


@few
@given(seeds, st.floats(-1e3, 1e3))
def test_any_centre_gives_the_same_model(seed, shift):
    data = near(seed)
    basis = column_basis(data.rows.Z[data.rows.observed])[0]
    basis[0, -1] += shift
    fits = [fit_mmrm(pattern_statistics(data.rows, b), "us") for b in (basis, np.eye(10))]
    np.testing.assert_allclose(fits[0].beta, fits[1].beta, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(fits[0].log_likelihood, fits[1].log_likelihood, rtol=1e-8)


@few
@given(seeds)
def test_the_basis_is_a_change_of_columns(seed):
    rng = np.random.default_rng(seed)
    Z = rng.normal(rng.choice([0.0, 1e7], 5), 1, (30, 5))
    Z = np.column_stack([np.ones(30), Z, Z[:, 1] + Z[:, 2]])
    basis, independent = column_basis(Z)
    assert independent.tolist() == [True] * 6 + [False]
    np.testing.assert_array_equal(np.diag(basis), 1.0)
    np.testing.assert_array_equal(np.tril(basis, -1), 0.0)
    products = (Z @ basis)[:, :6].T @ (Z @ basis)[:, :6]
    size = np.sqrt(np.diag(products))
    np.testing.assert_allclose(products / np.outer(size, size), np.eye(6), atol=1e-7)
