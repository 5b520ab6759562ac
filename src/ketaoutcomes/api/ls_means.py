"""LS means of a fitted model and their contrasts become frames.

Searle, Speed & Milliken 1980, Am Stat 34:216-221; the grid and its weights are those of
`families.shared.design`.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.api import options
from ketaoutcomes.api.rows import Level
from ketaoutcomes.errors import DataNote, ModelError, did_you_mean
from ketaoutcomes.families.shared.aliasing import CONFUSED, confused_words
from ketaoutcomes.families.shared.design import Design, LsMeanRows, ls_mean_rows
from ketaoutcomes.numerics.distributions import t
from ketaoutcomes.numerics.mmrm.contrasts import ContrastResult, Inference, contrast
from ketaoutcomes.numerics.multiplicity.adjust import bonferroni, hochberg, holm
from ketaoutcomes.numerics.multiplicity.max_t import MaxT

if TYPE_CHECKING:
    from ketaoutcomes.vocabulary import LsMeanWeighting

FloatArray = NDArray[np.float64]
Weights = Mapping[Level, float]

ESTIMATED = ("estimate", "std_error", "df", "statistic", "conf_low", "conf_high", "p_value")
"""The columns of a table of estimates, in broom's words."""
STEPWISE: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "bonferroni": bonferroni,
    "holm": holm,
    "hochberg": hochberg,
}


@dataclass(frozen=True)
class Grid:
    """LS means by some factors, ready to be combined.

    Attributes
    ----------
    by, of : tuple of str
        Factors that split the table, and those whose levels are compared.
    rows : LsMeanRows
        By the factors in this order, the last varying fastest.
    """

    design: Design
    by: tuple[str, ...]
    of: tuple[str, ...]
    rows: LsMeanRows


def grid_of(
    design: Design,
    of: str | Sequence[str],
    by: str | Sequence[str],
    weights: str,
    at: Mapping[str, float] | None,
) -> Grid:
    """The LS means of the levels of some factors, by others.

    Raises
    ------
    ModelError
        If a name is not a factor of the model, or `at` names no numeric covariate.
    """
    own, others = options.several(of), options.several(by)
    for name in (*others, *own):
        _check_factor(design, name)
    if set(own) & set(others):
        raise ModelError(f"`{next(iter(set(own) & set(others)))}` cannot be compared by itself")
    numeric = [str(name) for name in design.frame if name not in design.factors]
    for name in at or ():
        if name not in numeric:
            raise ModelError(
                f"`at` names `{name}`; the numeric covariates of the model are "
                f"{', '.join(f'`{known}`' for known in numeric) or 'none'}"
            )
    chosen = cast("LsMeanWeighting", options.chosen("weights", weights, options.WEIGHTINGS))
    return Grid(design, others, own, ls_mean_rows(design, (*others, *own), chosen, at))


def _check_factor(design: Design, name: str) -> None:
    if name in design.factors:
        return
    if name in design.tokens:
        raise ModelError(
            f"`{name}` is a numeric covariate; if its values are labels, write C({name}) in the "
            "formula"
        )
    hint = did_you_mean(name, design.factors)
    known = ", ".join(f"`{factor}`" for factor in design.factors)
    raise ModelError(
        f"the model has no factor `{name}`; " + (hint or f"its factors are {known or 'none'}")
    )


def mean_frame(grid: Grid, inference: Inference, level: float) -> pd.DataFrame:
    """One row a combination of levels, without a test: a mean of zero is no hypothesis."""
    found = [
        _estimate(grid, (levels,), c, inference, level)
        for levels, c in zip(grid.rows.levels, grid.rows.L, strict=True)
    ]
    names = (*grid.by, *grid.of)
    labels = pd.DataFrame(list(grid.rows.levels), columns=list(names))
    shown = [name for name in ESTIMATED if name not in ("statistic", "p_value")]
    return pd.concat([labels, _frame(found)[shown]], axis=1)


@dataclass(frozen=True)
class Compared:
    """One contrast of LS means.

    Attributes
    ----------
    by : tuple
        The levels of the factors that split the table.
    name : str
    c : array
        As `LsMeanRows` has them.
    levels : tuple of tuple
        The means that it compares.
    """

    by: tuple[Level, ...]
    name: str
    c: FloatArray
    levels: tuple[tuple[Level, ...], ...]


def contrast_weights(
    levels: Sequence[Level],
    method: str | Mapping[str, Weights],
    reference: Level | None,
    factor: str,
) -> dict[str, Weights]:
    """The weights of the levels in each contrast.

    Raises
    ------
    ModelError
        If a level or a method is not known.
    """
    if not isinstance(method, str):
        for weights in method.values():
            for level in weights:
                _check_level(levels, level, factor)
        return dict(method)
    if method == "pairwise":
        return {f"{a} - {b}": {a: 1.0, b: -1.0} for a, b in combinations(levels, 2)}
    if method != "reference":
        raise ModelError(
            f"method={method!r} is not known; choose 'reference', 'pairwise' or a mapping of names "
            "to weights of levels"
        )
    base = levels[0] if reference is None else reference
    _check_level(levels, base, factor)
    return {f"{a} - {base}": {a: 1.0, base: -1.0} for a in levels if a != base}


def _check_level(levels: Sequence[Level], level: Level, factor: str) -> None:
    if level not in levels:
        hint = did_you_mean(str(level), map(str, levels))
        known = ", ".join(map(str, levels))
        raise ModelError(
            f"`{factor}` has no level `{level}`; " + (hint or f"its levels are {known}")
        )


def compared(grid: Grid, contrasts: Mapping[str, Weights]) -> tuple[Compared, ...]:
    """Each contrast at each combination of the other factors."""
    L = dict(zip(grid.rows.levels, grid.rows.L, strict=True))
    splits = dict.fromkeys(levels[:-1] for levels in grid.rows.levels)
    return tuple(
        Compared(
            by,
            name,
            np.sum([weight * L[(*by, level)] for level, weight in weights.items()], axis=0),
            tuple((*by, level) for level, weight in weights.items() if weight),
        )
        for by in splits
        for name, weights in contrasts.items()
    )


def contrast_frame(
    grid: Grid,
    contrasts: tuple[Compared, ...],
    inference: Inference,
    level: float,
    adjust: str,
    *,
    all_together: bool,
) -> pd.DataFrame:
    """One row a contrast, with the p-value adjusted for the others of its family.

    Intervals are simultaneous for `bonferroni` and `max-t`; there are none for stepwise procedures.
    """
    found = [_estimate(grid, each.levels, each.c, inference, level) for each in contrasts]
    table = _frame(found)
    table["p_adjusted"] = table["p_value"]
    family = [() if all_together else each.by for each in contrasts]
    for key in dict.fromkeys(family):
        known = table["p_value"].notna().to_numpy()
        places = np.flatnonzero(known & np.array([own == key for own in family], dtype=bool))
        if places.size and adjust != "none":
            L = np.array([contrasts[i].c[: len(grid.design.kept)] for i in places])
            _adjust(table, places, adjust, level, inference.covariance_of(L))
    labels = pd.DataFrame([each.by for each in contrasts], columns=list(grid.by))
    labels["contrast"] = [each.name for each in contrasts]
    return pd.concat([labels, table], axis=1)


def _adjust(
    table: pd.DataFrame, places: NDArray[np.intp], adjust: str, level: float, covariance: FloatArray
) -> None:
    """Write the adjusted p-values and intervals of one family into its table."""
    rows = table.iloc[places]
    factor = np.full(len(rows), np.nan)
    if adjust == "max-t":
        sd = np.sqrt(np.diag(covariance))
        # one distribution for all: the smallest df keeps the level
        largest = MaxT(covariance / np.outer(sd, sd), float(rows["df"].min()))
        p = np.array([largest.p_value(float(t)) for t in rows["statistic"]])
        factor[:] = largest.critical(level)
    else:
        p = STEPWISE[adjust](rows["p_value"].to_numpy(dtype=float))
        if adjust == "bonferroni":
            each = 1 - (1 - level) / len(rows)
            factor = _t_quantiles(each, rows["df"])
    table.loc[places, "p_adjusted"] = p
    if adjust in ("max-t", "bonferroni"):
        half = factor * rows["std_error"].to_numpy(dtype=float)
        table.loc[places, "conf_low"] = rows["estimate"] - half
        table.loc[places, "conf_high"] = rows["estimate"] + half
    else:
        table.loc[places, ["conf_low", "conf_high"]] = np.nan


def _t_quantiles(level: float, df: pd.Series) -> FloatArray:
    return np.asarray(t.ppf(0.5 + level / 2, df.to_numpy(dtype=float)))


def _estimate(
    grid: Grid,
    means: Iterable[tuple[Level, ...]],
    c: FloatArray,
    inference: Inference,
    level: float,
) -> ContrastResult:
    """The estimate of a combination; not a number, with a warning, where there is none."""
    estimable = grid.design.estimable(c)
    if estimable is not None:
        return contrast(inference, estimable, level)
    names = (*grid.by, *grid.of)
    what = " and ".join(
        ", ".join(f"{name} {value}" for name, value in zip(names, levels, strict=True))
        for levels in means
    )
    warnings.warn(f"Not estimable: {what}: {_reason(grid, means)}.", DataNote, stacklevel=4)
    return ContrastResult(*[np.nan] * len(ESTIMATED))


def _reason(grid: Grid, means: Iterable[tuple[Level, ...]]) -> str:
    """Cells without a row, or effects that are confused."""
    frame = grid.design.frame
    names = (*grid.by, *grid.of)
    for levels in means:
        here = np.ones(len(frame), dtype=bool)
        for name, level in zip(names, levels, strict=True):
            here &= (frame[name] == level).to_numpy()
        if not here.any():
            cell = ", ".join(f"{name} {level}" for name, level in zip(names, levels, strict=True))
            return f"no row has {cell}"
    return "; ".join(confused_words(grid.design)) or CONFUSED


def _frame(found: Sequence[ContrastResult]) -> pd.DataFrame:
    return pd.DataFrame([asdict(each) for each in found], columns=list(ESTIMATED))


def coefficient_frame(names: Sequence[str], inference: Inference, level: float) -> pd.DataFrame:
    """One row a coefficient, in broom's words."""
    found = [contrast(inference, c, level) for c in np.eye(len(names))]
    return pd.concat([pd.DataFrame({"term": list(names)}), _frame(found)], axis=1)
