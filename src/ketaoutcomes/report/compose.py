"""Results become the report: its sections composed, and put in the order of reading."""

from dataclasses import replace

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.describe.units import with_decimals
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.blocks import Report
from ketaoutcomes.report.failures import composed_section, with_what_was_drawn
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import SUPPRESSED
from ketaoutcomes.report.order import in_order, sections
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.report.remarks import with_remarks
from ketaoutcomes.results import TABLES, WHOLE_TABLE, Result, ResultTable
from ketaoutcomes.second.check import Check


def compose_report(
    plan: AnalysisPlan,
    results: ResultTable,
    records: tuple[ModelRecord, ...],
    provenance: Provenance,
    evidence: Evidence | None = None,
    checks: tuple[Check, ...] = (),
) -> Report:
    """Compose the report; sections without anything to show are left out."""
    lost = results.select(statistic=WHOLE_TABLE, status="failed")
    kept = ResultTable(tuple(row for row in results.rows if row not in lost))
    kept = with_decimals(plan, kept)
    material = Material(plan, kept, records, provenance, evidence, checks)
    drawn = [
        with_what_was_drawn(replace(section, part=part))
        for part, compose in sections()
        if (section := composed_section(compose, material)) is not None
    ]
    found = in_order(material, tuple(section for section, _ in drawn))
    composed = {section.id for section, _ in drawn}
    drawn += [with_what_was_drawn(section) for section in found if section.id not in composed]
    versions = dict(provenance.versions)
    return Report(
        title=plan.study.title,
        subtitle=f"{plan.study.condition.capitalize()}. Analysis plan “{plan.study.id}”.",
        synthetic=provenance.synthetic,
        sections=with_remarks(material, found),
        footer=(
            f"ketaoutcomes {versions['ketaoutcomes']} · plan {provenance.plan_sha256[:12]}"
            + (f" · seed {provenance.seed}" if provenance.seed is not None else ""),
            f"To make this page again: {provenance.command}",
        ),
        notes=(*_notes(plan), *map(_not_available, lost)),
        failures=tuple(failure for _, failures in drawn for failure in failures),
    )


def _not_available(row: Result) -> str:
    """That the page lacks a whole table."""
    return f"Not available: {TABLES[row.table]}: {row.message}."


def _notes(plan: AnalysisPlan) -> tuple[str, ...]:
    """What holds for the whole page: which counts are not shown."""
    if plan.smallest_cell <= 1:
        return ()
    return (
        f"{SUPPRESSED} stands for a count under {plan.smallest_cell}, or for a number from which "
        "such a count could be worked out; it is shown in no file of this report.",
    )
