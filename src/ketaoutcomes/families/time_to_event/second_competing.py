"""Events of several kinds by a second program: plain sums for the incidence, statsmodels' PHReg."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import columns_of
from ketaoutcomes.second.check import SAME_OPTIMUM, SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.curves import Steps, codes_of, cox, kaplan_meier_steps
from ketaoutcomes.second.rows import Asked, exponentiated, wald

if TYPE_CHECKING:
    from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis

TABLE = "cift01"
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def check_competing(
    frame: pd.DataFrame, analysis: "TimeToEventAnalysis", asked: Asked, _conf_level: float
) -> tuple[Check, ...]:
    """Cumulative incidence and cause-specific hazard ratios; nothing without competing events."""
    if not analysis.competing:
        return ()
    codes = kinds_of(frame, analysis.competing)
    names = {"the event": 1} | {name: k for k, name in enumerate(analysis.competing, start=2)}

    @cache
    def of_arm(arm: str) -> tuple[FloatArray, IntArray, Steps]:
        here = (frame["arm"] == arm).to_numpy()
        time = frame["time"].to_numpy(dtype=float)[here]
        return time, codes[here], kaplan_meier_steps(time, codes[here] > 0)

    def incidence(row: Result) -> Second | None:
        if row.estimate is None or row.group not in names:
            return None
        day = float(row.visit.removeprefix("day "))
        value, error = incidence_at(*of_arm(row.arm), names[row.group], day)
        return Second(
            program=program_of("lifelines", "KaplanMeierFitter; Aalen and Johansen's sum"),
            tolerance=SAME_SUM,
            estimate=value,
            std_error=error,
        )

    def specific(row: Result) -> Second | None:
        if row.estimate is None:
            return None
        beta, error = cox(
            frame["time"].to_numpy(dtype=float),
            (codes == names[row.group]).astype(float),
            columns_of(frame, row.arm, analysis.covariates),
            ties=analysis.ties,
            strata=codes_of(frame, analysis.strata),
        )
        second = Second(
            program=program_of("statsmodels", "PHReg"),
            tolerance=SAME_OPTIMUM,
            estimate=beta,
            std_error=error,
        )
        return exponentiated(wald(second, row))

    return (
        *asked.checked("cumulative incidence", incidence, table=TABLE, contrast=False),
        *asked.checked("cause-specific hazard ratio", specific, table=TABLE),
    )


def kinds_of(frame: pd.DataFrame, competing: tuple[str, ...]) -> IntArray:
    """0 censored, 1 the event, 2 and more the competing kinds in the order of the plan."""
    codes = frame["event"].to_numpy(dtype=np.int64).copy()
    reasons = frame["reason"].astype(str).to_numpy()
    for code, name in enumerate(competing, start=2):
        codes[reasons == name] = code
    return codes


def incidence_at(
    time: FloatArray, codes: IntArray, steps: Steps, code: int, day: float
) -> tuple[float, float]:
    """Share with a kind of event by a day, and its standard error.

    The survival is lifelines', the standard error the sum of squares of what each subject adds at
    each time (infinitesimal jackknife): Aalen & Johansen 1978, Scand J Stat 5:141-150.
    """
    before = np.append(1.0, steps.survival)
    total, influence, lost = 0.0, np.zeros(time.size), np.zeros(time.size)
    for place, (t, n) in enumerate(zip(steps.times, steps.at_risk, strict=True)):
        if t > day:
            break
        here, s = time >= t, before[place]
        own, any_kind = (time == t) & (codes == code), (time == t) & (codes > 0)
        share, hazard = own.sum() / n, any_kind.sum() / n
        # each subject's part in the hazards of this time
        of_cause = (own - here * share) / n
        of_any = (any_kind - here * hazard) / n
        influence += s * of_cause + lost * share
        lost = lost * (1 - hazard) - s * of_any
        total += s * share
    return float(total), float(np.sqrt((influence**2).sum()))
