"""A starter plan for a cohort that `simulate` wrote, whose files and columns are known."""

from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.inspection.amounts import about
from ketaoutcomes.data.inspection.arms import TO_COMPLETE, Arms
from ketaoutcomes.data.inspection.direction import better
from ketaoutcomes.data.inspection.names import name_of, names_of, references_in
from ketaoutcomes.data.inspection.of_scores import scored_analysis
from ketaoutcomes.data.inspection.profile import columns_of
from ketaoutcomes.data.inspection.propose import Proposal
from ketaoutcomes.data.inspection.questions import Answers, Asked, Choice
from ketaoutcomes.data.inspection.reading import Reading
from ketaoutcomes.data.inspection.readings import readings_of_rows
from ketaoutcomes.data.inspection.scales import guess_scale
from ketaoutcomes.data.mapping import is_number
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.scales import SCALES

ASSIGNMENTS: Final = "assignments.csv"
VISITS: Final = "visits.csv"
APART: Final = " in "


def propose_written_cohort(
    tables: Iterable[RawTable], block: dict[str, Any], name: str, answers: Answers
) -> Proposal | None:
    """A plan for one phase and one scale of the cohort; None where no visit has a score.

    Parameters
    ----------
    block : dict
        The `data:` block that reads its files.
    """
    frames = {raw.name: raw for raw in tables}
    if not {ASSIGNMENTS, VISITS} <= frames.keys():
        return None
    scores, assigned = frames[VISITS].frame, frames[ASSIGNMENTS].frame
    pairs = scores[["phase", "scale"]].dropna().drop_duplicates()
    arms_in = assigned.groupby("phase")["arm"].nunique()
    offered = [
        Choice(f"{scale}{APART}{phase}", _how_many(int(arms_in.get(phase, 0))))
        for phase, scale in pairs.itertuples(index=False)
    ]
    if not offered:
        return None
    asked = Asked(answers)
    compared = [c for c in offered if c.means not in (_how_many(0), _how_many(1))]
    evident = (compared if len(compared) == 1 else offered)[0].value
    alone = len(compared) == 1 or len(offered) == 1
    outcome = asked.decide(
        "outcome",
        "Which scale is analysed in which phase?",
        offered,
        evident=evident if alone else "",
        because="no other phase or scale has two arms" if alone else "",
        default=evident,
    )
    if outcome.is_open:
        gaps = dict.fromkeys(("phases", "endpoints", "estimands", "analyses"), outcome.gap)
        return Proposal(tuple(frames), _study(name) | {"data": block} | gaps, (), (outcome,))
    scale, _, phase = outcome.taken.partition(APART)
    arms = _arms(assigned.loc[assigned["phase"] == phase, "arm"].dropna().unique(), asked)
    here = scores[(scores["phase"] == phase) & (scores["scale"] == scale)]
    plan = _plan(frames, block, phase, arms, _visits(here))
    known = guess_scale([columns_of(RawTable(VISITS, here))["score"]], scale)
    if scale not in SCALES and known.definition is not None:
        direction = better(asked, scale)
        known = known.better(direction.taken or direction.gap)
        plan["scales"] = {scale: known.definition}
    plan |= scored_analysis(plan["data"], arms, plan["phases"][phase]["visits"], known, phase)
    plan["endpoints"]["outcome"] = {"kind": "change", "phase": phase, "scale": scale}
    arm_of = assigned[assigned["phase"] == phase].set_index("subject")["arm"]
    rows = here.assign(arm=here["subject"].map(arm_of))
    roles = {"subject": "subject", "arm": "arm", "visit": "visit", "value": "score"}
    readings = readings_of_rows(RawTable(VISITS, rows), "long", roles, asked, arms, plan)
    readings = (_files(frames, phase, rows), *readings)
    return Proposal(
        tuple(frames), _study(name) | plan, (), tuple(asked.questions), readings=readings
    )


def _files(frames: dict[str, RawTable], phase: str, rows: pd.DataFrame) -> Reading:
    """That the files are those that `simulate` writes, with one phase of them."""
    keys = ("files", "columns", "labels", "where", "factors", "day_unit", "first_dose_day")
    return Reading(
        "file",
        f"these files hold the columns that `simulate` writes, and phase `{phase}` is analysed",
        "a manifest of `simulate` lies with them",
        f"{about(len(rows))} rows of {len(frames)} files are scores of it",
        tuple(("data", key) for key in keys),
    )


def _how_many(arms: int) -> str:
    return "1 arm" if arms == 1 else f"{arms} arms"


def _study(name: str) -> dict[str, Any]:
    told = dict.fromkeys(("title", "question", "condition"), TO_COMPLETE)
    return {"study": {"id": name_of(name, "study"), **told}}


def _arms(labels: Iterable[str], asked: Asked) -> Arms:
    """The arms of the phase; of several the reference is asked unless one names a control."""
    names = names_of(tuple(sorted(labels)), "arm")
    if len(names) < len("ab"):
        return Arms(names, "", {})
    controls = references_in(tuple(names))
    known = controls[0] if len(controls) == 1 else ""
    question = asked.decide(
        "reference",
        "Which arm is the reference, with which others are compared?",
        [Choice(label, "named as a control" if label in controls else "") for label in names],
        evident=known,
        because="its name is that of a control" if known else "",
        default=known or next(iter(names)),
    )
    return Arms(names, question.taken, {}, gap=question.gap if question.is_open else "")


def _visits(scores: Any) -> dict[str, dict[str, float]]:
    """Each visit with the day that most participants have of it, the first dose on day 1."""
    days = scores["day"].astype(float).groupby(scores["visit"]).median().sort_values()
    return {
        str(visit): {"day": int(day) + 1} if day == int(day) else {"hours": round(day * 24, 2)}
        for visit, day in days.items()
    }


def _plan(
    frames: dict[str, RawTable],
    block: dict[str, Any],
    phase: str,
    arms: Arms,
    visits: dict[str, dict[str, float]],
) -> dict[str, Any]:
    """Data and phase of a plan; rows of other phases are left out."""
    with_phase = {r: file for r, file in block["files"].items() if "phase" in frames[file].frame}
    kept = {role: {"phase": [phase]} for role in with_phase}
    data = {**block, "where": kept}
    factors = [name for name in block["columns"].get("covariates", {}) if _is_mixed(name, frames)]
    data |= {"factors": factors} if factors else {}
    return {"data": data, "phases": {phase: arms.phase(phase.replace("_", " "), visits)}}


def _is_mixed(covariate: str, frames: dict[str, RawTable]) -> bool:
    """Whether a covariate has words among its numbers, such as `4 or more`."""
    having = [raw.frame[covariate] for raw in frames.values() if covariate in raw.frame]
    told = {value for values in having for value in values.dropna().unique()}
    numbers = {value for value in told if is_number(value)}
    return bool(numbers) and numbers != told
