"""The report of a synthesis: the summary, studies, outcomes, methods, origin."""

from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.report.appendix import origin_of
from ketaoutcomes.report.blocks import (
    Block,
    Callout,
    Definitions,
    KeyFigure,
    KeyFigures,
    Report,
    Section,
)
from ketaoutcomes.report.glossary import PLACE as GLOSSARY
from ketaoutcomes.report.glossary import with_terms
from ketaoutcomes.report.numbers import estimate
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.page import checks_section, disagreement_boxes
from ketaoutcomes.studies import StudyData
from ketaoutcomes.synthesis.page.calls import calls_section
from ketaoutcomes.synthesis.page.material import TWO, SynthesisMaterial
from ketaoutcomes.synthesis.page.outcome import outcome_section
from ketaoutcomes.synthesis.page.studies import studies_section
from ketaoutcomes.synthesis.page.summary import abstract, better, in_plain_language, uncertainty
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
        subtitle=f"{plan.synthesis.condition.capitalize()}: synthesis of published results",
        synthetic=False,
        sections=with_terms(
            (
                _answer(material),
                studies_section(material),
                *(outcome_section(material, name) for name in plan.outcomes),
                methods_section(material),
                calls_section(material),
                *(() if appendix is None else (appendix,)),
                Section(GLOSSARY, "Glossary: terms and abbreviations", (Definitions(()),)),
                origin_of(provenance),
            )
        ),
        footer=(
            f"ketaoutcomes {versions['ketaoutcomes']} · plan {provenance.plan_sha256[:12]}",
            f"To reproduce this report: `{provenance.command}`",
        ),
    )


def _answer(material: SynthesisMaterial) -> Section:
    """What failed if anything did, the pooled effects, the abstract and its plain words."""
    failed = tuple(
        f"{material.outcome(row.analysis).label}, {row.statistic}: {row.message}."
        for row in material.results.rows
        if row.status == "failed"
    )
    blocks: list[Block] = []
    if failed:
        blocks.append(Callout("What could not be estimated", failed, "warning"))
    figures = tuple(
        figure for name in material.plan.outcomes if (figure := _figure(material, name)) is not None
    )
    if figures:
        blocks.append(KeyFigures(figures))
    blocks += (abstract(material), in_plain_language(material))
    if figures:
        blocks += disagreement_boxes(material.told)
    return Section("answer", "Summary", tuple(blocks))


def _figure(material: SynthesisMaterial, name: str) -> KeyFigure | None:
    row = material.row(name, "pooled effect")
    if row is None or row.estimate is None:
        return None
    return KeyFigure(
        label=f"{material.outcome(name).label}: {material.measure(name)}",
        number=estimate(row, TWO),
        detail=f"{uncertainty(row)}. {better(material, name)}",
        results=(row.id,),
    )
