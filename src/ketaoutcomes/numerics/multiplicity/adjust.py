"""Adjusted p-values: the least level at which a procedure rejects each hypothesis.

Wright 1992, Biometrics 48:1005-1013.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

NOTHING = 1e-12


def bonferroni(p: FloatArray) -> FloatArray:
    """Each p times the number of hypotheses."""
    return np.minimum(p.size * p, 1.0)


def holm(p: FloatArray) -> FloatArray:
    """Step down from the smallest p: Holm 1979, Scand J Stat 6:65-70."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((p.size - np.arange(p.size)) * p[order])
    return _placed(np.minimum(stepped, 1.0), order)


def hochberg(p: FloatArray) -> FloatArray:
    """Step up from the largest p: Hochberg 1988, Biometrika 75:800-802.

    Valid for independent and for positively dependent test statistics (Sarkar 1998, Ann Stat
    26:494-504).
    """
    order = np.argsort(-p, kind="stable")
    stepped = np.minimum.accumulate((1 + np.arange(p.size)) * p[order])
    return _placed(stepped, order)


def fixed_sequence(p: FloatArray) -> FloatArray:
    """Each hypothesis is tested in its turn, until one is not rejected."""
    return np.maximum.accumulate(p)


def _placed(values: FloatArray, order: NDArray[np.intp]) -> FloatArray:
    result = np.empty_like(values)
    result[order] = values
    return result


@dataclass(frozen=True)
class Graph:
    """Shares of the level and where they go: Bretz, Maurer, Brannath & Posch 2009, Stat Med 28:586.

    Attributes
    ----------
    weights : array, shape (m,)
        Share of each hypothesis at the start, of sum at most one.
    transitions : array, shape (m, m)
        Part of a rejected hypothesis's share that goes to each other; rows of sum at most one,
        zero on the diagonal.

    Raises
    ------
    ValueError
        If these are no shares.
    """

    weights: FloatArray
    transitions: FloatArray

    def __post_init__(self) -> None:
        G = self.transitions
        if (self.weights < 0).any() or self.weights.sum() > 1 + NOTHING:
            raise ValueError("weights must not be negative, and of sum at most 1")
        if (G < 0).any() or (G.sum(axis=1) > 1 + NOTHING).any() or np.diag(G).any():
            raise ValueError(
                "transitions must not be negative, of sum at most 1 from each hypothesis, and none "
                "may lead to itself"
            )

    def without(self, rejected: int) -> "Graph":
        """The graph after a rejection (their Algorithm 1, update of weights and transitions)."""
        w, G = self.weights, self.transitions
        moved = w + w[rejected] * G[rejected]
        moved[rejected] = 0.0
        through = np.outer(G[:, rejected], G[rejected])
        # what would come back to a hypothesis through the rejected one is shared out anew
        left = (1 - G[:, rejected] * G[rejected])[:, None]
        updated = np.divide(G + through, left, out=np.zeros_like(G), where=left > NOTHING)
        updated[rejected], updated[:, rejected] = 0.0, 0.0
        np.fill_diagonal(updated, 0.0)
        return Graph(moved, updated)


def graphical(p: FloatArray, graph: Graph) -> FloatArray:
    """Sequentially rejective graphical procedure (their Algorithm 2)."""
    adjusted = np.ones_like(p)
    left, highest = list(range(p.size)), 0.0
    while left:
        w = graph.weights[left]
        ratio = np.divide(p[left], w, out=np.full(len(left), np.inf), where=w > NOTHING)
        place = int(np.argmin(ratio))
        first = left[place]
        highest = max(highest, float(ratio[place]))
        adjusted[first] = min(highest, 1.0)
        graph = graph.without(first)
        left.remove(first)
    return adjusted
