"""The question and its answer, on one screen."""

from ketaoutcomes.compose.labels import (
    analysis_title,
    arm_label,
    endpoint_title,
    event_word,
    plain,
    scale_of,
    titled,
)
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.mediation import mediation_sentence
from ketaoutcomes.compose.non_inferiority import non_inferiority_sentence
from ketaoutcomes.compose.numbers import (
    decimals_of,
    estimate,
    interval,
    is_hidden,
    number,
    p_value,
    percentage,
)
from ketaoutcomes.compose.value import value_sentence
from ketaoutcomes.plan.estimand_rules import cautions
from ketaoutcomes.report import Block, Callout, KeyFigure, KeyFigures, Section
from ketaoutcomes.results import RATIOS, Result


def answer_section(material: Material) -> Section:
    """What was asked, what failed if anything did, and what was found."""
    names = [n for n, a in material.plan.analyses.items() if a.role in ("primary", "secondary")]
    rows = {name: material.main_result(name) for name in names}
    found = {
        name: row for name, row in rows.items() if row is not None and row.estimate is not None
    }
    blocks: list[Block] = [Callout("Question", (material.plan.study.question.strip(),))]
    failed = _failures(material)
    if failed:
        blocks.append(Callout("What could not be estimated", failed, "warning"))
    if found:
        sentences = tuple(
            _sentence(material, name, row) + non_inferiority_sentence(material, name)
            for name, row in found.items()
        )
        blocks.append(KeyFigures(tuple(_figure(material, n, row) for n, row in found.items())))
        blocks.append(Callout("Answer", sentences, "answer"))
    hidden = tuple(_hidden(material, name) for name, row in rows.items() if is_hidden(row))
    if hidden:
        blocks.append(Callout("What may not be shown", hidden, "warning"))
    told = (*cautions(material.plan), *_censored_at_events(material))
    if told:
        blocks.append(Callout("To bear in mind", told, "warning"))
    return Section("answer", "The question and the answer", tuple(blocks))


def _censored_at_events(material: Material) -> tuple[str, ...]:
    """Censoring that the estimand does not allow."""
    rows = material.results.select(table="ttet02", status="warning")
    return tuple(
        f"{titled(plain(row.analysis))}, {arm_label(material.plan, row.phase, row.arm)}: "
        f"{row.message}."
        for row in rows
    )


def _failures(material: Material) -> tuple[str, ...]:
    return tuple(
        f"{analysis_title(material.plan, row.analysis)}, {row.statistic}: {row.message}."
        for row in material.results.rows
        if row.status == "failed" and row.analysis
    )


def _hidden(material: Material, name: str) -> str:
    endpoint = endpoint_title(material.plan, material.estimand(name).endpoint)
    return (
        f"{endpoint}: a count of fewer than {material.plan.smallest_cell} subjects could be worked "
        "out from the estimate."
    )


def _figure(material: Material, name: str, row: Result) -> KeyFigure:
    """The estimate shown large."""
    unit = f" in {row.unit}" if row.unit else ""
    endpoint = endpoint_title(material.plan, material.estimand(name).endpoint)
    when = f", {row.visit}" if row.visit else ""
    p = f"; {p_value(row.p_value)}" if row.p_value is not None else ""
    adjusted = material.adjusted_p(name)
    p += f" ({p_value(adjusted)} adjusted for multiplicity)" if adjusted is not None else ""
    text = percentage(row.estimate) if row.statistic == "risk difference" else estimate(row)
    detail = f"{titled(row.statistic)}{unit}, {interval(row)}{p}"
    return KeyFigure(f"{endpoint}{when}", text, detail, (row.id,))


def _sentence(material: Material, name: str, row: Result) -> str:
    """The finding in a sentence, with its uncertainty and no more than that."""
    plan, target = material.plan, material.estimand(name)
    active = arm_label(plan, row.phase, target.treatment.active)
    reference = arm_label(plan, row.phase, target.treatment.reference)
    uncertainty = (
        f"{interval(row)}; {p_value(row.p_value)}" if row.p_value is not None else interval(row)
    )
    match row.statistic:
        case "difference in LS means":
            scale = scale_of(plan, target.endpoint)
            return (
                f"At {row.visit} the mean change in {scale} was "
                f"{number(abs(row.estimate or 0), decimals_of(row))} points "
                f"{'lower' if (row.estimate or 0) < 0 else 'higher'} with {active} than with "
                f"{reference} ({uncertainty})."
            )
        case "risk difference":
            standardised = plan.analyses[name].model == "g_computation"
            share = "standardised risk" if standardised else "proportion"
            shares = [
                percentage(part.estimate if part else None)
                for part in (
                    material.of_arm(name, share, arm, row.visit)
                    for arm in (target.treatment.active, target.treatment.reference)
                )
            ]
            when = f"at {row.visit}" if row.visit else "at any time"
            return (
                f"{endpoint_title(plan, target.endpoint)} {when}: {shares[0]} with "
                f"{active} "
                f"and {shares[1]} with {reference} ({uncertainty} for the difference)."
            )
        case "natural indirect effect":
            return mediation_sentence(material, name, row, active, reference)
        case "incremental net monetary benefit":
            return value_sentence(material, name, row, active, reference)
        case _:
            return _time_sentence(material, name, row, active, reference)


def _time_sentence(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    """Time to event: restricted mean difference first, then the hazard ratio."""
    event = event_word(material.plan, material.estimand(name).endpoint)
    ratio = material.contrast(name, "hazard ratio")
    hazard = (
        f"; hazard ratio {estimate(ratio)}, {interval(ratio)}"
        if ratio is not None and ratio.estimate is not None
        else ""
    )
    if row.statistic in RATIOS:
        return (
            f"{titled(row.statistic)} of {event}, {active} against {reference}: {estimate(row)} "
            f"({interval(row)})."
        )
    longer = "longer" if (row.estimate or 0) >= 0 else "shorter"
    return (
        f"Mean time without {event} {row.method.removeprefix('restricted mean time ')} was "
        f"{number(abs(row.estimate or 0))} days {longer} with {active} than with {reference} "
        f"({interval(row)}; {p_value(row.p_value)}{hazard})."
    )
