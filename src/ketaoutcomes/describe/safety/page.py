"""Safety of each phase: exposure, adverse events, vital signs and laboratory values."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.adverse_events_page import (
    by_term_table,
    dot_plot,
    overview_table,
    rate_table,
)
from ketaoutcomes.describe.safety.dose_levels_page import dose_level_block
from ketaoutcomes.describe.safety.exposure_page import exposure_block
from ketaoutcomes.describe.safety.laboratory_page import laboratory_blocks
from ketaoutcomes.describe.safety.listings_page import NOT_PERMITTED, listing_blocks
from ketaoutcomes.describe.safety.rare_events_page import rare_event_table
from ketaoutcomes.describe.safety.severity_page import severity_blocks
from ketaoutcomes.describe.safety.shifts_page import shift_blocks
from ketaoutcomes.describe.safety.vital_signs_page import vital_sign_blocks
from ketaoutcomes.plan.randomised import is_randomised
from ketaoutcomes.report.blocks import Block, Prose, Section
from ketaoutcomes.report.material import Material

ANALYSIS_SET = "Safety analysis set: all {words} participants, by assigned arm."
ABOUT_DIFFERENCES = (
    " Differences between arms are descriptive and not adjusted for multiplicity{tested}."
)
TESTED = {
    "none": "; no hypothesis was tested",
    "score": ". P-values, requested in the plan, are not adjusted for multiplicity",
    "fisher": ". P-values, requested in the plan, are not adjusted for multiplicity",
}


def safety_section(material: Material) -> Section | None:
    """All that the plan's `safety:` block asks for."""
    safety = material.plan.safety
    if safety is None:
        return None
    phases = safety.phases or tuple(material.plan.phases)
    blocks = tuple(block for phase in phases for block in _phase(material, phase))
    alone = all(material.plan.phases[phase].only_arm for phase in phases)
    entered = "randomised" if all(is_randomised(material.plan, p) for p in phases) else "included"
    words = ANALYSIS_SET.format(words=entered) + (
        "" if alone else ABOUT_DIFFERENCES.format(tested=TESTED[safety.p_values])
    )
    if not blocks:
        return None
    closing = () if safety.listings else (Prose((NOT_PERMITTED,)),)
    return Section("safety", "Safety", (Prose((words,)), *blocks, *closing))


def _phase(material: Material, phase: str) -> Iterator[Block]:
    yield from exposure_block(material, phase)
    yield from dose_level_block(material, phase)
    yield from overview_table(material, phase)
    yield from dot_plot(material, phase)
    yield from by_term_table(material, phase)
    yield from severity_blocks(material, phase)
    yield from rate_table(material, phase)
    yield from rare_event_table(material, phase)
    yield from vital_sign_blocks(material, phase)
    yield from shift_blocks(material, phase)
    yield from laboratory_blocks(material, phase)
    yield from listing_blocks(material, phase)
