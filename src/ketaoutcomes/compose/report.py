"""Results become the report: its sections in the order of reading."""

from ketaoutcomes.compose.answer import answer_section
from ketaoutcomes.compose.baseline import baseline_section
from ketaoutcomes.compose.binary_repeated import binary_repeated_section
from ketaoutcomes.compose.calibration import calibration_section
from ketaoutcomes.compose.claims import claims_section
from ketaoutcomes.compose.crossover import crossover_section
from ketaoutcomes.compose.dose_response import dose_section
from ketaoutcomes.compose.equivalents import equivalents_section
from ketaoutcomes.compose.flow import flow_section
from ketaoutcomes.compose.glossary import glossary_section
from ketaoutcomes.compose.imputation import imputation_section
from ketaoutcomes.compose.incidence import incidence_section
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.mediation import mediation_section
from ketaoutcomes.compose.methods import methods_section
from ketaoutcomes.compose.missing import missing_section
from ketaoutcomes.compose.multiplicity import multiplicity_section
from ketaoutcomes.compose.non_inferiority import non_inferiority_section
from ketaoutcomes.compose.numbers import SUPPRESSED
from ketaoutcomes.compose.origin import origin_section
from ketaoutcomes.compose.parametric_survival import parametric_survival_section
from ketaoutcomes.compose.provenance import Provenance
from ketaoutcomes.compose.recurrent import recurrent_section
from ketaoutcomes.compose.remarks import remarks_section, with_remarks
from ketaoutcomes.compose.repeated_measures import repeated_measures_section
from ketaoutcomes.compose.responders import responders_section
from ketaoutcomes.compose.safety.section import safety_section
from ketaoutcomes.compose.scorecard import scorecard_section
from ketaoutcomes.compose.sensitivity import sensitivity_section
from ketaoutcomes.compose.standardisation import standardisation_section
from ketaoutcomes.compose.subgroups import subgroups_section
from ketaoutcomes.compose.time_to_event import time_to_event_section
from ketaoutcomes.compose.trajectories import trajectories_section
from ketaoutcomes.compose.value import value_section
from ketaoutcomes.evidence.library import Evidence
from ketaoutcomes.fits import ModelRecord
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.report import Report
from ketaoutcomes.results import ResultTable

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
    material = Material(plan, results, records, provenance, evidence)
    composed = (compose(material) for compose in SECTIONS)
    sections = tuple(section for section in composed if section is not None)
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
        notes=_notes(plan),
    )


def _notes(plan: AnalysisPlan) -> tuple[str, ...]:
    """What holds for the whole page: which counts are not shown."""
    if plan.smallest_cell <= 1:
        return ()
    return (
        f"{SUPPRESSED} stands for a count under {plan.smallest_cell}, or for a number from which "
        "such a count could be worked out; it is shown in no file of this report.",
    )
