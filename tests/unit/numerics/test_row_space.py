"""Which combinations of coefficients a design tells of, against projections."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.numerics.row_space import NOT_ESTIMABLE, RowSpace


def design(seed: int, n: int = 12, p: int = 6, rank: int = 4) -> np.ndarray:
    """Small whole numbers with columns that others determine."""
    rng = np.random.default_rng(seed)
    free = rng.integers(-2, 3, (n, rank)).astype(float)
    return free @ rng.integers(-1, 2, (rank, p)).astype(float)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-3, 1e3))
def test_what_is_kept_spans_the_design(seed: int, unit: float) -> None:
    X = design(seed) * unit
    space = RowSpace.of(X)
    assert len(space.kept) == np.linalg.matrix_rank(X)
    np.testing.assert_allclose(
        X[:, space.kept] @ space.from_kept, X[:, space.left_out], atol=1e-9 * unit
    )
    # the rows of the design are estimable, and no column is left out that earlier ones do not give
    assert np.isfinite(space.reduced(X)).all()
    for place in space.left_out:
        before = X[:, :place]
        assert np.linalg.matrix_rank(np.column_stack([before, X[:, place]])) == (
            np.linalg.matrix_rank(before) if place else 0
        )


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6))
def test_a_combination_is_estimable_if_and_only_if_it_lies_in_the_row_space(seed: int) -> None:
    X = design(seed)
    space, c = RowSpace.of(X), np.random.default_rng(seed + 1).integers(-2, 3, 6).astype(float)
    projected = np.linalg.pinv(X) @ X @ c
    inside = bool(np.abs(projected - c).max() < 1e-7)
    assert bool(np.isfinite(space.reduced(c)).all()) == inside
    assert bool((np.abs(space.off(c)) < NOT_ESTIMABLE).all()) == inside


def test_a_covariate_far_from_zero_is_not_taken_for_the_intercept() -> None:
    rng = np.random.default_rng(1)
    x = 1e7 + rng.normal(size=50)
    assert RowSpace.of(np.column_stack([np.ones(50), x])).left_out.size == 0
    assert RowSpace.of(np.column_stack([np.ones(50), np.full(50, 1e7)])).left_out.tolist() == [1]
