"""The order of the page: a front of few pages, estimands and methods, then appendices."""

from collections.abc import Callable
from dataclasses import replace

from ketaoutcomes.cohorts.pages.calibration import calibration_section
from ketaoutcomes.cohorts.pages.claims import claims_section
from ketaoutcomes.cohorts.pages.scorecard import scorecard_section
from ketaoutcomes.describe.baseline_page import baseline_section
from ketaoutcomes.describe.flow_page import flow_section
from ketaoutcomes.describe.missing_page import missing_section
from ketaoutcomes.describe.safety.page import safety_section
from ketaoutcomes.families.registry import families
from ketaoutcomes.hypotheses.multiplicity_page import multiplicity_section
from ketaoutcomes.hypotheses.non_inferiority_page import non_inferiority_section
from ketaoutcomes.report.answer import answer_section
from ketaoutcomes.report.appendix import equivalents_section, origin_section
from ketaoutcomes.report.blocks import Part, Section
from ketaoutcomes.report.failures import taken_section
from ketaoutcomes.report.front import (
    divided_flow,
    harms_section,
    limits_section,
    primary_section,
    secondary_section,
)
from ketaoutcomes.report.glossary import glossary_section
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.methods import methods_section
from ketaoutcomes.report.once import each_once
from ketaoutcomes.report.remarks import remarks_section
from ketaoutcomes.report.sensitivity import sensitivity_section
from ketaoutcomes.second.page import second_programs_section

Composer = Callable[[Material], Section | None]

FRONT: tuple[Composer, ...] = (answer_section, flow_section, baseline_section)
"""What a reviewer reads first, from the plan and the results."""

TAKEN = (primary_section, secondary_section, harms_section, limits_section)
"""What follows in front: taken from the sections behind, which then point to it."""

METHODS: tuple[Composer, ...] = (methods_section,)

APPENDICES: tuple[tuple[int, Composer], ...] = (
    (30, missing_section),
    (40, remarks_section),
    (200, multiplicity_section),
    (210, non_inferiority_section),
    (220, sensitivity_section),
    (600, safety_section),
    (610, claims_section),
    (620, scorecard_section),
    (630, calibration_section),
    (650, equivalents_section),
    (655, second_programs_section),
    (660, glossary_section),
    (670, origin_section),
)
"""The appendices that belong to no family of analyses; those of the families stand among them."""


def sections() -> tuple[tuple[Part, Composer], ...]:
    """The composers of all sections with their part, in the order of reading."""
    of_families = (section for family in families() for section in family.sections)
    behind = sorted((*APPENDICES, *of_families), key=lambda section: section[0])
    return (
        *(("front", compose) for compose in FRONT),
        *(("methods", compose) for compose in METHODS),
        *(("appendix", compose) for _, compose in behind),
    )


def in_order(material: Material, found: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections as they are read: what stands in front is taken from behind, and stands once."""
    divided = divided_flow(found)
    front = [section for section in divided if section.part == "front"]
    behind = tuple(section for section in divided if section.part != "front")
    for take in TAKEN:
        taken, behind = taken_section(take, material, behind)
        front += [replace(taken, part="front")] if taken is not None else []
    return each_once((*front, *behind))
