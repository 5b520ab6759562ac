"""Scales and terms."""

from ketaoutcomes.plan.endpoints import scales_of
from ketaoutcomes.report.blocks import Definitions, Section
from ketaoutcomes.report.material import Material

TERMS = (
    (
        "LS mean",
        "Least-squares mean: the model's mean of an arm at a visit, with other factors weighed "
        "equally and numeric covariates at their mean.",
    ),
    (
        "Intercurrent event",
        "An event after treatment starts that changes what an outcome means, or whether it exists; "
        "the estimand says how it is handled.",
    ),
    (
        "Restricted mean time",
        "Mean time without the event within a fixed period; a difference is read in days.",
    ),
    (
        "Missing at random",
        "Given what was seen of a subject, whether a score is missing does not depend on the score "
        "itself.",
    ),
    ("CI", "Confidence interval."),
    ("SE", "Standard error."),
    ("df", "Degrees of freedom."),
)


def glossary_section(material: Material) -> Section:
    """Each scale of the plan with its range and source, then the terms."""
    names = dict.fromkeys(
        name for endpoint in material.plan.endpoints for name in _scales(material, endpoint)
    )
    scales = tuple((name, _describe(material, name)) for name in names)
    return Section("glossary", "Scales and terms", (Definitions((*scales, *TERMS)),))


def _scales(material: Material, endpoint: str) -> tuple[str, ...]:
    return scales_of(material.plan.endpoints[endpoint])


def _describe(material: Material, name: str) -> str:
    scale = material.plan.scale(name)
    return (
        f"{scale.label}, {scale.low:g} to {scale.high:g}; {scale.better} is better. {scale.source}."
    )
