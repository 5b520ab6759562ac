"""The rows that were analysed as datasets, of ADaM where it has them, with their dictionary."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.describe.safety.population import FATAL, one_spelling, safety_population
from ketaoutcomes.describe.safety.vital_signs import series_of
from ketaoutcomes.endpoints.data import (
    BinaryData,
    ChangeData,
    CrossoverData,
    EndpointData,
    MediationData,
    RecurrentData,
    TimeToEventData,
    ValueData,
)
from ketaoutcomes.families.shared.code import OWN_VARIABLES, plan_variables, variables_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import scales_of

MANY = 20
"""Values of a text that the dictionary does not list any more."""

NAMES: Final = {
    "ADSL": "Participant level: arm by phase and covariates, one row per participant",
    "ADQS": "Scores and their change from baseline, one row per participant and visit (and period)",
    "ADRS": "Success or failure at each visit, one row per participant and visit",
    "ADTTE": "Times to event, one row per participant (and interval of observation)",
    "ADTTEV": "Covariates that change with time, from a day on",
    "ADREC": "Recurrent events, one row per participant and time at risk",
    "ADMED": "Outcome and mediator, one row per participant",
    "ADHE": "Costs and effects, one row per participant",
    "ADAE": "Adverse events, one row per event",
    "ADEX": "Exposure, one row a dose",
    "ADVS": "Vital signs over the hours after a dose, one row a value",
    "ADLB": "Laboratory and ECG values, one row a value",
}
"""Each dataset and what it holds; names that end a list of ADaM's are our own."""

LABELS: Final = {
    "ANALYSIS": ("Analysis of the plan", "assigned"),
    "PARAM": ("Endpoint of the plan", "assigned"),
    "USUBJID": ("Subject", "collected"),
    "PHASE": ("Phase of the study", "assigned"),
    "TRTP": ("Planned arm", "assigned"),
    "TRTPN": ("Order of the arms, 1 the reference", "assigned"),
    "AVISITN": ("Order of the visits", "assigned"),
    "AVISIT": ("Visit of the plan", "derived: the visit window of the plan"),
    "ADY": ("Day seen, days since the first dose (day 1 of the plan is 0)", "derived"),
    "BASE": ("Score at the first visit of the phase", "collected"),
    "CHG": ("Change from baseline as analysed, blank where the estimand leaves it out", "derived"),
    "RESP": ("1 where the criterion is met, 0 where not, blank where missing", "derived"),
    "BASERESP": ("1 where the criterion is met at the first visit, 0 where not", "derived"),
    "CNSR": ("0 at the event, 1 if censored", "derived"),
    "EVNTDESC": ("Which criterion was met, or why censored", "derived"),
    "EVNTICE": ("First intercurrent event before the visit", "derived"),
    "EVENT": ("1 where the time at risk ends with the event", "derived"),
    "ENTRY": ("Day from which the participant was under observation", "collected"),
    "ALO": ("The event lies after this day", "derived"),
    "AHI": ("The event lies not after this day, blank if censored", "derived"),
    "START": ("First day at risk", "derived"),
    "STOP": ("Last day at risk", "derived"),
    "NUMBER": ("Which event of the participant the time at risk belongs to", "derived"),
    "APERIODC": ("Period of the crossover", "assigned"),
    "TRTSEQP": ("Planned sequence of arms", "assigned"),
    "TRTPREV": ("Arm of the period before", "derived"),
    "MEDIATOR": ("Change of the mediator", "derived"),
    "MEDBASE": ("Mediator at baseline", "collected"),
    "NAME": ("Covariate that changes with time", "assigned"),
    "VALUE": ("Its value from the day on", "derived"),
    "COST": ("Cost", "derived"),
    "EFFECT": ("Effect, such as quality-adjusted years", "derived"),
    "AESOC": ("System organ class", "collected"),
    "AEDECOD": ("Preferred term", "collected"),
    "AESEV": ("Severity", "collected"),
    "AESER": ("1 if serious", "collected"),
    "AEREL": ("1 if related", "collected"),
    "AESDTH": ("1 if fatal", "collected"),
    "ASTDY": ("Day of onset, days since the first dose of the phase", "collected"),
    "EXDOSE": ("Dose", "collected"),
    "EXDOSU": ("Unit of the dose", "collected"),
    "EXROUTE": ("Route", "collected"),
    "DTYPE": ("How a score that was not observed was derived, blank if observed", "collected"),
    "AHOUR": ("Hours after the first dose, as scheduled", "assigned"),
    "PARAMCD": ("Test or vital sign of the plan", "collected"),
    "AVALU": ("Unit of the value", "collected"),
    "A1LO": ("Lower limit of the reference range", "collected"),
    "A1HI": ("Upper limit of the reference range", "collected"),
    "ANRIND": ("low, normal or high, as collected", "collected"),
    "BNRIND": ("ANRIND at baseline, as collected", "collected"),
    "ABLFL": ("1 at the baseline value, 0 elsewhere, blank in data without marks", "collected"),
}
AVAL: Final = {
    "ADTTE": ("Day of the event or of censoring", "derived"),
    "ADLB": ("Value of the test", "collected"),
    "ADVS": ("Value of the vital sign", "collected"),
}
"""What the analysed value is in datasets where it is no score."""
BY_PHASE: Final = {
    "TRT": ("Planned arm", "assigned"),
    "BASE": ("Score at the first visit", "collected"),
    "ONTDY": ("Last day on treatment (or else in the study)", "collected"),
    "FUDY": ("Last day in the study (or else on treatment)", "collected"),
    "DCREAS": ("Completed, or why the participant discontinued", "collected"),
    "DTHFL": ("1 if the participant is known to have died", "derived"),
}
"""Variables of ADSL that end with the number of a phase."""
SAFETY: Final = {
    "ADAE": {
        "subject": "USUBJID",
        "phase": "PHASE",
        "arm": "TRTP",
        "day": "ASTDY",
        "soc": "AESOC",
        "term": "AEDECOD",
        "severity": "AESEV",
        "serious": "AESER",
        "related": "AEREL",
        FATAL: "AESDTH",
    },
    "ADEX": {
        "subject": "USUBJID",
        "phase": "PHASE",
        "arm": "TRTP",
        "day": "ASTDY",
        "dose": "EXDOSE",
        "unit": "EXDOSU",
        "route": "EXROUTE",
    },
    "ADLB": {
        "subject": "USUBJID",
        "phase": "PHASE",
        "arm": "TRTP",
        "day": "ADY",
        "test": "PARAMCD",
        "value": "AVAL",
        "unit": "AVALU",
        "low": "A1LO",
        "high": "A1HI",
        "indicator": "ANRIND",
        "baseline_indicator": "BNRIND",
        "baseline": "ABLFL",
    },
}


@dataclass(frozen=True)
class Datasets:
    """Datasets by name, and the dictionary: one row a variable of each."""

    frames: Mapping[str, pd.DataFrame]
    dictionary: pd.DataFrame


def datasets_of(
    plan: AnalysisPlan, cohort: Cohort, endpoints: Mapping[str, EndpointData]
) -> Datasets:
    """All rows that the analyses rest on."""
    covariates = plan_variables(plan)
    parts: dict[str, list[pd.DataFrame]] = {}
    for analysis, endpoint in endpoints.items():
        reference = plan.estimands[plan.analyses[analysis].estimand].treatment.reference
        for name, frame in _parts(endpoint, covariates):
            _number_levels(frame, endpoint, reference)
            frame.insert(0, "ANALYSIS", analysis)
            frame.insert(1, "PARAM", endpoint.name)
            parts.setdefault(name, []).append(frame)
    frames = {"ADSL": _subjects(plan, cohort, covariates)}
    frames |= {name: pd.concat(parts[name], ignore_index=True) for name in NAMES if name in parts}
    frames |= dict(_safety(cohort))
    if not (signs := _vital_signs(plan, cohort)).empty:
        frames["ADVS"] = signs
    words = {variable: name for name, variable in covariates.items()}
    rows = [row for name, frame in frames.items() for row in _described(name, frame, words)]
    return Datasets(frames, pd.DataFrame(rows))


Covariates = Mapping[str, str]


def _parts(endpoint: EndpointData, covariates: Covariates) -> Iterator[tuple[str, pd.DataFrame]]:
    """The datasets of one endpoint."""
    for kind, make in KINDS.items():
        if isinstance(endpoint, kind):
            yield from make(endpoint, covariates)


def _number_levels(frame: pd.DataFrame, endpoint: EndpointData, reference: str) -> None:
    """Adds the order of arms, the reference first, and of visits, as ADaM does."""
    arms = sorted(endpoint.arms, key=lambda arm: arm != reference)
    visits = getattr(endpoint, "visits", ())
    for column, levels in (("TRTP", arms), ("AVISIT", visits)):
        if column in frame and levels:
            places = {level: place for place, level in enumerate(levels, start=1)}
            at = int(np.flatnonzero(frame.columns == column)[0]) + 1
            frame.insert(at, f"{column}N", frame[column].map(places))


def _renamed(frame: pd.DataFrame, covariates: Covariates, **own: str) -> pd.DataFrame:
    """The columns that a dataset has: known ones and covariates, under their variables."""
    names = {**OWN_VARIABLES, **covariates, **own}
    kept = [name for name in frame if name in names]
    renamed = frame[kept].rename(columns=names)
    for name in renamed.select_dtypes("bool"):
        renamed[name] = renamed[name].astype(int)
    return renamed.replace([np.inf, -np.inf], np.nan)


def _scores(
    endpoint: ChangeData | CrossoverData, covariates: Covariates
) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "ADQS", _renamed(endpoint.frame, covariates, event="EVNTICE")


def _outcomes(endpoint: BinaryData, covariates: Covariates) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "ADRS", _renamed(endpoint.frame, covariates, event="EVNTICE")


def _times(endpoint: TimeToEventData, covariates: Covariates) -> Iterator[tuple[str, pd.DataFrame]]:
    frame = endpoint.frame
    if not endpoint.intervals.empty:
        fixed = [name for name in frame if name not in endpoint.intervals or name == "subject"]
        frame = frame[fixed].merge(endpoint.intervals, on="subject", how="inner")
    frame = frame.assign(event=1 - frame["event"].astype(int))
    yield "ADTTE", _renamed(frame, covariates, event="CNSR")
    if not endpoint.courses.empty:
        yield "ADTTEV", _renamed(endpoint.courses, covariates)


def _recurrent(
    endpoint: RecurrentData, covariates: Covariates
) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "ADREC", _renamed(endpoint.frame, covariates)


def _mediation(
    endpoint: MediationData, covariates: Covariates
) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "ADMED", _renamed(endpoint.frame, covariates, outcome="CHG")


def _values(endpoint: ValueData, covariates: Covariates) -> Iterator[tuple[str, pd.DataFrame]]:
    frame = endpoint.frame.assign(cost=endpoint.cost, effect=endpoint.effect)
    yield "ADHE", _renamed(frame, covariates)


KINDS: Mapping[type, Callable[..., Iterator[tuple[str, pd.DataFrame]]]] = {
    ChangeData: _scores,
    CrossoverData: _scores,
    BinaryData: _outcomes,
    TimeToEventData: _times,
    RecurrentData: _recurrent,
    MediationData: _mediation,
    ValueData: _values,
}


BASELINE = "baseline"
"""The score at the first visit of a phase, where a baseline table asks for it."""


FOLLOWED: Final = {"ONTDY": "last_day", "FUDY": "followed", "DCREAS": "reason"}
"""How long each subject was on treatment and in the study in a phase, and why they left."""


def _subjects(plan: AnalysisPlan, cohort: Cohort, covariates: Covariates) -> pd.DataFrame:
    """One row a subject: the arm in each phase, empty where it was not entered, and covariates."""
    frame = cohort.subjects.set_index("subject")
    for column in cohort.assignments.columns.difference(["subject", "phase", "arm"], sort=False):
        known = cohort.assignments.dropna(subset=[column])
        if column not in frame and not known["subject"].duplicated().any():
            frame[column] = known.set_index("subject")[column].reindex(frame.index)
    order = dict.fromkeys((*covariates, *plan.report.baseline_table, *frame))
    names = variables_of(tuple(order))
    subjects = frame.rename(columns=names).reset_index(names="USUBJID")
    for number, phase in enumerate(plan.phases, start=1):
        here = cohort.assignments[cohort.assignments["phase"] == phase]
        arms = here.drop_duplicates("subject").set_index("subject")["arm"]
        subjects.insert(number, f"TRT{number:02d}P", subjects["USUBJID"].map(arms))
        people = safety_population(plan, cohort, phase)
        ended = people.subjects.set_index("subject")
        for variable, column in FOLLOWED.items():
            if ended[column].notna().any():
                subjects[f"{variable}{number:02d}"] = subjects["USUBJID"].map(ended[column])
        if people.died is not None:
            here_or_blank = subjects["USUBJID"].isin(people.died).astype(float)
            subjects[f"DTHFL{number:02d}"] = here_or_blank.where(
                subjects["USUBJID"].isin(ended.index)
            )
        if BASELINE in plan.report.baseline_table:
            scores = _first_scores(plan, cohort, phase)
            subjects[f"BASE{number:02d}"] = subjects["USUBJID"].map(scores).astype(float)
    return subjects


def _first_scores(plan: AnalysisPlan, cohort: Cohort, phase: str) -> pd.Series:
    """The score at the first visit of a phase, of the scale of its first endpoint."""
    scales = [s for e in plan.endpoints.values() if e.phase == phase for s in scales_of(e)]
    visits = cohort.visits
    first = visits[
        (visits["phase"] == phase) & (visits["visit"] == plan.phases[phase].baseline_visit)
    ]
    first = first[first["scale"] == scales[0]] if scales else first
    return first.drop_duplicates("subject").set_index("subject")["score"]


def _safety(cohort: Cohort) -> Iterator[tuple[str, pd.DataFrame]]:
    """Adverse events, doses and laboratory values with the arm of their phase."""
    arms = cohort.assignments[["subject", "phase", "arm"]].drop_duplicates(["subject", "phase"])
    for name, frame in (
        ("ADAE", cohort.adverse_events),
        ("ADEX", cohort.exposure),
        ("ADLB", cohort.laboratory),
    ):
        if frame.empty:
            continue
        whole = frame.merge(arms, on=["subject", "phase"], how="left")
        if name == "ADAE":
            for words in ("soc", "term"):
                spelt = whole.groupby("phase")[words].transform(one_spelling)
                whole[words] = spelt
        columns = SAFETY[name]
        renamed = whole[[c for c in columns if c in whole]].rename(columns=columns)
        for flag in ("AESER", "AEREL", "AESDTH", "ABLFL"):
            if flag in renamed:
                renamed[flag] = renamed[flag].map(lambda told: "" if pd.isna(told) else int(told))
        yield name, renamed


def _vital_signs(plan: AnalysisPlan, cohort: Cohort) -> pd.DataFrame:
    """The values that the safety tables rest on, one row a value."""
    if plan.safety is None or not plan.safety.vital_signs:
        return pd.DataFrame()
    frames = []
    for phase in plan.safety.phases or tuple(plan.phases):
        for series in series_of(plan, cohort, safety_population(plan, cohort, phase)):
            wide = series.frame.reset_index()
            values = wide.melt(["subject", "arm"], var_name="AVISIT", value_name="AVAL")
            values = values.dropna(subset=["AVAL"])
            values = values.rename(columns={"subject": "USUBJID", "arm": "TRTP"})
            values.insert(1, "PHASE", phase)
            values.insert(3, "PARAMCD", series.name)
            values.insert(5, "AHOUR", values["AVISIT"].map(series.visits).astype(float))
            frames.append(values)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _described(
    dataset: str, frame: pd.DataFrame, covariates: Covariates
) -> Iterator[dict[str, str]]:
    """One row of the dictionary a variable."""
    for variable in frame:
        numeric = pd.api.types.is_numeric_dtype(frame[variable])
        label, origin = _label(dataset, str(variable), covariates)
        yield {
            "dataset": dataset,
            "variable": str(variable),
            "label": label,
            "type": "number" if numeric else "text",
            "values": _values_of(frame[variable], numeric=numeric),
            "origin": origin,
        }


def _label(dataset: str, variable: str, covariates: Covariates) -> tuple[str, str]:
    if variable == "AVAL":
        return AVAL.get(dataset, ("Score", "collected"))
    if found := re.fullmatch(r"(TRT|BASE|ONTDY|FUDY|DCREAS|DTHFL)(\d\d)P?", variable):
        what, origin = BY_PHASE[found[1]]
        return f"{what} of phase {int(found[2])}", origin
    if variable in LABELS:
        return LABELS[variable]
    return f"Covariate `{covariates.get(variable, variable.lower())}`", "collected"


def _values_of(column: pd.Series, *, numeric: bool) -> str:
    known = column.dropna()
    if known.empty:
        return ""
    if numeric:
        return f"{known.min():.10g} to {known.max():.10g}"
    levels = sorted({str(value) for value in known} - {""})
    return "; ".join(levels) if len(levels) <= MANY else f"{len(levels)} values"
