"""A starter plan for a folder of CDISC ADaM datasets."""

from typing import Any, Final

from ketaoutcomes.data.inspection.names import name_of
from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.inspection.propose import (
    TO_COMPLETE,
    Proposal,
    arms_of,
    scored_analysis,
    timed_analysis,
)
from ketaoutcomes.data.inspection.scales import guess_scale
from ketaoutcomes.data.inspection.schedule import BASELINE, baseline_score
from ketaoutcomes.data.inspection.visits import visit_labels
from ketaoutcomes.data.raw import RawTable
from ketaoutcomes.plan.files import FileRole

SIGNS: Final[dict[FileRole, frozenset[str]]] = {
    "subjects": frozenset(("TRT01P",)),
    "times": frozenset(("AVAL", "CNSR")),
    "visits": frozenset(("AVAL", "AVISIT", "PARAMCD")),
    "adverse_events": frozenset(("AEDECOD", "ASTDY")),
    "exposure": frozenset(("EXDOSE", "ASTDY")),
}
"""The columns by which a dataset is known."""

Block = dict[str, Any]


def adam_roles(tables: list[RawTable]) -> dict[FileRole, RawTable]:
    """The dataset of each role; empty without one of subjects."""
    found: dict[FileRole, RawTable] = {}
    for raw in tables:
        for role, signs in SIGNS.items():
            if "USUBJID" in raw.frame and signs <= set(raw.frame.columns):
                found.setdefault(role, raw)
                break
    return found if "subjects" in found else {}


def propose_adam(roles: dict[FileRole, RawTable], folder_name: str) -> Proposal | None:
    """A starter plan: the first parameter of each dataset, all arms against the reference."""
    people = columns_of(roles["subjects"], "USUBJID")
    arms = arms_of(people["TRT01P"], None, ())
    if "visits" not in roles and "times" not in roles:
        return None
    data: Block = {
        "standard": "adam",
        "files": {role: raw.name for role, raw in roles.items()},
        "labels": {"arm": arms.names},
    }
    study = dict.fromkeys(("title", "question", "condition"), TO_COMPLETE)
    plan: Block = {"study": {"id": name_of(folder_name, "study"), **study}, "data": data}
    scored = _add_scores(plan, roles["visits"], arms) if "visits" in roles else {}
    plan.setdefault("phases", {"treatment": arms.phase("Treatment", None)})
    timed = timed_analysis(arms, "treatment") if "times" in roles else {}
    if "times" in roles and (parameter := _parameter(roles["times"])) is not None:
        data["keep"] = data.get("keep", {}) | {"times": {"PARAMCD": [parameter]}}
    for block in ("endpoints", "estimands", "analyses"):
        plan[block] = {**scored.get(block, {}), **timed.get(block, {})}
    if scored and timed:
        plan["analyses"]["time_to_event"]["role"] = "secondary"
    if "adverse_events" in roles:
        plan["safety"] = {"show_at_least_percent": 5}
    return Proposal(tuple(raw.name for raw in roles.values()), plan, arms.remarks)


def _parameter(raw: RawTable) -> str | None:
    labels = Column("PARAMCD", raw.frame["PARAMCD"]).labels() if "PARAMCD" in raw.frame else ()
    return labels[0] if labels else None


def _add_scores(plan: Block, raw: RawTable, arms: Any) -> Block:
    """Visits and scale of the first parameter, put in the plan; its analysis."""
    parameter = _parameter(raw)
    here = raw.frame[raw.frame["PARAMCD"] == parameter]
    value, visit = Column("AVAL", here["AVAL"]), Column("AVISIT", here["AVISIT"])
    scale = guess_scale([value], str(parameter))
    told = visit_labels(visit, Column("ADY", here["ADY"]) if "ADY" in here else None)
    days = {name: max(at - 1, 0.0) for name, at in told.days.items() if name != BASELINE}
    visits = {BASELINE: {"day": 1}} | {name: {"day": int(at) + 1} for name, at in days.items()}
    plan["data"]["labels"]["scale"] = {str(parameter): scale.name}
    labels = {label: name for label, name in told.labels.items() if label != name}
    plan["data"]["labels"] |= {"visit": labels} if labels else {}
    if "BASE" not in here and BASELINE not in told.days:
        plan["data"]["baseline_score"] = baseline_score(scale) or 0
    plan["phases"] = {"treatment": arms.phase("Treatment", visits)}
    if scale.definition is not None:
        plan["scales"] = {scale.name: scale.definition}
    return scored_analysis(plan["data"], arms, visits, scale, "treatment")
