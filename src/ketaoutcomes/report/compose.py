"""Results become the report: its sections in the order of reading."""

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.pages.calibration import calibration_section
from ketaoutcomes.cohorts.pages.claims import claims_section
from ketaoutcomes.cohorts.pages.scorecard import scorecard_section
from ketaoutcomes.describe.baseline_page import baseline_section
from ketaoutcomes.describe.flow_page import flow_section
from ketaoutcomes.describe.missing_page import missing_section
from ketaoutcomes.describe.safety.page import safety_section
from ketaoutcomes.families.cost_effectiveness.page import value_section
from ketaoutcomes.families.crossover.page import crossover_section
from ketaoutcomes.families.dose_response.page import dose_section
from ketaoutcomes.families.imputation.page import imputation_section
from ketaoutcomes.families.incidence.page import incidence_section
from ketaoutcomes.families.mediation.page import mediation_section
from ketaoutcomes.families.parametric_survival.page import parametric_survival_section
from ketaoutcomes.families.proportions.page import responders_section
from ketaoutcomes.families.records import ModelRecord
from ketaoutcomes.families.recurrent_events.page import recurrent_section
from ketaoutcomes.families.repeated_binary.page import binary_repeated_section
from ketaoutcomes.families.repeated_measures.page import repeated_measures_section
from ketaoutcomes.families.repeated_measures.page_subgroups import subgroups_section
from ketaoutcomes.families.standardisation.page import standardisation_section
from ketaoutcomes.families.time_to_event.page import time_to_event_section
from ketaoutcomes.families.trajectories.page import trajectories_section
from ketaoutcomes.hypotheses.multiplicity_page import multiplicity_section
from ketaoutcomes.hypotheses.non_inferiority_page import non_inferiority_section
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report.answer import answer_section
from ketaoutcomes.report.blocks import Report
from ketaoutcomes.report.equivalents import equivalents_section
from ketaoutcomes.report.failures import composed_section, with_what_was_drawn
from ketaoutcomes.report.glossary import glossary_section
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.methods import methods_section
from ketaoutcomes.report.numbers import SUPPRESSED
from ketaoutcomes.report.origin import origin_section
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.report.remarks import remarks_section, with_remarks
from ketaoutcomes.report.sensitivity import sensitivity_section
from ketaoutcomes.results import TABLES, WHOLE_TABLE, Result, ResultTable

SECTIONS = (
    answer_section,
    flow_section,
    baseline_section,
    missing_section,
    remarks_section,
    repeated_measures_section,
    crossover_section,
    multiplicity_section,
    non_inferiority_section,
    sensitivity_section,
    subgroups_section,
    imputation_section,
    responders_section,
    binary_repeated_section,
    time_to_event_section,
    parametric_survival_section,
    recurrent_section,
    incidence_section,
    standardisation_section,
    dose_section,
    trajectories_section,
    mediation_section,
    value_section,
    safety_section,
    claims_section,
    scorecard_section,
    calibration_section,
    methods_section,
    equivalents_section,
    glossary_section,
    origin_section,
)


def compose_report(
    plan: AnalysisPlan,
    results: ResultTable,
    records: tuple[ModelRecord, ...],
    provenance: Provenance,
    evidence: Evidence | None = None,
) -> Report:
    """Compose the report; sections without anything to show are left out."""
    lost = results.select(statistic=WHOLE_TABLE, status="failed")
    found = ResultTable(tuple(row for row in results.rows if row not in lost))
    material = Material(plan, found, records, provenance, evidence)
    composed = (composed_section(compose, material) for compose in SECTIONS)
    drawn = [with_what_was_drawn(section) for section in composed if section is not None]
    sections = tuple(section for section, _ in drawn)
    versions = dict(provenance.versions)
    return Report(
        title=plan.study.title,
        subtitle=f"{plan.study.condition.capitalize()}. Analysis plan “{plan.study.id}”.",
        synthetic=provenance.synthetic,
        sections=with_remarks(material, sections),
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
