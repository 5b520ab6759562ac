"""Times to an event by a second program: lifelines, statsmodels and plain sums."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.time_to_event.second_all_arms import check_all_arms
from ketaoutcomes.families.time_to_event.second_competing import check_competing
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import columns_of
from ketaoutcomes.second.check import (
    SAME_OPTIMUM,
    SAME_SUM,
    Check,
    Second,
    program_of,
)
from ketaoutcomes.second.curves import (
    Steps,
    codes_of,
    cox,
    interval_of_survival,
    kaplan_meier_steps,
    log_rank,
)
from ketaoutcomes.second.rows import Asked, asked_of, exponentiated, wald

if TYPE_CHECKING:
    from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Times:
    """The subjects of an analysis of times, for the routes of a second program."""

    analysis: "TimeToEventAnalysis"
    frame: pd.DataFrame
    everyone: pd.DataFrame
    active: str
    reference: str

    @property
    def delayed(self) -> bool:
        """Whether anybody came under observation late."""
        return "entry" in self.frame and bool((self.frame["entry"] > 0).any())

    @cached_property
    def curves(self) -> dict[str, Steps]:
        """The curve of each arm."""
        return {
            str(arm): kaplan_meier_steps(
                here["time"].to_numpy(dtype=float), here["event"].to_numpy(dtype=bool)
            )
            for arm, here in self.everyone.groupby("arm", observed=True)
        }


def check_time_to_event(
    plan: AnalysisPlan,
    name: str,
    analysis: "TimeToEventAnalysis",
    estimand: Estimand,
    endpoint: TimeToEventData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Hazard ratio, log-rank test, curves and restricted means.

    Subjects with several intervals of observation have no second program.
    """
    if not endpoint.intervals.empty:
        return ()
    arms = estimand.treatment.arms
    frame = endpoint.frame[endpoint.frame["arm"].isin(arms)].reset_index(drop=True)
    times = Times(
        analysis, frame, endpoint.frame, estimand.treatment.active, estimand.treatment.reference
    )
    asked = asked_of(plan, name, results)
    checks = [*asked.checked("hazard ratio", lambda row: _hazard_ratio(times, row), table="ttet01")]
    if not times.delayed:
        checks += _of_curves(times, asked)
        if analysis.all_arms:
            checks += check_all_arms(times.everyone, analysis, asked)
        checks += check_competing(times.frame, analysis, asked, plan.report.confidence_level)
    return tuple(checks)


def _of_curves(times: Times, asked: Asked) -> list[Check]:
    """What lifelines and statsmodels have without delayed entry only."""
    return [
        *asked.checked("log-rank test", lambda _row: _log_rank(times)),
        *asked.checked("median", lambda row: _median(times, row), contrast=False),
        *asked.checked(
            "difference in restricted means", lambda row: _difference(times, row), table="ttet01"
        ),
        *asked.checked("ratio of restricted means", lambda row: _ratio(times, row), table="ttet01"),
        *asked.checked("restricted mean", lambda row: _mean(times, row), contrast=False),
        *asked.checked("difference in survival", lambda row: _milestone(times, row)),
        *(
            asked.checked("survival", lambda row: _survival(times, row), contrast=False)
            if asked.every
            else ()
        ),
    ]


def _hazard_ratio(times: Times, row: Result) -> Second | None:
    """One ratio over all follow-up; ratios in parts of it have a group and no second route.

    With clusters its error is robust to them, which the other program is not.
    """
    if row.group or row.estimate is None:
        return None
    frame, ties = times.frame, times.analysis.ties
    strata = codes_of(frame, times.analysis.strata)
    entry = frame["entry"].to_numpy(dtype=float) if times.delayed else None
    beta, error = cox(
        frame["time"].to_numpy(dtype=float),
        frame["event"].to_numpy(dtype=float),
        columns_of(frame, times.active, times.analysis.covariates),
        ties=ties,
        strata=strata,
        entry=entry,
    )
    program = program_of("statsmodels", "ConditionalLogit" if ties == "exact" else "PHReg")
    if entry is not None and ties != "exact":
        program = program_of("scipy", "root of Cox's score, its sums in plain loops")
    second = Second(
        program=program,
        tolerance=SAME_OPTIMUM,
        estimate=beta,
        std_error=None if times.analysis.cluster else error,
    )
    return exponentiated(second if times.analysis.cluster else wald(second, row))


def _log_rank(times: Times) -> Second:
    frame = times.frame
    statistic, p_value = log_rank(
        frame["time"].to_numpy(dtype=float),
        frame["event"].to_numpy(dtype=float),
        np.where(frame["arm"] == times.active, 1.0, 0.0),
        codes_of(frame, times.analysis.strata),
    )
    return Second(
        program=program_of("statsmodels", "survdiff"),
        tolerance=SAME_SUM,
        test_statistic=statistic,
        p_value=p_value,
    )


def _kaplan_meier(
    estimate: float | None,
    std_error: float | None = None,
    limits: tuple[float, float] | None = None,
) -> Second:
    low, high = limits or (None, None)
    return Second(
        program=program_of("lifelines", "KaplanMeierFitter"),
        tolerance=SAME_SUM,
        estimate=estimate,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
    )


def _median(times: Times, row: Result) -> Second | None:
    return _kaplan_meier(estimate=times.curves[row.arm].median()) if row.estimate else None


def _survival(times: Times, row: Result) -> Second | None:
    if row.estimate is None:
        return None
    curve, day = times.curves[row.arm], float(row.group.removeprefix("day "))
    s = curve.at(day)
    level = row.conf_level or 0.0
    limits = interval_of_survival(s, curve.log_variance(day), times.analysis.interval, level)
    return _kaplan_meier(s, limits=limits if s < 1 else None)


def _milestone(times: Times, row: Result) -> Second | None:
    """Survival at a day, active less reference, with Greenwood's variances."""
    day = float(row.group.removeprefix("day "))
    pair = [times.curves[arm] for arm in (row.arm, row.reference)]
    s = [curve.at(day) for curve in pair]
    variance = sum(
        p**2 * curve.log_variance(day) if p > 0 else 0.0 for p, curve in zip(s, pair, strict=True)
    )
    return wald(_kaplan_meier(estimate=s[0] - s[1], std_error=float(np.sqrt(variance))), row)


def _mean(times: Times, row: Result) -> Second | None:
    if row.arm not in times.curves:
        return None
    area, variance = times.curves[row.arm].area(times.analysis.rmst_days)
    if not variance:
        return _kaplan_meier(estimate=area)
    return wald(_kaplan_meier(estimate=area, std_error=float(np.sqrt(variance))), row)


def _areas(times: Times, row: Result) -> list[tuple[float, float, int]]:
    """Area, variance and number of subjects of both arms."""
    tau = times.analysis.rmst_days
    return [
        (*times.curves[arm].area(tau), int((times.frame["arm"] == arm).sum()))
        for arm in (row.arm, row.reference)
    ]


def _welch(times: Times, variances: list[float], sizes: list[int]) -> tuple[float, float | None]:
    """Variance of a sum and its degrees of freedom, as the plan's law has them."""
    if times.analysis.restricted_mean_test == "normal":
        return sum(variances), None
    parts = [v * n / (n - 1) for v, n in zip(variances, sizes, strict=True)]
    spread = sum(v**2 / (n - 1) for v, n in zip(parts, sizes, strict=True))
    return sum(parts), sum(parts) ** 2 / spread if spread > 0 else None


def _difference(times: Times, row: Result) -> Second | None:
    active, reference = _areas(times, row)
    variance, df = _welch(times, [active[1], reference[1]], [active[2], reference[2]])
    second = _kaplan_meier(estimate=active[0] - reference[0], std_error=float(np.sqrt(variance)))
    return wald(second, row, df)


def _ratio(times: Times, row: Result) -> Second | None:
    active, reference = _areas(times, row)
    relative = [one[1] / one[0] ** 2 for one in (active, reference)]
    variance, df = _welch(times, relative, [active[2], reference[2]])
    second = _kaplan_meier(
        estimate=float(np.log(active[0] / reference[0])), std_error=float(np.sqrt(variance))
    )
    return exponentiated(wald(second, row, df))
