"""The methods in words, built from the plan."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.words import safety_in_words, safety_references
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.hypotheses.multiplicity_page import (
    MULTIPLICITY_REFERENCES,
    family_label,
    multiplicity_in_words,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report.blocks import Block, Definitions, Prose, References, Section
from ketaoutcomes.report.conduct import conduct_block
from ketaoutcomes.report.labels import (
    analysis_title,
    comparison_label,
    endpoint_rule,
    estimand_label,
    lowered,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material

AS_GIVEN = (
    " CIs treat the observed covariates as fixed: they do not include the variation from sampling "
    "other participants, which cancels in a comparison but not in one arm."
)
DIRECTION = (
    "Differences between arms are the first-named arm minus the second; ratios are the first "
    "divided by the second."
)
GUIDANCE = ("ICH E9(R1). Addendum on estimands and sensitivity analysis in clinical trials. 2019.",)


def methods_section(material: Material) -> Section:
    """Estimands with their five attributes, models in sentences, and references."""
    plan = material.plan
    used = {analysis.estimand for analysis in plan.analyses.values()}
    conduct = conduct_block(plan)
    blocks: list[Block] = [conduct] if conduct is not None else []
    blocks += [
        Definitions(
            tuple(estimand_attributes(material, plan.estimands[name])),
            f"Estimand: {lowered(estimand_label(plan, name))}",
        )
        for name in plan.estimands
        if name in used
    ]
    in_words = [(_title(material, name), method_in_words(material, name)) for name in plan.analyses]
    cited = (line for name in plan.analyses for line in references_of(material, name))
    references = (*GUIDANCE, *dict.fromkeys(cited))
    if plan.safety is not None:
        in_words.append(("Safety", safety_in_words(plan.safety.p_values, compares=plan.compares)))
        references = (*references, *safety_references(compares=plan.compares))
    for family in plan.multiplicity.values():
        in_words.append((family_label(family), multiplicity_in_words(family)))
        references = (*references, MULTIPLICITY_REFERENCES[family.method])
    references = tuple(dict.fromkeys(references))
    if plan.compares:
        blocks.append(Prose((DIRECTION,)))
    blocks += [Definitions(tuple(in_words), "Analyses"), References(references)]
    return Section("methods", "Methods", tuple(blocks))


def method_in_words(material: Material, name: str) -> str:
    """The method of an analysis, which compares arms or describes one."""
    analysis, target = material.plan.analyses[name], material.estimand(name)
    model = model_of(analysis)
    of_data = model.of_data_in_words(material, name) if model.of_data_in_words else ""
    if target.treatment.compares:
        return model.in_words(analysis) + of_data
    given = target.summary in model.given_covariates and analysis.covariate_names
    return model.in_words(analysis, compares=False) + of_data + (AS_GIVEN if given else "")


def references_of(material: Material, name: str) -> tuple[str, ...]:
    """The publications behind an analysis."""
    analysis = material.plan.analyses[name]
    model = model_of(analysis)
    further = model.further_references(analysis) if model.further_references else ()
    if material.estimand(name).treatment.compares or model.references_of_one_arm is None:
        return (*model.references, *further)
    return model.references_of_one_arm


def estimand_attributes(material: Material, target: Estimand) -> Iterator[tuple[str, str]]:
    """The five attributes of an estimand (ICH E9(R1) A.3.3)."""
    phase = material.plan.endpoints[target.endpoint].phase
    compared = comparison_label(material.plan, phase, target.treatment.arms)
    when = f", at {target.visit}" if target.visit else ""
    events = "; ".join(f"{event}: {how}" for event, how in target.intercurrent_events.items())
    yield "Population", target.population
    by = material.plan.phases[phase].arms_by
    if not target.treatment.compares:
        yield "Treatment", f"{compared}; no other arm"
    elif by is None:
        yield "Treatments", compared
    else:
        yield "Groups", f"{compared}: levels of {plain(by)}, not randomised"
    yield "Endpoint", endpoint_rule(material.plan, target.endpoint) + when
    yield "Intercurrent events", events or "none specified"
    yield "Population-level summary", titled(target.summary)


def _title(material: Material, name: str) -> str:
    return analysis_title(material.plan, name)
