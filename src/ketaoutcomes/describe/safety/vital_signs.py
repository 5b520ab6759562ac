"""Vital signs and dissociation over the hours after a dose, by arm.

Means at each assessment, the highest value of each subject, shares above the alarms of the plan,
and how long it takes to resolve. Subjects count who have a baseline and a later value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.safety.adverse_events import share_row
from ketaoutcomes.describe.safety.population import SafetyPopulation
from ketaoutcomes.numerics import distributions
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.safety import VitalSign
from ketaoutcomes.results import Result

BY_TIME, BY_SUBJECT = "vst01", "vst02"
FEWEST = 2
"""Subjects without whom there is no standard deviation."""


@dataclass(frozen=True)
class Series:
    """The values of one measure in one phase.

    Attributes
    ----------
    visits : dict of str to float
        Hours after the first dose of each assessment, the baseline first.
    frame : DataFrame
        One row a subject, one column a visit; `arm` is the index's second level.
    """

    name: str
    sign: VitalSign
    phase: str
    visits: dict[str, float]
    frame: pd.DataFrame

    def of(self, arm: str) -> pd.DataFrame:
        """The values of an arm."""
        return self.frame[self.frame.index.get_level_values("arm") == arm]


def vital_sign_tables(
    plan: AnalysisPlan, cohort: Cohort, people: SafetyPopulation, conf_level: float
) -> tuple[Result, ...]:
    """Each vital sign of the plan that was measured in the phase."""
    rows: list[Result] = []
    for series in series_of(plan, cohort, people):
        if series.frame.shape[1] > 1:
            for arm in people.arms:
                rows.extend(_by_time(series, arm, conf_level))
                rows.extend(_by_subject(series, arm, conf_level))
    return tuple(rows)


def series_of(plan: AnalysisPlan, cohort: Cohort, people: SafetyPopulation) -> Iterator[Series]:
    """The values of each vital sign of the plan."""
    signs = plan.safety.vital_signs if plan.safety else {}
    for name, sign in signs.items():
        yield _series(plan, cohort, people, name, sign)


def _series(
    plan: AnalysisPlan, cohort: Cohort, people: SafetyPopulation, name: str, sign: VitalSign
) -> Series:
    hours = {
        visit: when.hours_after_first_dose
        for visit, when in plan.phases[people.phase].schedule().items()
        if when.hours_after_first_dose <= sign.within_hours
    }
    seen = cohort.visits
    seen = seen[(seen["phase"] == people.phase) & (seen["scale"] == name) & seen["score"].notna()]
    seen = seen[seen["visit"].isin(list(hours))].merge(people.subjects, on="subject")
    values = seen.astype({"visit": object, "score": float}).pivot(
        index=["subject", "arm"], columns="visit", values="score"
    )
    visits = {visit: at for visit, at in hours.items() if visit in values}
    return Series(name, sign, people.phase, visits, values[list(visits)])


def _by_time(series: Series, arm: str, conf_level: float) -> Iterator[Result]:
    """Mean and SD at each assessment."""
    values = series.of(arm)
    for visit in series.visits:
        known = values[visit].dropna()
        row = Result(
            table=BY_TIME,
            statistic="mean",
            phase=series.phase,
            visit=visit,
            arm=arm,
            group=series.name,
            n=len(known),
            unit=series.sign.unit,
        )
        if len(known) >= FEWEST:
            yield _mean(row, known, conf_level)
            yield replace(row, statistic="SD", estimate=float(known.std()))


def _by_subject(series: Series, arm: str, conf_level: float) -> Iterator[Result]:
    """Highest value and rise, alarms and resolution, over the subjects with a baseline."""
    baseline, *later = series.visits
    values = series.of(arm)
    values = values[values[baseline].notna() & values[later].notna().any(axis=1)]
    if len(values) < FEWEST:
        return
    peak = values[later].max(axis=1)
    rise = peak - values[baseline]
    row = Result(
        table=BY_SUBJECT,
        statistic="",
        phase=series.phase,
        arm=arm,
        group=series.name,
        n=len(values),
        unit=series.sign.unit,
    )
    yield _mean(replace(row, statistic="mean of the highest value"), peak, conf_level)
    yield _mean(replace(row, statistic="mean of the highest rise"), rise, conf_level)
    for words, alarm in _alarms(series.sign, peak, rise).items():
        yield _share(row, words, int(alarm.sum()), conf_level)
    if series.sign.resolved_at_most is not None:
        yield from _resolution(series, values[later], row, conf_level)


def _alarms(sign: VitalSign, peak: pd.Series, rise: pd.Series) -> dict[str, pd.Series]:
    """Which subjects passed each alarm of the plan."""
    alarms = {}
    if sign.alarm_at_least is not None:
        alarms[f"at or above {sign.alarm_at_least:g}"] = peak >= sign.alarm_at_least
    if sign.rise_at_least is not None:
        alarms[f"rise of {sign.rise_at_least:g} or more"] = rise >= sign.rise_at_least
    return alarms


def _resolution(
    series: Series, later: pd.DataFrame, row: Result, conf_level: float
) -> Iterator[Result]:
    """Among subjects who rose above the limit: share resolved, and median hours until then."""
    limit = series.sign.resolved_at_most
    hours = np.array([series.visits[str(visit)] for visit in later])
    known = later.notna().to_numpy()
    above = (later > limit).to_numpy() & known
    affected = above.any(axis=1)
    above, known = above[affected], known[affected]
    if not affected.any():
        return
    row = replace(row, n=int(affected.sum()))
    last_above = above.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    after = known & (np.arange(hours.size) > last_above[:, None])
    resolved = after.any(axis=1)
    yield _share(row, f"back at or below {limit:g}", int(resolved.sum()), conf_level)
    first = hours[after.argmax(axis=1)]
    times = np.where(resolved, first, np.inf)
    median = float(np.sort(times)[(times.size - 1) // 2])
    time = replace(row, statistic="median time to resolution", unit="hours")
    if np.isinf(median):
        yield replace(time, status="warning", message="fewer than half resolved")
    else:
        yield replace(time, estimate=median)


def _share(row: Result, words: str, count: int, conf_level: float) -> Result:
    share = replace(
        row, statistic="proportion", group=f"{row.group}: {words}", n_events=count, unit=""
    )
    return share_row(share, count, conf_level)


def _mean(row: Result, values: pd.Series, conf_level: float) -> Result:
    """Mean with a t interval."""
    error = float(values.std() / np.sqrt(len(values)))
    half = float(distributions.t.ppf(0.5 + conf_level / 2, len(values) - 1)) * error
    mean = float(values.mean())
    return replace(
        row,
        estimate=mean,
        std_error=error,
        df=float(len(values) - 1),
        conf_low=mean - half,
        conf_high=mean + half,
        conf_level=conf_level,
    )
