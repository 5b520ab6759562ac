"""Results become the report: its sections composed, and put in the order of reading."""

from collections.abc import Callable
from dataclasses import replace

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.describe.units import with_decimals
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import families
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.blocks import Report, Section
from ketaoutcomes.report.checklist_page import checklist_section
from ketaoutcomes.report.failures import composed_section, with_what_was_drawn
from ketaoutcomes.report.front import PRIMARY, SECONDARY
from ketaoutcomes.report.glossary import with_terms
from ketaoutcomes.report.labels import characteristics_of
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABOUT, SUPPRESSED, with_decimals_alike
from ketaoutcomes.report.order import in_order, sections
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.report.remarks import with_remarks
from ketaoutcomes.results import TABLES, WHOLE_TABLE, Result, ResultTable
from ketaoutcomes.second.check import Check


def _of_analyses(compose: Callable[[Material], Section | None]) -> bool:
    """Whether a section shows results of a family of analyses."""
    return any(compose is section for family in families() for _, section in family.sections)


def compose_report(
    plan: AnalysisPlan,
    results: ResultTable,
    records: tuple[ModelRecord, ...],
    provenance: Provenance,
    evidence: Evidence | None = None,
    checks: tuple[Check, ...] = (),
) -> Report:
    """Compose the report; sections without anything to show are left out."""
    with characteristics_of(plan):
        return _composed(plan, results, records, provenance, evidence, checks)


def _composed(
    plan: AnalysisPlan,
    results: ResultTable,
    records: tuple[ModelRecord, ...],
    provenance: Provenance,
    evidence: Evidence | None,
    checks: tuple[Check, ...],
) -> Report:
    lost = results.select(statistic=WHOLE_TABLE, status="failed")
    kept = ResultTable(tuple(row for row in results.rows if row not in lost))
    kept = ResultTable(with_decimals_alike(with_decimals(plan, kept).rows))
    material = Material(plan, kept, records, provenance, evidence, checks)
    composed = [
        (compose, replace(section, part=part))
        for part, compose in sections()
        if (section := composed_section(compose, material)) is not None
    ]
    results_in = [section.id for compose, section in composed if _of_analyses(compose)]
    drawn = [with_what_was_drawn(section) for _, section in composed]
    found = in_order(material, tuple(section for section, _ in drawn))
    before = {section.id for section, _ in drawn}
    drawn += [with_what_was_drawn(section) for section in found if section.id not in before]
    checklist = checklist_section(plan, found, [PRIMARY, SECONDARY, *results_in])
    found = (*found, replace(checklist, part="appendix"))
    versions = dict(provenance.versions)
    return Report(
        title=plan.study.title,
        subtitle=f"{plan.study.condition.capitalize()}: report of the planned analyses",
        synthetic=provenance.synthetic,
        sections=with_terms(with_remarks(material, found)),
        footer=(
            f"ketaoutcomes {versions['ketaoutcomes']} · plan {provenance.plan_sha256[:12]}"
            + (f" · seed {provenance.seed}" if provenance.seed is not None else ""),
            f"To reproduce this report: `{provenance.command}`",
        ),
        notes=(*_notes(plan), *map(_not_available, lost)),
        failures=tuple(failure for _, failures in drawn for failure in failures),
    )


def _not_available(row: Result) -> str:
    """That the page lacks a whole table."""
    return f"Not available: {TABLES[row.table]}: {row.message}."


def _notes(plan: AnalysisPlan) -> tuple[str, ...]:
    """What holds for the whole page: which counts are not shown, and what was not asked for."""
    return (*_of_small_counts(plan), *_of_true_values(plan))


def _of_true_values(plan: AnalysisPlan) -> tuple[str, ...]:
    if plan.data.synthetic is None or plan.data.asks_truth:
        return ()
    return (
        "Results were not compared with the true values of this simulated cohort, "
        "because the plan does not request it.",
    )


def _of_small_counts(plan: AnalysisPlan) -> tuple[str, ...]:
    if plan.smallest_cell <= 1:
        return ()
    return (
        f"{SUPPRESSED}: suppressed to protect confidentiality, because the number is or "
        f"would reveal a count below {plan.smallest_cell}. It does not appear in any file of this "
        "report.",
        f"{ABOUT}: rounded. Other numbers that would reveal a small count are rounded further "
        "than usual, and such a p-value is given as the range that it lies in.",
    )
