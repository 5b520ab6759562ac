"""Which columns of a design others determine, from its statistics alone."""

from dataclasses import replace

import numpy as np

from ketaoutcomes.numerics.mmrm.degenerate import independent_columns
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics
from ketaoutcomes.numerics.row_space import RowSpace


def row_space_of(statistics: PatternStatistics) -> RowSpace:
    """The row space of the rows that were summed.

    The dependence is found among the centred columns, C = Z B. What combines them to zero combines,
    times B, the columns themselves to zero.
    """
    p, G, B = statistics.p, statistics.total, statistics.basis
    independent = independent_columns(G[:p, :p])
    kept, left_out = np.flatnonzero(independent), np.flatnonzero(~independent)
    combinations = np.eye(p)[:, left_out]
    if left_out.size and kept.size:
        told = np.linalg.lstsq(G[np.ix_(kept, kept)], G[np.ix_(kept, left_out)], rcond=None)[0]
        combinations[kept] -= told
    null = B[:p, :p] @ combinations
    # of several columns left out one may be told with the help of another
    from_kept = -null[kept] @ np.linalg.inv(null[left_out])
    sizes = np.sqrt(statistics.sizes[left_out] / max(statistics.n_obs, 1))
    return RowSpace(kept, left_out, from_kept, np.where(sizes > 0, sizes, 1.0))


def of_kept(statistics: PatternStatistics, space: RowSpace) -> PatternStatistics:
    """The statistics of the columns that stay, from which the others follow."""
    if not space.left_out.size:
        return statistics
    chosen = np.append(space.kept, statistics.p)
    basis = statistics.basis[np.ix_(chosen, chosen)].copy()
    basis[:-1] += space.from_kept @ statistics.basis[np.ix_(space.left_out, chosen)]
    centred = np.ascontiguousarray(statistics.centred[..., chosen[:, None], chosen])
    return replace(statistics, centred=centred, basis=basis)
