"""What the answer says besides its findings: which p-values are adjusted, and what harm came."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from ketaoutcomes.describe.safety.adverse_events import DEATHS
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.report.labels import arm_label, arms_of
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate, is_hidden
from ketaoutcomes.results import Result

HARMS: Final = {
    DEATHS: "deaths",
    "any adverse event": "any adverse event",
    "serious": "serious",
    "left the study for an adverse event": "leading to discontinuation of the study",
}
"""Rows of the overview of adverse events that belong next to the benefit (CONSORT Harms 2022)."""


def phases_of(material: Material, name: str) -> tuple[str, ...]:
    """The phases that an analysis uses: that of its endpoint, or all periods of a crossover."""
    analysis = material.plan.analyses[name]
    phases = model_of(analysis).phases
    return phases(analysis) if phases is not None else (material.plan.analysis_phase(name),)


def not_adjusted(material: Material, found: Mapping[str, Result]) -> Iterator[str]:
    """Which p-values of the answer are not adjusted for the number of tests."""
    alone: dict[str, list[str]] = {"primary": [], "secondary": []}
    for name, row in found.items():
        if row.p_value is not None and material.adjusted_p(name) is None:
            alone[material.plan.analyses[name].role].append(name)
    primary = [name for name in found if material.plan.analyses[name].role == "primary"]
    if alone["primary"] and len(primary) > 1:
        yield _unadjusted(len(alone["primary"]), len(primary), "primary")
    if alone["secondary"]:
        yield _unadjusted(len(alone["secondary"]), len(found) - len(primary), "secondary")


def _unadjusted(alone: int, several: int, role: str) -> str:
    """How many results of a role are not adjusted for multiple testing."""
    if several == 1:
        return f"The p-value of the {role} result is not adjusted for multiple testing."
    if alone < several:
        verb = "has a p-value" if alone == 1 else "have p-values"
        return f"Of the {several} {role} results, {alone} {verb} not adjusted for multiple testing."
    return (
        f"The p-values of the {several} {role} results are not adjusted for multiple testing; "
        "they are descriptive."
    )


def harms(material: Material, names: Iterable[str]) -> Iterator[str]:
    """Who died or had an adverse event, in every arm of the phases that the findings are of."""
    plan = material.plan
    asked = {phase for name in names for phase in phases_of(material, name)}
    told = [phase for phase in plan.phases if material.results.select(table="aet01", phase=phase)]
    for phase in [phase for phase in told if phase in asked] or told:
        arms = arms_of(plan, phase)
        shares = {group: _shares(material, phase, arms, group) for group in HARMS}
        if any(shares.values()) and len(plan.phases) > 1:
            yield f"{plan.phases[phase].label}:"
        for place, arm in enumerate(arms):
            parts = [f"{HARMS[group]} {texts[place]}" for group, texts in shares.items() if texts]
            if parts:
                yield f"{arm_label(plan, phase, arm)}: {', '.join(parts)}."
        if any(deaths_not_serious(material, phase, arm) for arm in arms):
            yield "Not every death is flagged as a serious adverse event in the data."
    without = [phase for phase in plan.phases if phase in asked and phase not in told]
    if told and without:
        labels = "; ".join(plan.phases[phase].label for phase in without)
        yield f"The plan does not ask for adverse events of this part: {labels}."


def deaths_not_serious(material: Material, phase: str, arm: str) -> bool:
    """Whether more participants died in an arm than had a serious adverse event."""
    died, serious = (overview_count(material, phase, arm, group) for group in (DEATHS, "serious"))
    if died is None or serious is None:
        return False
    return (died.estimate or 0) > (serious.estimate or 0) and not is_hidden(serious)


def overview_count(material: Material, phase: str, arm: str, group: str) -> Result | None:
    """Participants of an arm in a row of the overview of adverse events."""
    rows = material.results.select(
        table="aet01", phase=phase, arm=arm, group=group, statistic="subjects"
    )
    return rows[0] if rows else None


def _shares(material: Material, phase: str, arms: Iterable[str], group: str) -> list[str]:
    """The per cent of each arm, or the number of deaths, as the overview has it."""
    counts = group == DEATHS
    keys = {"table": "aet01", "phase": phase, "group": group}
    statistic = "subjects" if counts else "proportion"
    found = [material.results.select(**keys, statistic=statistic, arm=arm) for arm in arms]
    simulated_none = material.plan.data.synthetic is not None and counts
    if not all(found) or (simulated_none and not any(rows[0].estimate for rows in found)):
        return []
    if counts:
        return [count_of(rows[0], "estimate") for rows in found]
    texts = (estimate(rows[0]) for rows in found)
    return [text + ("%" if text[0].isdigit() else "") for text in texts]
