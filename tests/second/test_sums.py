"""The sums of the second program for mixed models say what the participants themselves say."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ketaoutcomes.second.reml import Pattern

Array = NDArray[np.float64]
MANY = 300
CANCELLED = 1e-10
"""Sums of products of outcomes near 1000 with a spread of 1 lose six of sixteen digits."""


def rows_of(level: float, collinear: float) -> Pattern:
    """Participants of two arms at three visits, with a baseline that repeats at every visit."""
    rng = np.random.default_rng(3)
    arm, baseline = rng.integers(0, 2, MANY), rng.normal(size=MANY)
    X = np.zeros((MANY, 3, 8))
    X[:, range(3), range(3)] = 1.0
    X[:, range(3), range(3, 6)] = arm[:, None]
    X[..., 6] = baseline[:, None]
    X[..., 7] = baseline[:, None] + collinear * rng.normal(size=(MANY, 1))
    y = level + rng.normal(size=(MANY, 3))
    return Pattern(np.arange(3), y, X, rng.uniform(0.5, 2, MANY), 0, MANY)


def written_out(pattern: Pattern, W: Array, beta: Array) -> tuple[Array, Array, Array, float]:
    """What the likelihood takes of a pattern, participant by participant."""
    A, b, G, q = np.zeros((8, 8)), np.zeros(8), np.zeros((3, 3)), 0.0
    for y, X, weight in zip(pattern.y, pattern.X, pattern.weight, strict=True):
        r = y - X @ beta
        A += weight * X.T @ W @ X
        b += weight * X.T @ W @ y
        G += weight * np.outer(W @ r, W @ r)
        q += weight * r @ W @ r
    return A, b, G, q


@pytest.mark.parametrize("level", [0.0, 1000.0])
@pytest.mark.parametrize("collinear", [1.0, 1e-5])
def test_sums_have_the_products_of_the_participants(level: float, collinear: float) -> None:
    whole = rows_of(level, collinear)
    few = whole.summed()
    rng = np.random.default_rng(4)
    root, beta = rng.normal(size=(3, 3)), rng.normal(size=8)
    W = root @ root.T + np.eye(3)
    for found, right in zip(written_out(few, W, beta), written_out(whole, W, beta), strict=True):
        assert np.abs(found - right).max() <= CANCELLED * np.abs(right).max()


def test_sums_are_few_however_many_participants_there_are() -> None:
    """Two arms, two covariates and three outcomes span seven dimensions."""
    few = rows_of(0.0, 1.0).summed()
    assert len(few.y) == 7
    assert few.subjects == MANY
