"""Shifts of imputed scores: where the difference loses its significance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.imputation.change import POOLS
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.design import (
    analysis_design,
    arm_row,
    common_row,
    count_rows,
    failed_row,
    pooled_row,
    shift_remarks,
)
from ketaoutcomes.families.imputation.plan import TippingPointAnalysis
from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.numerics.imputation.rubin import Pooled
from ketaoutcomes.numerics.imputation.shift import (
    PoolAt,
    ShiftedResamples,
    shifted_coefficients,
    shifted_imputations,
    tipping_shift,
)
from ketaoutcomes.numerics.imputation.trial import moved_outcomes
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
CONTOUR_POINTS = 41


@dataclass(frozen=True)
class Shifts:
    """The shifted arms, that along the columns first, and their grids."""

    arms: tuple[str, ...]
    grids: tuple[FloatArray, ...]
    spans: tuple[tuple[float, float], ...]

    def along(self, row: float) -> Callable[[FloatArray], FloatArray]:
        """Shifts of all arms for values of the first, the second being held at `row`."""

        def line(values: FloatArray) -> FloatArray:
            others = [np.full_like(values, row)] * (len(self.arms) - 1)
            return np.column_stack([values, *others])

        return line

    @property
    def rows(self) -> FloatArray:
        """Shifts of the second arm, or no shift where there is none."""
        return self.grids[1] if len(self.grids) > 1 else np.zeros(1)


def fit_tipping(
    name: str,
    analysis: TippingPointAnalysis,
    estimand: Estimand,
    data: ImputedData | NotImputed,
    conf_level: float,
) -> Fitted:
    """The difference at every shift of the grid, and the tipping shifts between its points."""
    common = replace(
        common_row(name, analysis, data, "tipt01", "points"),
        statistic="tipping shift",
        visit=estimand.visit or "",
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
    )
    if isinstance(data, NotImputed):
        return Fitted(name, (failed_row(common, estimand, data.reason),))
    if estimand.visit not in data.visits:
        return Fitted(
            name, (failed_row(common, estimand, "no participant was observed at the visit"),)
        )
    reason = data.not_imputed(estimand.visit)
    if reason:
        return Fitted(name, (failed_row(common, estimand, reason),))
    shifts = _shifts(analysis, estimand)
    pool_at = _pool_at(analysis, estimand, data, shifts.arms)
    whole = pool_at(np.zeros((1, len(shifts.arms))))
    side = float(np.sign(whole.estimate[0]))
    fine = np.linspace(*shifts.spans[1], CONTOUR_POINTS) if len(shifts.arms) > 1 else np.zeros(1)
    contour = [
        tipping_shift(pool_at, shifts.along(row), shifts.spans[0], side, conf_level) for row in fine
    ]
    surface = [pool_at(shifts.along(row)(shifts.grids[0])) for row in shifts.rows]
    results = (
        *_tipping_rows(common, shifts, pool_at, whole, conf_level),
        *_grid_rows(common, shifts, surface, conf_level),
        *count_rows(replace(common, visit="", arm="", reference=""), data),
    )
    limits = [pooled.limits(conf_level) for pooled in surface]
    record = TippingRecord(
        analysis=name,
        arms=shifts.arms,
        shifts=shifts.grids,
        estimate=np.stack([pooled.estimate for pooled in surface]),
        conf_low=np.stack([low for low, _ in limits]),
        conf_high=np.stack([high for _, high in limits]),
        p_value=np.stack([pooled.p_value for pooled in surface]),
        contour_rows=fine,
        contour=np.array([np.nan if value is None else value for value in contour]),
    )
    return Fitted(name, results, record, shift_remarks(analysis, estimand, data))


def _shifts(analysis: TippingPointAnalysis, estimand: Estimand) -> Shifts:
    """Columns shift the active arm, where it is shifted at all."""
    arms = tuple(sorted(analysis.delta_range, key=lambda arm: arm != estimand.treatment.active))
    spans = tuple(analysis.delta_range[arm] for arm in arms)
    return Shifts(arms, tuple(np.linspace(*span, analysis.steps) for span in spans), spans)


def _pool_at(
    analysis: TippingPointAnalysis, estimand: Estimand, data: ImputedData, arms: tuple[str, ...]
) -> PoolAt:
    """The pooled difference as a function of the shifts of some arms."""
    design, visit = analysis_design(data), data.visits.index(estimand.visit or "")
    L = arm_row(design, data.arms.index(estimand.treatment.active))
    y = data.values[..., visit]
    moved = moved_outcomes(data.trial, after_the_event_only=analysis.after_the_event_only)[:, visit]
    members = [data.trial.arm == data.arms.index(arm) for arm in arms]
    shifted = np.column_stack([moved & member for member in members]).astype(float)
    if data.resampled is None:
        return shifted_imputations(design, y, shifted, L).pool_at
    each = shifted_coefficients(design, y, shifted, data.resampled, L)
    return ShiftedResamples(each[0], each[1:], POOLS[data.resampling]).pool_at


def _tipping_rows(
    common: Result, shifts: Shifts, pool_at: PoolAt, whole: Pooled, conf_level: float
) -> Iterator[Result]:
    """The tipping shift of each arm while the other is not shifted."""
    side = float(np.sign(whole.estimate[0]))
    significant = float(whole.p_value[0]) < 1 - conf_level
    for place, (arm, span) in enumerate(zip(shifts.arms, shifts.spans, strict=True)):

        def line(values: FloatArray, place: int = place) -> FloatArray:
            return values[:, None] * np.eye(len(shifts.arms))[place]

        row = replace(common, group=f"{arm} shifted", conf_level=conf_level)
        tip = tipping_shift(pool_at, line, span, side, conf_level)
        if tip is not None:
            words = (
                ""
                if significant
                else "not significant without a delta, significant from this one on"
            )
            yield replace(row, estimate=tip, message=words)
            continue
        state = "significant" if significant else "not significant"
        low, high = (f"{end:g}".replace("-", "\N{MINUS SIGN}") for end in span)
        words = f"{state} at every delta from {low} to {high}"
        yield replace(row, status="warning", message=words)


def _grid_rows(
    common: Result, shifts: Shifts, surface: list[Pooled], conf_level: float
) -> Iterator[Result]:
    """The difference at each point of the grid."""
    for row, pooled in zip(shifts.rows, surface, strict=True):
        for place, column in enumerate(shifts.grids[0]):
            values = (column, row)[: len(shifts.arms)]
            at = "; ".join(f"{arm} {v:+g}" for arm, v in zip(shifts.arms, values, strict=True))
            one = Pooled(pooled.estimate[place], pooled.std_error[place], pooled.df[place])
            shifted = replace(common, statistic="shifted difference in LS means", group=at)
            yield pooled_row(shifted, one, conf_level, test=True)
