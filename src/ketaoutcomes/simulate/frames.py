"""What happened to a block of subjects, as the frames of a cohort."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import COMPLETED, TREATMENT_DISCONTINUATION, empty_frame
from ketaoutcomes.simulate.draws import Draws
from ketaoutcomes.simulate.phase import PhaseCourse
from ketaoutcomes.simulate.safety import adverse_events
from ketaoutcomes.simulate.scenario import Numeric, Scenario

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Entered:
    """A phase as the subjects of a block that entered it saw it."""

    phase: str
    visits: tuple[str, ...]
    course: PhaseCourse
    members: NDArray[np.int64]
    stratum: NDArray[np.str_] | None


def stacked(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """The frames of all phases in one, sorted by subject."""
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return empty_frame(columns)
    return pd.concat(kept, ignore_index=True).sort_values(
        "subject", kind="stable", ignore_index=True
    )


def subjects_frame(
    scenario: Scenario, draws: Draws, labels: NDArray[np.str_], size: int
) -> pd.DataFrame:
    """The subjects and their covariates."""
    columns: dict[str, object] = {"subject": labels[:size]}
    for name, covariate in scenario.covariates.items():
        if isinstance(covariate, Numeric):
            values = covariate.mean + covariate.sd * draws.normal(f"covariate {name}")
            columns[name] = np.clip(np.rint(values), covariate.low, covariate.high)[:size]
        else:
            shares = np.cumsum(list(covariate.values()))
            place = np.searchsorted(shares / shares[-1], draws.uniform(f"covariate {name}"))
            columns[name] = np.array(list(covariate))[place][:size]
    return pd.DataFrame(columns)


def assignments_frame(scenario: Scenario, e: Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    """The arm and stratum of everybody who entered."""
    arms = np.array(tuple(scenario.phases[e.phase].arms))
    frame = pd.DataFrame(
        {"subject": labels[e.members], "phase": e.phase, "arm": arms[e.course.arm[e.members]]}
    )
    rule = scenario.phases[e.phase].stratified_by
    if rule is not None and e.stratum is not None:
        frame[rule.name] = e.stratum[e.members]
    return frame


def visits_frame(scenario: Scenario, e: Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    """The scores that were observed."""
    v, n = len(e.visits), len(e.members)
    frame = pd.DataFrame(
        {
            "subject": np.repeat(labels[e.members], v),
            "phase": e.phase,
            "visit": np.tile(np.array(e.visits, dtype=object), n),
            "day": np.tile(e.course.days, n),
            "scale": scenario.scale.name,
            "score": e.course.score[e.members].reshape(-1),
        }
    )
    return frame[frame["score"].notna()]


def events_frame(e: Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    """Events up to the end of the phase and before the subject left."""
    course, end = e.course, e.course.days[-1]
    until = np.minimum(course.left, end)
    frames = []
    for event, time in ((TREATMENT_DISCONTINUATION, course.stopped), *course.events):
        seen = e.members[time[e.members] <= until[e.members]]
        frames.append(
            pd.DataFrame(
                {
                    "subject": labels[seen],
                    "phase": e.phase,
                    "day": _to_hundredths(time[seen]),
                    "event": event,
                }
            )
        )
    return pd.concat(frames, ignore_index=True).sort_values(["subject", "day"], ignore_index=True)


def adverse_events_frame(
    scenario: Scenario, draws: Draws, e: Entered, labels: NDArray[np.str_]
) -> pd.DataFrame:
    """Adverse events up to the end of the phase and before the subject left."""
    frame = adverse_events(scenario, e.phase, draws, e.course, e.members)
    if frame.empty:
        return frame
    frame.insert(0, "subject", labels[frame.pop("row")])
    frame.insert(1, "phase", e.phase)
    frame["day"] = _to_hundredths(frame["day"].to_numpy())
    return frame.sort_values(["subject", "day", "term"], ignore_index=True)


def exposure_frame(scenario: Scenario, e: Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    """The doses taken, placebo as a dose of 0."""
    arms = tuple(scenario.phases[e.phase].arms.values())
    row, dose = np.nonzero(e.course.taken[e.members])
    arm = e.course.arm[e.members][row]
    return pd.DataFrame(
        {
            "subject": labels[e.members][row],
            "phase": e.phase,
            "day": _to_hundredths(e.course.doses[dose]),
            "dose": np.array([a.dose for a in arms])[arm],
            "unit": np.array([a.unit for a in arms], dtype=object)[arm],
            "route": np.array([a.route for a in arms], dtype=object)[arm],
        }
    )


def follow_up_frame(e: Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    """When follow-up ended, and why."""
    course, end = e.course, e.course.days[-1]
    left = course.left[e.members] < end
    lack = course.lack_of_efficacy[e.members]
    reason = np.where(left, np.where(lack, "lack of efficacy", "withdrew consent"), COMPLETED)
    return pd.DataFrame(
        {
            "subject": labels[e.members],
            "phase": e.phase,
            "last_day": _to_hundredths(np.minimum(course.left[e.members], end)),
            "reason": reason,
        }
    )


def _to_hundredths(days: FloatArray) -> FloatArray:
    """Days as they are recorded; files then do not hang on the last bit of a processor."""
    return np.round(days, 2)
