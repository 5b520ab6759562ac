"""Events that happen again and again, as rows of a subject at risk between them."""

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import RecurrentData
from ketaoutcomes.endpoints.follow_up import follow_up, follow_up_remarks, while_on_treatment
from ketaoutcomes.endpoints.intercurrent import days_by_strategy, refuse_unsupported
from ketaoutcomes.endpoints.members import phase_members
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import RecurrentEventsEndpoint
from ketaoutcomes.vocabulary import Strategy

STRATEGIES: tuple[Strategy, ...] = ("treatment policy", "hypothetical", "while on treatment")


def derive_recurrent(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> RecurrentData:
    """One row for each event of a subject, and one from the last event to the end of follow-up.

    Events of one day count once: a subject is not at risk in no time.
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
    end = known.last_day.clip(upper=stop)
    unseen = ~(end > 0)
    members = members.without(unseen, "no follow-up")
    ends = pd.Series(end[~unseen].to_numpy(), index=members.frame["subject"].to_numpy())
    rows = _at_risk(_events(endpoint, cohort, ends), ends)
    return RecurrentData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        arms=tuple(plan.phases[endpoint.phase].arms),
        frame=rows.merge(members.frame, on="subject"),
        rule=f"each {' or '.join(endpoint.events)}",
        event_label=endpoint.event_label,
        excluded=members.excluded,
        remarks=follow_up_remarks(estimand, cohort, endpoint.phase, known, subjects),
    )


def _events(endpoint: RecurrentEventsEndpoint, cohort: Cohort, ends: pd.Series) -> pd.DataFrame:
    """`subject, day` of every event within follow-up."""
    events = cohort.events
    here = (events["phase"] == endpoint.phase) & events["event"].isin(endpoint.events)
    found = events.loc[here & events["subject"].isin(ends.index), ["subject", "day"]]
    found = found.astype({"day": float}).drop_duplicates()
    inside = (found["day"] > 0) & (found["day"] <= found["subject"].map(ends))
    return found[inside].sort_values(["subject", "day"], ignore_index=True)


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
