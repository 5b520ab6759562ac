"""Two classifiers and the area under their curve: randomised trees and logistic regression."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

TREES = 200
DEPTH = 7
CUTS = 8
"""Cuts that are tried at a node, each of a feature and at a value drawn at random."""

PRIOR = 2.0
"""A node's share is that of the node above until it has more rows than these."""

NEWTON_STEPS = 50
CLOSE_ENOUGH = 1e-8


def area_under_curve(label: BoolArray, score: FloatArray) -> float:
    """The chance that a row of the class scores higher than one that is not, ties by half.

    The statistic of Mann & Whitney over the number of pairs (Hanley & McNeil 1982, Radiology
    143:29-36).
    """
    ones, noughts = int(label.sum()), int((~label).sum())
    ranks = rankdata(score)[label].sum() - ones * (ones + 1) / 2
    return float(ranks / (ones * noughts))


def trees(
    features: FloatArray, label: BoolArray, other: FloatArray, generator: np.random.Generator
) -> FloatArray:
    """The share of the class by randomised trees, for each row of `other`.

    Each node is cut by the best of some features at values that are drawn, so that many different
    trees are averaged (Geurts, Ernst & Wehenkel 2006, Mach Learn 63:3-42).

    Parameters
    ----------
    features : array, shape (n, p)
    label : bool array, shape (n,)
    other : array, shape (m, p)
    """
    n, p = features.shape
    node, place = (np.zeros((TREES, len(rows)), dtype=np.int64) for rows in (features, other))
    tree = np.arange(TREES)[:, None]
    share = np.full((TREES, 1), label.mean())
    for level in range(DEPTH):
        nodes = 2**level
        drawn = generator.integers(p, size=(CUTS, TREES, nodes))
        at = features[generator.integers(n, size=drawn.shape), drawn]
        gain = np.stack(
            [_gain(features, label, node, f, a) for f, a in zip(drawn, at, strict=True)]
        )
        best = gain.argmax(axis=0)[None]
        feature = np.take_along_axis(drawn, best, axis=0)[0]
        cut = np.take_along_axis(at, best, axis=0)[0]
        node = 2 * node + _is_above(features, node, feature, cut)
        place = 2 * place + _is_above(other, place, feature, cut)
        key = (tree * (2 * nodes) + node).ravel()
        count = np.bincount(key, minlength=2 * TREES * nodes).reshape(TREES, -1)
        of_class = np.bincount(key, np.tile(label, TREES), 2 * TREES * nodes).reshape(TREES, -1)
        share = (of_class + PRIOR * np.repeat(share, 2, axis=1)) / (count + PRIOR)
    return np.asarray(share[tree, place].mean(axis=0))


def _is_above(rows: FloatArray, node: IntArray, feature: IntArray, cut: FloatArray) -> IntArray:
    """1 where a row is above the cut of its node, shape (trees, rows)."""
    tree = np.arange(len(node))[:, None]
    value = rows[np.arange(len(rows))[None, :], feature[tree, node]]
    return (value > cut[tree, node]).astype(np.int64)


def _gain(
    features: FloatArray, label: BoolArray, node: IntArray, feature: IntArray, cut: FloatArray
) -> FloatArray:
    """How much purer a cut makes each node: sum over its halves of (rows of the class)^2 / rows."""
    nodes = feature.shape[1]
    half = 2 * node + _is_above(features, node, feature, cut)
    key = (np.arange(len(node))[:, None] * (2 * nodes) + half).ravel()
    size = 2 * len(node) * nodes
    count = np.bincount(key, minlength=size)
    of_class = np.bincount(key, np.tile(label, len(node)), size)
    purity = of_class**2 / np.maximum(count, 1)
    return np.asarray(purity.reshape(len(node), nodes, 2).sum(axis=2))


def logistic(features: FloatArray, label: BoolArray, other: FloatArray) -> FloatArray:
    """The log odds of the class by logistic regression with a ridge, for each row of `other`.

    Features are standardised; the ridge is that of a standard normal prior of their coefficients,
    so that there is an estimate where the classes are told apart without error.
    """
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    x, z = (
        np.column_stack([np.ones(len(rows)), (rows - centre) / spread])
        for rows in (features, other)
    )
    ridge = np.diag(np.r_[0.0, np.ones(features.shape[1])])
    beta = np.zeros(x.shape[1])
    for _ in range(NEWTON_STEPS):
        mean = expit(x @ beta)
        gradient = x.T @ (label - mean) - ridge @ beta
        step = np.linalg.solve((x.T * (mean * (1 - mean))) @ x + ridge, gradient)
        beta = beta + step
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    return np.asarray(z @ beta)
