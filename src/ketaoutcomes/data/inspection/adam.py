"""A starter plan for a folder of CDISC ADaM datasets."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.inspection.amounts import about
from ketaoutcomes.data.inspection.arms import TO_COMPLETE, Arms, arms_of, heads
from ketaoutcomes.data.inspection.direction import better
from ketaoutcomes.data.inspection.guessed import Kind
from ketaoutcomes.data.inspection.names import name_of
from ketaoutcomes.data.inspection.of_scores import scored_analysis
from ketaoutcomes.data.inspection.of_times import followed_to, timed_analysis
from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.inspection.propose import Proposal
from ketaoutcomes.data.inspection.questions import Answers, Asked, Choice
from ketaoutcomes.data.inspection.reading import Reading
from ketaoutcomes.data.inspection.readings import readings_of_rows
from ketaoutcomes.data.inspection.scales import guess_scale
from ketaoutcomes.data.inspection.schedule import BASELINE, baseline_score
from ketaoutcomes.data.inspection.visits import visit_labels
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.values.days import as_days
from ketaoutcomes.data.values.time_units import unit_in, unit_of
from ketaoutcomes.plan.files import FileRole

SIGNS: Final[dict[FileRole, frozenset[str]]] = {
    "subjects": frozenset(("TRT01P",)),
    "times": frozenset(("AVAL", "CNSR")),
    "laboratory": frozenset(("AVAL", "PARAMCD", "ANRIND")),
    "visits": frozenset(("AVAL", "AVISIT", "PARAMCD")),
    "adverse_events": frozenset(("AEDECOD", "ASTDY")),
    "exposure": frozenset(("EXDOSE", "ASTDY")),
}
"""The columns by which a dataset is known."""

FIELDS: Final[dict[FileRole, tuple[Kind, dict[str, str]]]] = {
    "visits": (
        "long",
        {
            "subject": "USUBJID",
            "arm": "arm",
            "visit": "AVISIT",
            "day": "ADY",
            "value": "AVAL",
            "baseline": "BASE",
        },
    ),
    "times": ("times", {"subject": "USUBJID", "arm": "arm", "time": "AVAL", "censored": "CNSR"}),
}
"""Role of a dataset -> how its rows are laid out, and field -> column."""
OF_HARMS: Final[tuple[FileRole, ...]] = ("adverse_events", "exposure", "laboratory")
Block = dict[str, Any]


def adam_roles(tables: list[RawTable]) -> dict[FileRole, RawTable]:
    """The dataset of each role; empty without one of subjects, unless it is of times with arms.

    Capitals in the names of columns do not matter, as they do not where a plan is read.
    """
    found: dict[FileRole, RawTable] = {}
    for raw in map(_in_capitals, tables):
        for role, signs in SIGNS.items():
            of_people = role != "subjects" or "AVAL" not in raw.frame
            if "USUBJID" in raw.frame and signs <= set(raw.frame.columns) and of_people:
                found.setdefault(role, raw)
                break
    if "subjects" not in found and (set(found) != {"times"} or _arm_of(found["times"]) is None):
        return {}
    return found


def _in_capitals(raw: RawTable) -> RawTable:
    """The table with the names of its columns in capitals, where they stay apart."""
    names = [str(name).upper() for name in raw.frame.columns]
    if len(set(names)) < len(names) or "USUBJID" not in names:
        return raw
    return replace(raw, frame=raw.frame.set_axis(names, axis="columns"))


def _arm_of(raw: RawTable) -> str | None:
    """The column of arms of a dataset, the first that ADaM knows."""
    return next((c for c in ("TRTP", "TRTA", "TRT01P", "TRT01A") if c in raw.frame), None)


def propose_adam(
    roles: dict[FileRole, RawTable], folder_name: str, answers: Answers | None = None
) -> Proposal | None:
    """A starter plan: the first parameter of each dataset, all arms against the reference."""
    if "visits" not in roles and "times" not in roles:
        return None
    asked = Asked(answers or {})
    people = roles.get("subjects", roles.get("times"))
    assert people is not None
    arm = columns_of(people, "USUBJID")[_arm_of(people) or "TRT01P"]
    arms = arms_of(arm, None, (), asked)
    if not arms.names:
        return None
    data: Block = {
        "standard": "adam",
        "files": {role: raw.name for role, raw in roles.items()},
        "labels": {"arm": arms.labels},
    }
    study = dict.fromkeys(("title", "question", "condition"), TO_COMPLETE)
    plan: Block = {"study": {"id": name_of(folder_name, "study"), **study}, "data": data}
    scored, remarks = (
        _add_scores(plan, roles["visits"], arms, asked) if "visits" in roles else ({}, ())
    )
    plan.setdefault("phases", {"treatment": arms.phase("Treatment", None)})
    timed = _add_times(data, roles, arms, asked) if "times" in roles else {}
    for block in ("endpoints", "estimands", "analyses"):
        plan[block] = {**scored.get(block, {}), **timed.get(block, {})}
    if scored and timed:
        plan["analyses"]["time_to_event"]["role"] = "secondary"
        remarks = (
            *remarks,
            "of 2 outcomes the score by visit is primary and the time to event secondary",
        )
    if "adverse_events" in roles:
        plan["safety"] = {"show_at_least_percent": 5}
    if "laboratory" in roles:
        plan.setdefault("safety", {})["laboratory"] = _tests(roles["laboratory"])
    files = tuple(raw.name for raw in roles.values())
    told = (*arms.remarks, *remarks)
    readings = tuple(_readings(plan, roles, arms, asked))
    return Proposal(files, plan, told, tuple(asked.questions), heads(arm, arms), readings=readings)


def _readings(
    plan: Block, roles: dict[FileRole, RawTable], arms: Arms, asked: Asked
) -> Iterator[Reading]:
    """What the plan settles: of the files, of the scores, of the times and of harms."""
    people = roles.get("subjects", roles.get("times"))
    assert people is not None
    settles = tuple(
        ("data", key) for key in ("standard", "files", "labels", "where", "baseline_score")
    )
    yield Reading(
        "file",
        f"the files are ADaM: {', '.join(f'`{raw.name}` as {r}' for r, raw in roles.items())}",
        "of the names of their columns",
        f"{about(people.frame['USUBJID'].nunique())} participants",
        settles,
    )
    arm_of = people.frame.drop_duplicates("USUBJID").set_index("USUBJID")[str(_arm_of(people))]
    keys: dict[FileRole, str] = {"visits": "outcome", "times": "time"}
    for role, key in keys.items():
        if role not in roles:
            continue
        raw = roles[role]
        parameter, _ = _parameter(raw, Asked(asked.answers), key, "")
        frame = raw.frame if parameter is None else raw.frame[raw.frame["PARAMCD"] == parameter]
        rows = RawTable(raw.name, frame.assign(arm=frame["USUBJID"].map(arm_of)))
        kind, fields = FIELDS[role]
        part = plan | _part_of(plan, times=role == "times")
        yield from readings_of_rows(rows, kind, fields, asked, arms, part)
    if "safety" in plan:
        named = ", ".join(f"`{roles[r].name}`" for r in OF_HARMS if r in roles)
        yield Reading(
            "harms",
            f"{named} are described as harms",
            "of the names of their columns",
            "events that at least 5% of participants have are shown",
            (("safety",),),
        )


def _part_of(plan: Block, *, times: bool) -> Block:
    """What a plan says of the times, or of the scores."""
    return {
        block: {k: v for k, v in plan[block].items() if (k == "time_to_event") is times}
        for block in ("endpoints", "estimands", "analyses")
    }


def _tests(raw: RawTable) -> Block:
    """Every test of a dataset of laboratory values, with its title and unit where they are told."""
    tests: Block = {}
    for code in Column("PARAMCD", raw.frame["PARAMCD"]).labels():
        here = raw.frame[raw.frame["PARAMCD"] == code]
        units = Column("AVALU", here["AVALU"]).labels() if "AVALU" in here else ()
        unit = {"unit": units[0]} if len(units) == 1 else {}
        tests[code] = {"label": _title_of(here, code), **unit}
    return tests


def _add_times(data: Block, roles: dict[FileRole, RawTable], arms: Arms, asked: Asked) -> Block:
    """The parameter of the times, kept by the plan; its analysis."""
    raw = roles["times"]
    parameter, gap = _parameter(raw, asked, "time", "Which time to event is analysed?")
    here = raw.frame if parameter is None else raw.frame[raw.frame["PARAMCD"] == parameter]
    if parameter is not None and len(raw.frame["PARAMCD"].dropna().unique()) > 1:
        data["where"] = data.get("where", {}) | {"times": {"PARAMCD": gap or [parameter]}}
    people = roles.get("subjects", raw)
    arm_column = str(_arm_of(people))
    arm_of = people.frame.drop_duplicates("USUBJID").set_index("USUBJID")[arm_column]
    arm = Column(arm_column, here["USUBJID"].map(arm_of))
    return timed_analysis(arms, "treatment", followed_to(_in_days(here), arm, arms))


def _in_days(times: pd.DataFrame) -> pd.Series:
    """Times as days, by the first unit that AVALU or PARAM tells."""
    told = [
        unit
        for column, reading in (("AVALU", unit_of), ("PARAM", unit_in))
        for text in (times[column].dropna().unique() if column in times else ())
        if (unit := reading(text)) is not None
    ]
    return as_days(times["AVAL"], told[0] if told else "days")


def _parameter(raw: RawTable, asked: Asked, key: str, asks: str) -> tuple[str | None, str]:
    """The parameter that is analysed, and a gap where several are and nobody chose.

    With a gap the first one stands for the others in what a plan says besides.
    """
    column = Column("PARAMCD", raw.frame["PARAMCD"]) if "PARAMCD" in raw.frame else None
    labels = column.labels() if column is not None else ()
    if column is None or len(labels) < len("ab"):
        return next(iter(labels), None), ""
    choices = [Choice(label, f"{column.counts[label]} rows") for label in labels]
    question = asked.decide(key, asks, choices)
    return question.taken or labels[0], question.gap if question.is_open else ""


def _add_scores(
    plan: Block, raw: RawTable, arms: Arms, asked: Asked
) -> tuple[Block, tuple[str, ...]]:
    """Visits and scale of the parameter, put in the plan; its analysis, and remarks."""
    parameter, gap = _parameter(raw, asked, "outcome", "Which parameter is the primary outcome?")
    here = raw.frame[raw.frame["PARAMCD"] == parameter]
    value, visit = Column("AVAL", here["AVAL"]), Column("AVISIT", here["AVISIT"])
    scale = guess_scale([value], str(parameter))
    told = visit_labels(visit, Column("ADY", here["ADY"]) if "ADY" in here else None)
    days = {name: max(at - 1, 0.0) for name, at in told.days.items() if name != BASELINE}
    visits = {BASELINE: {"day": 1}} | {name: {"day": int(at) + 1} for name, at in days.items()}
    if scale.definition is not None:
        question = better(asked, _title_of(here, str(parameter)))
        scale = scale.better(question.taken or question.gap)
    plan["data"]["labels"]["scale"] = gap or {str(parameter): scale.name}
    labels = {label: name for label, name in told.labels.items() if label != name}
    plan["data"]["labels"] |= {"visit": labels} if labels else {}
    if "BASE" not in here and BASELINE not in told.days:
        plan["data"]["baseline_score"] = baseline_score(scale) or 0
    plan["phases"] = {"treatment": arms.phase("Treatment", visits)}
    if scale.definition is not None:
        plan["scales"] = {scale.name: scale.definition}
    if told.left_out:
        plan["data"]["where"] = {"visits": {"AVISIT": list(told.labels)}}
    return scored_analysis(plan["data"], arms, visits, scale, "treatment"), told.remarks


def _title_of(rows: pd.DataFrame, parameter: str) -> str:
    """What a parameter is called in full, else its code."""
    titles = Column("PARAM", rows["PARAM"]).labels() if "PARAM" in rows else ()
    return titles[0] if len(titles) == 1 else parameter
