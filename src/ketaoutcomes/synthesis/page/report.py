"""The report of a synthesis: the summary, studies, outcomes, methods, origin."""

from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.report.appendix import origin_of
from ketaoutcomes.report.blocks import Block, Callout, KeyFigure, KeyFigures, Report, Section
from ketaoutcomes.report.numbers import estimate, interval, level, p_value
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.page import agreement, checks_section, disagreement_boxes
from ketaoutcomes.studies import StudyData
from ketaoutcomes.synthesis.page.calls import calls_section
from ketaoutcomes.synthesis.page.material import TWO, SynthesisMaterial, bounds_of
from ketaoutcomes.synthesis.page.outcome import outcome_section
from ketaoutcomes.synthesis.page.studies import studies_section
from ketaoutcomes.synthesis.page.words import methods_section


def compose_synthesis_report(
    plan: SynthesisPlan,
    results: ResultTable,
    data: tuple[StudyData, ...],
    provenance: Provenance,
    checks: tuple[Check, ...] = (),
) -> Report:
    """The whole page."""
    material = SynthesisMaterial(plan, results, data, provenance, checks)
    appendix = checks_section(material.told)
    versions = dict(provenance.versions)
    return Report(
        title=plan.synthesis.title,
        subtitle=f"{plan.synthesis.condition.capitalize()}. Synthesis of published results, plan "
        f"“{plan.synthesis.id}”.",
        synthetic=False,
        sections=(
            _answer(material),
            studies_section(material),
            *(outcome_section(material, name) for name in plan.outcomes),
            methods_section(material),
            calls_section(material),
            *(() if appendix is None else (appendix,)),
            origin_of(provenance),
        ),
        footer=(
            f"ketaoutcomes {versions['ketaoutcomes']} · plan {provenance.plan_sha256[:12]}",
            f"To reproduce this report: {provenance.command}",
        ),
    )


def _answer(material: SynthesisMaterial) -> Section:
    blocks: list[Block] = [Callout("Question", (material.plan.synthesis.question.strip(),))]
    failed = tuple(
        f"{material.outcome(row.analysis).label}, {row.statistic}: {row.message}."
        for row in material.results.rows
        if row.status == "failed"
    )
    if failed:
        blocks.append(Callout("What could not be estimated", failed, "warning"))
    figures = tuple(
        figure for name in material.plan.outcomes if (figure := _figure(material, name)) is not None
    )
    if figures:
        sentences = tuple(
            sentence for name in material.plan.outcomes if (sentence := _sentence(material, name))
        )
        alike = agreement(material.told)
        told = (*sentences, *((alike,) if alike else ()))
        blocks += [KeyFigures(figures), Callout("Answer", told, "answer")]
        blocks += disagreement_boxes(material.told)
    return Section("answer", "Summary", tuple(blocks))


def _figure(material: SynthesisMaterial, name: str) -> KeyFigure | None:
    row = material.row(name, "pooled effect")
    if row is None or row.estimate is None:
        return None
    return KeyFigure(
        label=f"{material.outcome(name).label}: {material.measure(name)}",
        number=estimate(row, TWO),
        detail=f"{_uncertainty(row)}. {_better(material, name)}",
        results=(row.id,),
    )


def _uncertainty(row: Result) -> str:
    return f"{interval(row, TWO)}; {p_value(row)}"


def _better(material: SynthesisMaterial, name: str) -> str:
    """Which way the effect is good."""
    outcome = material.outcome(name)
    side = "below" if outcome.better == "lower" else "above"
    return f"Values {side} {1 if outcome.is_ratio else 0} favour the active arm"


def _sentence(material: SynthesisMaterial, name: str) -> str:
    """What was found, how far studies differ, and what to expect of the next."""
    row, expected = material.row(name, "pooled effect"), material.row(name, "prediction")
    studies, share = material.row(name, "studies"), material.row(name, "I2")
    if row is None or row.estimate is None or studies is None:
        return ""
    of_whom = "" if row.n is None else f" with {row.n:,} participants"
    words = (
        f"{material.outcome(name).label}: over {studies.estimate:.0f} studies"
        f"{of_whom} the {material.measure_within(name)} is {estimate(row, TWO)} "
        f"({_uncertainty(row)}). {_better(material, name)}."
    )
    if expected is not None and share is not None and share.estimate is not None:
        words += (
            f" Of the variation between studies {share.estimate:.0f}% is more than sampling gives "
            f"(I²); the true effect of a new study is expected from {bounds_of(expected)} "
            f"({level(material.plan.report.confidence_level)} prediction interval)."
        )
    return words
