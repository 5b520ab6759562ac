"""The question and its answer, on one screen."""

from collections.abc import Iterator, Mapping
from typing import Final

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan.endpoints import ResponseDurationEndpoint
from ketaoutcomes.plan.estimand_rules import cautions
from ketaoutcomes.report.abstract import ROLES, abstract
from ketaoutcomes.report.blocks import Block, Callout, KeyFigure, KeyFigures, Section
from ketaoutcomes.report.finding import beside
from ketaoutcomes.report.labels import (
    analysis_label,
    analysis_title,
    comparison_label,
    endpoint_title,
    joined,
    plain,
    scale_of,
    titled,
    with_arm,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.report.numbers import count_of, estimate, interval, is_hidden, p_value
from ketaoutcomes.report.patients import in_plain_language
from ketaoutcomes.report.remarks import warnings_of
from ketaoutcomes.results import RATIOS, Result
from ketaoutcomes.second.page import disagreement_boxes, told_of


def answer_section(material: Material) -> Section:
    """What was asked and of whom, what failed if anything did, and what was found."""
    analyses = material.plan.analyses
    names = [name for role in ROLES for name, a in analyses.items() if a.role == role]
    rows = {name: material.main_result(name) for name in names}
    found = {
        name: row for name, row in rows.items() if row is not None and row.estimate is not None
    }
    blocks: list[Block] = []
    failed = _failures(material)
    if failed:
        blocks.append(Callout("What could not be estimated", failed, "warning"))
    if found:
        blocks.append(KeyFigures(tuple(_figure(material, n, row) for n, row in found.items())))
    blocks += (abstract(material, found), in_plain_language(material, found))
    if found:
        blocks += disagreement_boxes(told_of(material))
    hidden = tuple(_hidden(material, name) for name, row in rows.items() if is_hidden(row))
    if hidden:
        blocks.append(Callout("Suppressed to protect confidentiality", hidden, "warning"))
    told = (
        *_not_allocated(material),
        *_kept_arms(material),
        *_responders_only(material),
        *cautions(material.plan),
        *_censored_at_events(material),
        *warnings_of(material, names),
    )
    if told:
        blocks.append(Callout("Warnings", told, "warning"))
    return Section("answer", "Summary", tuple(blocks))


def _not_allocated(material: Material) -> Iterator[str]:
    """Groups that are levels of a covariate differ in more than that."""
    covariates = dict.fromkeys(p.arms_by for p in material.plan.phases.values() if p.arms_by)
    for covariate in covariates:
        yield (
            f"The groups are levels of {plain(covariate)}, to which participants were not "
            "allocated. Differences between them are associations and may be confounded "
            "(STROBE statement 2007, items 12 and 19)."
        )


def _kept_arms(material: Material) -> Iterator[str]:
    """Who enters a later phase is decided after allocation."""
    used = dict.fromkeys(material.plan.analysis_phase(name) for name in material.plan.analyses)
    for phase in (material.plan.phases[name] for name in used):
        if phase.keeps_arms and phase.entry is not None:
            yield (
                f"{phase.label}: participants kept their arms, and who entered depends on what "
                "happened before. The arms may therefore differ, and a difference between them is "
                "not a causal effect of treatment. (Korn et al. 2017, Ann Oncol 28:1640-1647)"
            )


def _responders_only(material: Material) -> Iterator[str]:
    """Who responded is decided after allocation."""
    endpoints = dict.fromkeys(material.estimand(name).endpoint for name in material.plan.analyses)
    for name in endpoints:
        if isinstance(material.plan.endpoints[name], ResponseDurationEndpoint):
            yield (
                f"{endpoint_title(material.plan, name)} is compared among responders. Who responds "
                "depends on treatment, so that responders may differ between the arms. The "
                "difference is therefore not a causal effect of treatment (Korn et al. 2017, Ann "
                "Oncol 28:1640-1647)."
            )


def _censored_at_events(material: Material) -> tuple[str, ...]:
    """Censoring that the estimand does not allow, or that may depend on the outcome.

    Reasons about which the same is said for the same analyses stand in one sentence.
    """
    by_message: dict[str, list[Result]] = {}
    for row in material.results.cautions:
        by_message.setdefault(row.message, []).append(row)
    alike: dict[tuple[tuple[str, ...], str], dict[str, list[Result]]] = {}
    for message, rows in by_message.items():
        labels = dict.fromkeys(analysis_label(material.plan, row.analysis) for row in rows)
        group = rows[0].group
        bare = group if group in message else group[:1].lower() + group[1:]
        reason = f"“{bare}”" if f"“{bare}”" in message else bare
        frame = message.replace(reason, REASON, 1)
        alike.setdefault((tuple(labels), frame), {})[reason] = rows
    return tuple(
        _censored_for(material, joined(labels), frame, reasons)
        for (labels, frame), reasons in alike.items()
    )


REASON: Final = "{reason}"
"""Where the reason for censoring stands in what is said of it."""


def _censored_for(
    material: Material, analyses: str, frame: str, reasons: Mapping[str, list[Result]]
) -> str:
    """What is said of censoring, with how many were censored for each reason."""
    counts = {
        reason: joined(dict.fromkeys(_how_many(material, row) for row in rows))
        for reason, rows in reasons.items()
    }
    if len(counts) == 1:
        ((reason, told),) = counts.items()
        return f"{analyses}: {frame.replace(REASON, f'{reason} ({told})')}."
    listed = joined(f"{reason} ({told})" for reason, told in counts.items())
    return f"{analyses}: {frame.replace(REASON, listed)}."


def _how_many(material: Material, row: Result) -> str:
    arm = with_arm(material.plan, row.phase, row.arm)
    return f"{count_of(row, 'estimate')} of {count_of(row)} {arm}"


def _failures(material: Material) -> tuple[str, ...]:
    sentences = (
        f"{analysis_title(material.plan, row.analysis)}, {row.statistic}: "
        f"{row.message.rstrip('.')}."
        for row in material.results.rows
        if row.status == "failed" and row.analysis
    )
    return tuple(dict.fromkeys(sentences))


def _hidden(material: Material, name: str) -> str:
    endpoint = endpoint_title(material.plan, material.estimand(name).endpoint)
    return f"{endpoint}: the estimate would reveal a count below {material.plan.smallest_cell}."


def _figure(material: Material, name: str, row: Result) -> KeyFigure:
    """The estimate shown large: of what, in which unit, which arm against which, how sure."""
    endpoint = endpoint_title(material.plan, material.estimand(name).endpoint)
    when = f", {row.visit}" if row.visit else ""
    p = f"; {p_value(row)}" if row.p_value is not None else ""
    adjusted = material.adjusted_p(name)
    p += f" (adjusted {p_value(adjusted)})" if adjusted is not None else ""
    role = ROLES[material.plan.analyses[name].role]
    caution = beside(material, name, row) if row.statistic in RATIOS else ""
    measure = f"{titled(measure_words(row.statistic))}{_unit(material, name, row)}"
    detail = f"{role}. {measure}, {interval(row)}{p}. {_contrast(material, row)}.{caution}"
    return KeyFigure(f"{endpoint}{when}", estimate(row), detail, (row.id,))


def _unit(material: Material, name: str, row: Result) -> str:
    """In what the estimate is counted, what it runs through, and which way is better."""
    plan, analysis = material.plan, material.plan.analyses[name]
    model = model_of(analysis)
    if row.statistic == "proportion":
        return ", %"
    if row.statistic in ("risk difference", "paired risk difference"):
        qualifier = f" ({model.qualifier})" if model.qualifier else ""
        return f"{qualifier} in percentage points"
    through = f" through {model.through(analysis)}" if model.through is not None else ""
    worth = f" {row.group}" if row.group else ""
    unit = f" in {row.unit}{worth}" if row.unit else ""
    scale = scale_of(plan, material.estimand(name).endpoint)
    in_scores = scale is not None and row.unit == plan.scale(scale).unit
    better = f" ({plan.scale(scale).better} is better)" if scale and in_scores else ""
    return f"{through}{unit}{better}"


def _contrast(material: Material, row: Result) -> str:
    """`Active versus reference`, or the one arm."""
    return comparison_label(material.plan, row.phase, (row.arm, row.reference))
