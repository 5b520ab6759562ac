"""Events that happen again and again, as rows of a subject at risk between them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ketaoutcomes.clock import not_after, place_on_the_dosing_day
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import RecurrentData
from ketaoutcomes.endpoints.follow_up import follow_up, follow_up_remarks, while_on_treatment
from ketaoutcomes.endpoints.intercurrent import days_by_strategy, refuse_unsupported
from ketaoutcomes.endpoints.members import phase_members
from ketaoutcomes.numerics.survival.near_ties import tied
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import RecurrentEventsEndpoint
from ketaoutcomes.remarks import Remark
from ketaoutcomes.vocabulary import Strategy

STRATEGIES: tuple[Strategy, ...] = ("treatment policy", "hypothetical", "while on treatment")


@dataclass(frozen=True)
class _Seen:
    """Events within follow-up, and how many others the data hold.

    Attributes
    ----------
    frame : DataFrame
        `subject, day`, by subject and day.
    together, late : int
        Events at the time of another of the subject, and after the end of follow-up.
    """

    frame: pd.DataFrame
    together: int
    late: int


def derive_recurrent(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> RecurrentData:
    """One row for each event of a subject, and one from the last event to the end of follow-up.

    Events of one time count once: a subject is not at risk in no time. What happens on the dosing
    day, at time 0, is placed within that day, as a row (0, 0] does not exist.
    """
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, RecurrentEventsEndpoint)
    refuse_unsupported(estimand_name, estimand, STRATEGIES, endpoint.kind)
    members = phase_members(plan, cohort, endpoint.phase, covariates, None)
    subjects = members.frame["subject"]
    stop = days_by_strategy(estimand, cohort, endpoint.phase, subjects, "hypothetical")
    known = follow_up(cohort, endpoint.phase, subjects)
    stop = stop.clip(upper=while_on_treatment(estimand, cohort, endpoint.phase, subjects))
    seen, end = _events(endpoint, cohort, subjects, known.last_day.clip(upper=stop))
    on_dosing_day = known.told.eq(0.0) | subjects.isin(seen.frame["subject"])
    unseen = ~((end > 0) | (on_dosing_day & (end == 0)))
    members = members.without(unseen, "no follow-up")
    ends = pd.Series(end[~unseen].to_numpy(), index=members.frame["subject"].to_numpy())
    rows = _at_risk(*_within_the_dosing_day(seen.frame, ends))
    return RecurrentData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        arms=tuple(plan.phases[endpoint.phase].arms),
        frame=rows.merge(members.frame, on="subject"),
        rule=f"each {' or '.join(endpoint.events)}",
        event_label=endpoint.event_label,
        excluded=members.excluded,
        remarks=(
            *_remarks(seen),
            *follow_up_remarks(estimand, cohort, endpoint.phase, known, subjects),
        ),
    )


def _events(
    endpoint: RecurrentEventsEndpoint, cohort: Cohort, subjects: pd.Series, end: pd.Series
) -> tuple[_Seen, pd.Series]:
    """Events from the phase's start to the end of follow-up, and that end on the same clock."""
    events = cohort.events
    here = (events["phase"] == endpoint.phase) & events["event"].isin(endpoint.events)
    followed = subjects[end.notna()]
    found = events.loc[here & events["subject"].isin(followed), ["subject", "day"]]
    found = found.astype({"day": float})
    found = found[found["day"] >= 0]
    day, last = tied(found["day"].to_numpy(), end.to_numpy(dtype=float))
    ends = pd.Series(last, index=subjects.to_numpy())
    inside = not_after(day, np.asarray(found["subject"].map(ends), dtype=np.float64))
    seen = found.assign(day=day)[inside].sort_values(["subject", "day"], ignore_index=True)
    single = seen.drop_duplicates(ignore_index=True)
    return (
        _Seen(single, len(seen) - len(single), int((~inside).sum())),
        pd.Series(last, index=end.index),
    )


def _within_the_dosing_day(events: pd.DataFrame, ends: pd.Series) -> tuple[pd.DataFrame, pd.Series]:
    """Events and ends of follow-up at time 0, moved to a time within that day."""
    place = place_on_the_dosing_day(np.concatenate([events["day"], ends]))
    return events.assign(day=events["day"].mask(events["day"] == 0, place)), ends.mask(
        ends == 0, place
    )


def _remarks(seen: _Seen) -> tuple[Remark, ...]:
    """Words on the events that are placed, taken together or left out."""
    at_start = int((seen.frame["day"] == 0).sum())
    counted = {
        "Events on the dosing day are counted, and are placed within that day in the models: "
        "{count}": at_start,
        "Events at the time of another event of the participant count once with it: {count}": (
            seen.together
        ),
        "Events after follow-up, or after an intercurrent event that ends it, are left out: "
        "{count}": seen.late,
    }
    return tuple(
        Remark(words, count=count, unit="event") for words, count in counted.items() if count
    )


def _at_risk(events: pd.DataFrame, ends: pd.Series) -> pd.DataFrame:
    """`subject, start, stop, event, number`: rows that end with an event, and the rest."""
    happened = events.rename(columns={"day": "stop"}).assign(event=True)
    rest = pd.DataFrame({"subject": ends.index, "stop": ends.to_numpy(), "event": False})
    last = rest["subject"].map(events.groupby("subject")["day"].max())
    rest = rest[~(last >= rest["stop"])]
    rows = pd.concat([happened, rest], ignore_index=True)
    rows = rows.sort_values(["subject", "stop"], ignore_index=True)
    before = rows.groupby("subject")["stop"].shift()
    number = rows.groupby("subject").cumcount() + 1
    rows = rows.assign(start=before.fillna(0.0), number=number, event=rows["event"].astype(bool))
    return rows[["subject", "start", "stop", "event", "number"]].astype({"number": np.int64})
