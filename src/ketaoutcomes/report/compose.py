"""Results become the report: its sections in the order of reading."""

from collections.abc import Callable

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.pages.calibration import calibration_section
from ketaoutcomes.cohorts.pages.claims import claims_section
from ketaoutcomes.cohorts.pages.scorecard import scorecard_section
from ketaoutcomes.describe.baseline_page import baseline_section
from ketaoutcomes.describe.flow_page import flow_section
from ketaoutcomes.describe.missing_page import missing_section
from ketaoutcomes.describe.safety.page import safety_section
from ketaoutcomes.describe.units import with_decimals
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.families.registry import families
from ketaoutcomes.hypotheses.multiplicity_page import multiplicity_section
from ketaoutcomes.hypotheses.non_inferiority_page import non_inferiority_section
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.answer import answer_section
from ketaoutcomes.report.appendix import equivalents_section, glossary_section, origin_section
from ketaoutcomes.report.blocks import Report, Section
from ketaoutcomes.report.checklist_page import checklist_section
from ketaoutcomes.report.failures import composed_section, with_what_was_drawn
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.methods import methods_section
from ketaoutcomes.report.numbers import ABOUT, SUPPRESSED
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.report.remarks import remarks_section, with_remarks
from ketaoutcomes.report.sensitivity import sensitivity_section
from ketaoutcomes.results import TABLES, WHOLE_TABLE, Result, ResultTable
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.page import second_programs_section

SHARED = (
    (0, answer_section),
    (10, flow_section),
    (20, baseline_section),
    (30, missing_section),
    (40, remarks_section),
    (200, multiplicity_section),
    (210, non_inferiority_section),
    (220, sensitivity_section),
    (600, safety_section),
    (610, claims_section),
    (620, scorecard_section),
    (630, calibration_section),
    (640, methods_section),
    (650, equivalents_section),
    (655, second_programs_section),
    (660, glossary_section),
    (670, origin_section),
)
"""The sections that belong to no family of analyses, each with its place on the page."""


def sections() -> tuple[Callable[[Material], Section | None], ...]:
    """All sections in the order of reading, those of the families among them."""
    of_families = (section for family in families() for section in family.sections)
    placed = sorted((*SHARED, *of_families), key=lambda section: section[0])
    return tuple(compose for _, compose in placed)


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
    lost = results.select(statistic=WHOLE_TABLE, status="failed")
    kept = ResultTable(tuple(row for row in results.rows if row not in lost))
    kept = with_decimals(plan, kept)
    material = Material(plan, kept, records, provenance, evidence, checks)
    composed = [(compose, composed_section(compose, material)) for compose in sections()]
    results_in = [s.id for compose, s in composed if s is not None and _of_analyses(compose)]
    drawn = [with_what_was_drawn(section) for _, section in composed if section is not None]
    found = tuple(section for section, _ in drawn)
    found = (*found, checklist_section(plan, found, results_in))
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
    """What holds for the whole page: which counts are not shown, and what was not asked for."""
    return (*_of_small_counts(plan), *_of_true_values(plan))


def _of_true_values(plan: AnalysisPlan) -> tuple[str, ...]:
    if plan.data.synthetic is None or plan.data.asks_truth:
        return ()
    return (
        "The results are not compared with the true values of this simulated cohort, because the "
        "plan does not ask for them.",
    )


def _of_small_counts(plan: AnalysisPlan) -> tuple[str, ...]:
    if plan.smallest_cell <= 1:
        return ()
    return (
        f"{SUPPRESSED} stands for a count under {plan.smallest_cell}, or for a number from which "
        "such a count could be worked out; it is shown in no file of this report.",
        f"{ABOUT} stands for a count in round numbers. Other numbers that tell a small count are "
        "rounded further than usual, so that it could still have several values.",
    )
