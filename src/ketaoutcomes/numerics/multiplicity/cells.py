"""How far from each statistic's own direction the largest of several is another one.

m statistics are projections of r independent normals on the rows of L. In the cell of row i, the
directions in which its projection is the largest, a direction has the angle phi to the row and a
bearing v, a direction of one dimension less. The cell ends at cot(phi) = max_j a_j' v with
a_j = (L_j - rho L_i) / (1 - rho), rho = L_j' L_i. Where this maximum changes from one j to another
is known: at the normals of the facets of the convex hull of the a_j. Gauss' rule between them is
exact to rounding up to rank 4; beyond that the bearings are those of a lattice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError
from scipy.special import ndtri

FloatArray = NDArray[np.float64]
Triangle = tuple[FloatArray, FloatArray, FloatArray]

DEPENDENT = 1e-10
SAME = 1e-12
CORNER = 1e-9
ARC_NODES = 16
ARCS = 65
TRIANGLE_NODES = 12
LONGEST, SHORTEST, STEEP = 0.8, 0.12, 1.6
LATTICE_POINTS = 131_071
EDGE = 1e-15
LINE, CIRCLE, SPHERE = 1, 2, 3


@dataclass(frozen=True)
class Cells:
    """The ends of the cells of all rows, as a sample of their angles.

    Attributes
    ----------
    rank : int
    angle : array, shape (n,)
        Where a cell ends, between 0 and pi / 2.
    weight : array, shape (n,)
        One cell's add up to one.
    """

    rank: int
    angle: FloatArray
    weight: FloatArray


def root(R: FloatArray) -> FloatArray:
    """L with L L' = R, shape (m, rank): Cholesky's factor, the largest pivot first."""
    L, left = np.zeros_like(R), np.diag(R).copy()
    rank = 0
    while rank < len(R) and left.max() > DEPENDENT:
        i = int(np.argmax(left))
        L[:, rank] = (R[:, i] - L[:, :rank] @ L[i, :rank]) / np.sqrt(left[i])
        left = left - L[:, rank] ** 2
        left[i] = 0.0
        rank += 1
    kept = L[:, :rank]
    return np.asarray(kept / np.linalg.norm(kept, axis=1)[:, None])


def cells_of(R: FloatArray, *, two_sided: bool) -> Cells:
    """The cells of all rows; with two sides each stands for its opposite, too."""
    L = _distinct(root(R), two_sided=two_sided)
    rank = L.shape[1]
    angles, weights = [], []
    for i in range(len(L)):
        a = _rivals(L, i, two_sided=two_sided)
        v, weight = _bearings(a)
        # rivals lie one under the other: the largest of few is sought over many bearings at a time
        largest = (a @ v.T).max(axis=0, initial=0.0)
        angles.append(np.arctan2(1.0, largest))
        weights.append(weight)
    return Cells(rank, np.concatenate(angles), np.concatenate(weights))


def _distinct(L: FloatArray, *, two_sided: bool) -> FloatArray:
    """Each statistic once."""
    likeness = np.abs(L @ L.T) if two_sided else L @ L.T
    again = np.tril(likeness > 1 - SAME, -1).any(axis=1)
    return np.asarray(L[~again])


def _rivals(L: FloatArray, i: int, *, two_sided: bool) -> FloatArray:
    """The a_j of a row, in coordinates across it, shape (rivals, rank - 1).

    With one side zero is one more, so that a cell ends where its own statistic turns negative.
    """
    others = np.delete(L, i, axis=0)
    signed = np.vstack([others, -others]) if two_sided else others
    across = np.linalg.svd(L[i][None, :])[2][1:]
    rivals = (signed @ across.T) / (1 - signed @ L[i])[:, None]
    zero = np.zeros((0 if two_sided else 1, rivals.shape[1]))
    return np.vstack([rivals, zero])


def _bearings(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bearings with weights that add up to one."""
    dimension = a.shape[1]
    if dimension == 0:
        return np.zeros((1, 0)), np.ones(1)
    if dimension == CIRCLE:
        return _around(a)
    if dimension == SPHERE and (exact := _over_sphere(a)) is not None:
        return exact
    v = directions(dimension)
    return v, np.full(len(v), 1 / len(v))


@lru_cache(maxsize=4)
def directions(dimension: int) -> FloatArray:
    """Unit vectors that fill the sphere evenly, shape (n, dimension)."""
    if dimension == LINE:
        return np.array([[1.0], [-1.0]])
    z = ndtri(np.clip(_lattice(dimension), EDGE, 1 - EDGE))
    return np.asarray(z / np.linalg.norm(z, axis=1)[:, None])


def _around(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gauss' rule on a circle between the bearings at which two rivals are largest."""
    one, other = np.triu_indices(len(a), 1)
    apart = a[one] - a[other]
    at = np.arctan2(-apart[:, 0], apart[:, 1])
    at, one = np.concatenate([at, at + np.pi]), np.concatenate([one, one])
    v = np.column_stack([np.cos(at), np.sin(at)])
    corner = (v * a[one]).sum(axis=1) > (v @ a.T).max(axis=1, initial=-np.inf) - CORNER
    ends = np.unique(np.concatenate([at[corner] % (2 * np.pi), np.linspace(0, 2 * np.pi, ARCS)]))
    x, w = gauss(ARC_NODES)
    half = np.diff(ends)[:, None] / 2
    psi = (ends[:-1, None] + half * (x + 1)).ravel()
    return np.column_stack([np.cos(psi), np.sin(psi)]), (half * w).ravel() / (2 * np.pi)


def _over_sphere(a: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Gauss' rule on triangles that together are the sphere, none across a border of cells."""
    try:
        hull = ConvexHull(a)
    except (QhullError, ValueError):
        return None
    parts = [
        _triangle(*corners)
        for vertex in hull.vertices
        for whole in _triangles(hull, int(vertex))
        for corners in _small(whole, _longest(a[vertex]))
    ]
    v, solid = (np.concatenate(column) for column in zip(*parts, strict=True))
    weight = solid / (4 * np.pi)
    return (v, weight) if abs(weight.sum() - 1) < CORNER else None


def _triangles(hull: ConvexHull, vertex: int) -> Iterator[Triangle]:
    """The directions in which a vertex of the hull is farthest, as triangles around their middle.

    Their corners are the normals of its facets; those of neighbours are joined.
    """
    normals = hull.equations[:, :SPHERE]
    around = np.flatnonzero((hull.simplices == vertex).any(axis=1))
    middle = normals[around].sum(axis=0)
    middle = middle / np.linalg.norm(middle)
    for facet in around:
        for other in hull.neighbors[facet]:
            distinct = np.linalg.norm(normals[facet] - normals[other]) > CORNER
            if facet < other and other in around and distinct:
                yield middle, normals[facet], normals[other]


def _longest(a: FloatArray) -> float:
    """Side of a triangle over which the angle of a rival's border changes evenly."""
    return float(np.clip(STEEP / max(float(np.linalg.norm(a)), EDGE), SHORTEST, LONGEST))


def _small(corners: Triangle, longest: float) -> Iterator[Triangle]:
    """The triangle in parts that are nearly flat, the longest side halved until it is short."""
    a, b, c = max((corners, corners[1:] + corners[:1], corners[2:] + corners[:2]), key=_first_side)
    if _first_side((a, b, c)) < longest:
        yield corners
        return
    half = (a + b) / np.linalg.norm(a + b)
    yield from _small((a, half, c), longest)
    yield from _small((half, b, c), longest)


def _first_side(corners: Triangle) -> float:
    return float(np.linalg.norm(corners[0] - corners[1]))


def _triangle(
    corner: FloatArray, one: FloatArray, other: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Points and solid angles: Gauss' rule on the flat triangle, seen from the centre."""
    x, w = gauss(TRIANGLE_NODES)
    x, w = (x + 1) / 2, w / 2
    s, t = np.repeat(x, x.size), np.tile(x, x.size)
    flat = corner + s[:, None] * ((one - corner) + t[:, None] * (other - one))
    length = np.linalg.norm(flat, axis=1)
    volume = abs(float(np.linalg.det(np.array([corner, one, other]))))
    return flat / length[:, None], np.outer(w, w).ravel() * s * volume / length**3


@lru_cache
def gauss(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss' rule between -1 and 1."""
    x, w = leggauss(nodes)
    return np.asarray(x, dtype=float), np.asarray(w, dtype=float)


def _lattice(dimensions: int) -> FloatArray:
    """Richtmyer's lattice with the baker's transformation: symmetric and without randomness."""
    roots = np.sqrt(np.fromiter(_primes(dimensions), dtype=float))
    k = np.arange(1, LATTICE_POINTS + 1)[:, None]
    return np.abs(2 * ((k * roots) % 1.0) - 1)


def _primes(count: int) -> Iterator[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
            yield candidate
        candidate += 1
