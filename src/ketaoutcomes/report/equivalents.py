"""The same analyses as calls in R and SAS, for a reviewer who wants to repeat them."""

from collections.abc import Iterator

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.report.blocks import Code, Prose, Section
from ketaoutcomes.report.labels import plain, titled
from ketaoutcomes.report.material import Material


def equivalents_section(material: Material) -> Section:
    """R and SAS calls of each analysis on the derived data."""
    calls = tuple(
        call
        for name, analysis in material.plan.analyses.items()
        for call in _calls(material, name, analysis)
    )
    words = (
        "`d` holds one row a subject and visit (or a subject, for times), as the plan derives it.",
    )
    return Section("equivalents", "The same in R and SAS", (Prose(words), *calls))


def _calls(material: Material, name: str, analysis: Analysis) -> Iterator[Code]:
    r, sas = model_of(analysis).calls(material, name, analysis)
    yield Code("R", r, f"{titled(plain(name))}, R")
    yield Code("SAS", sas, f"{titled(plain(name))}, SAS")
