"""How many subjects give the power wanted: a line through the simulated shares of a grid.

The power of a test by a normal statistic is Phi(d sqrt(n) - z), d the effect of one subject in
standard errors and z the critical value (Lachin 1981, Controlled Clinical Trials 2:93-113), so that
its probit is a straight line in sqrt(n). The line is fitted by maximum likelihood as a probit
regression, and the number of subjects read off it has Fieller's limits (Finney 1971, Probit
Analysis, 3rd ed., section 4.6).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.numerics import distributions
from ketaoutcomes.power.design import REPLICATES_A_CHUNK
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
FEWEST_SIZES = 2
FEWEST_CHUNKS = 10
"""With fewer the variance between chunks is known too badly; sizes are taken as independent."""
CONF_LEVEL = 0.95
DOES_NOT_FIT = 1e-3
FARTHEST = 2
"""The line is drawn on to this multiple of the largest size and this part of the smallest."""

Curve = Mapping[int, pd.Series]
"""By the number of subjects: whether each replicate rejects, its number as the index."""


@dataclass(frozen=True)
class Line:
    """The probit of the power as a line in the root of the number of subjects."""

    intercept: float
    slope: float
    covariance: FloatArray
    lack_of_fit: float
    """P-value of Pearson's test of the shares about the line; 1 for two sizes."""

    def root_at(self, power: float) -> float:
        """Root of the number of subjects at which the line reaches this power."""
        return (float(distributions.norm.ppf(power)) - self.intercept) / self.slope

    def variance_at(self, root: float) -> float:
        """Variance of the line there."""
        x = np.array([1.0, root])
        return float(x @ self.covariance @ x)

    def limits(self, power: float, conf_level: float) -> tuple[float, float] | None:
        """Fieller's limits of the root; None where the slope is not known to be positive."""
        q = float(distributions.norm.ppf(0.5 + conf_level / 2))
        short = self.intercept - float(distributions.norm.ppf(power))
        (v00, v01), (_, v11) = self.covariance
        a = self.slope**2 - q**2 * v11
        b = self.slope * short - q**2 * v01
        c = short**2 - q**2 * v00
        if self.slope <= 0 or a <= 0:
            return None
        half = np.sqrt(max(b**2 - a * c, 0.0))
        return float((-b - half) / a), float((-b + half) / a)


def sample_sizes(row: Result, curve: Curve, targets: tuple[float, ...]) -> Iterator[Result]:
    """The number of subjects for each power wanted; nothing for a grid of one size.

    Parameters
    ----------
    row : Result
        What the results have in common.
    """
    if len(curve) < FEWEST_SIZES:
        return
    sizes = sorted(curve)
    line = fit_line(curve)
    for target in targets:
        wanted = replace(
            row,
            statistic=f"subjects for {100 * target:g}% power",
            unit="subjects",
            method="probit line in the root of the number of subjects",
            n=None,
        )
        shares = {size: float(curve[size].mean()) for size in sizes}
        if line is None or line.limits(target, CONF_LEVEL) is None:
            yield replace(wanted, status="warning", message=_not_fitted(shares, target))
        elif not _is_near(line.root_at(target), sizes):
            words = f"{_not_fitted(shares, target)}{_lead(line.root_at(target), sizes)}"
            yield replace(wanted, status="warning", message=words)
        else:
            yield _read_off(wanted, line, target, sizes)


def fit_line(curve: Curve) -> Line | None:
    """The line; None where the shares do not determine it.

    Trials of several sizes share their subjects within a chunk, so that the variance is that
    between chunks.
    """
    rows = pd.concat(
        [
            pd.DataFrame(
                {"size": size, "chunk": happened.index // REPLICATES_A_CHUNK, "k": happened}
            )
            for size, happened in curve.items()
        ]
    )
    if not _overlaps(rows):
        return None
    from statsmodels.discrete.discrete_model import Probit  # noqa: PLC0415 - slow to import

    design = np.column_stack([np.ones(len(rows)), np.sqrt(rows["size"])])
    by_chunk = {"cov_type": "cluster", "cov_kwds": {"groups": rows["chunk"].to_numpy()}}
    enough = rows["chunk"].nunique() >= FEWEST_CHUNKS
    model = Probit(rows["k"].to_numpy(dtype=float), design)
    fit = model.fit(disp=False, **(by_chunk if enough else {}))
    intercept, slope = (float(value) for value in fit.params)
    lack = _lack_of_fit(curve, intercept, slope)
    return Line(intercept, slope, np.asarray(fit.cov_params()), lack)


def _lack_of_fit(curve: Curve, intercept: float, slope: float) -> float:
    spare = len(curve) - FEWEST_SIZES
    expected = distributions.norm.cdf(intercept + slope * np.sqrt(list(curve)))
    n = np.array([len(happened) for happened in curve.values()])
    gap = np.array([happened.sum() for happened in curve.values()]) - n * expected
    pearson = float((gap**2 / (n * expected * (1 - expected))).sum())
    return float(distributions.chi2.sf(pearson, spare)) if spare else 1.0


def _overlaps(rows: pd.DataFrame) -> bool:
    """Whether sizes with and without rejections overlap, without which no line is the likeliest.

    Albert & Anderson 1984, Biometrika 71:1-10.
    """
    yes, no = rows.loc[rows["k"], "size"], rows.loc[~rows["k"], "size"]
    return len(yes) > 0 and len(no) > 0 and yes.min() < no.max() and no.min() < yes.max()


def _is_near(root: float, sizes: list[int]) -> bool:
    """Whether the line need not be drawn on far: how far it is straight is not known."""
    return root > 0 and sizes[0] / FARTHEST <= root**2 <= sizes[-1] * FARTHEST


def _lead(root: float, sizes: list[int]) -> str:
    """A size to try where all are too small, of one digit."""
    if root**2 < sizes[-1] or root < 0:
        return ""
    return f"; the fitted line gives about {float(f'{root**2:.0e}'):,.0f} participants"


def _read_off(row: Result, line: Line, target: float, sizes: list[int]) -> Result:
    root, limits = line.root_at(target), line.limits(target, CONF_LEVEL)
    assert limits is not None
    found = replace(
        row,
        estimate=root**2,
        std_error=2 * root * line.variance_at(root) ** 0.5 / line.slope,
        conf_low=max(limits[0], 0.0) ** 2,
        conf_high=limits[1] ** 2,
        conf_level=CONF_LEVEL,
    )
    smallest, largest = sizes[0], sizes[-1]
    if line.lack_of_fit < DOES_NOT_FIT:
        words = "the simulated shares do not lie on the line: read the number between two sizes"
        return replace(found, status="warning", message=words)
    if not smallest <= root**2 <= largest:
        end = f"more than the largest size, {largest}"
        if root**2 <= largest:
            end = f"fewer than the smallest size, {smallest}"
        words = f"that is {end}: simulate sizes around it"
        return replace(found, status="warning", message=words)
    return found


def _not_fitted(shares: Mapping[int, float], target: float) -> str:
    """What the grid says where no line can be drawn."""
    reached = [size for size, share in shares.items() if share >= target]
    if not reached:
        best = max(shares.values())
        return f"the sizes are too small: at most {100 * best:.3g}% is reached"
    below = [size for size in shares if size < reached[0]]
    if not below:
        return f"the smallest size, {reached[0]}, reaches it: add smaller sizes"
    return f"between {below[-1]} and {reached[0]} participants: add sizes between them"
