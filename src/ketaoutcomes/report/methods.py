"""The methods in words, built from the plan."""

from collections.abc import Callable, Iterator
from typing import Final

from ketaoutcomes.describe.safety.words import safety_in_words, safety_references
from ketaoutcomes.families.cost_effectiveness.page import VALUE_REFERENCES, value_in_words
from ketaoutcomes.families.crossover.page import CROSSOVER_REFERENCES, crossover_in_words
from ketaoutcomes.families.dose_response.page import DOSE_REFERENCES, dose_in_words
from ketaoutcomes.families.imputation.words import REFERENCES as IMPUTATION_REFERENCES
from ketaoutcomes.families.imputation.words import imputation_in_words
from ketaoutcomes.families.incidence.page import (
    CLOPPER_PEARSON,
    HANLEY,
    INCIDENCE_REFERENCES,
    incidence_in_words,
)
from ketaoutcomes.families.mediation.page import MEDIATION_REFERENCES, mediation_in_words
from ketaoutcomes.families.proportions.words import (
    PROPORTION_REFERENCES,
    WILSON,
    proportions_in_words,
)
from ketaoutcomes.families.repeated_binary.words import gee_in_words, logistic_mixed_in_words
from ketaoutcomes.families.repeated_measures.words import mmrm_in_words, random_effects_in_words
from ketaoutcomes.families.shared.survival_words import (
    KAPLAN_MEIER,
    PARAMETRIC_REFERENCES,
    RECURRENT_REFERENCES,
    RESTRICTED_MEAN,
    SURVIVAL_REFERENCES,
    aft_in_words,
    interval_censored_in_words,
    recurrent_in_words,
    time_to_event_in_words,
)
from ketaoutcomes.families.standardisation.page import (
    STANDARDISATION_REFERENCES,
    standardisation_in_words,
)
from ketaoutcomes.families.trajectories.page import TRAJECTORY_REFERENCES, trajectories_in_words
from ketaoutcomes.hypotheses.multiplicity_page import MULTIPLICITY_REFERENCES, multiplicity_in_words
from ketaoutcomes.plan.analyses import TimeToEventAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report.blocks import Block, Definitions, References, Section
from ketaoutcomes.report.delayed_entry import delayed_entry_in_words, has_delayed_entry
from ketaoutcomes.report.labels import analysis_title, arm_label, endpoint_rule, plain, titled
from ketaoutcomes.report.material import Material

RANDOM_EFFECTS = (
    "Laird NM, Ware JH. Random-effects models for longitudinal data. Biometrics 1982;38:963-974.",
)
REFERENCES = {
    "mmrm": (
        "Mallinckrodt CH, Lane PW, Schnell D, Peng Y, Mancuso JP. Recommendations for the primary "
        "analysis of continuous endpoints in longitudinal clinical trials. Drug Inf J "
        "2008;42:303-319.",
    ),
    "random_intercept": RANDOM_EFFECTS,
    "random_slope": RANDOM_EFFECTS,
    "crossover": CROSSOVER_REFERENCES,
    "gee": (
        "Liang KY, Zeger SL. Longitudinal data analysis using generalized linear models. "
        "Biometrika 1986;73:13-22.",
        "Mancl LA, DeRouen TA. A covariance estimator for GEE with improved small-sample "
        "properties. Biometrics 2001;57:126-134.",
    ),
    "logistic_mixed": (
        "Pinheiro JC, Bates DM. Approximations to the log-likelihood function in the nonlinear "
        "mixed-effects model. J Comput Graph Stat 1995;4:12-35.",
    ),
    "proportions": PROPORTION_REFERENCES,
    "incidence": INCIDENCE_REFERENCES,
    "g_computation": STANDARDISATION_REFERENCES,
    "dose_response": DOSE_REFERENCES,
    "trajectory_classes": TRAJECTORY_REFERENCES,
    "mediation": MEDIATION_REFERENCES,
    "cost_effectiveness": VALUE_REFERENCES,
    **IMPUTATION_REFERENCES,
    "time_to_event": SURVIVAL_REFERENCES,
    "aft": PARAMETRIC_REFERENCES,
    "interval_censored": PARAMETRIC_REFERENCES,
    "recurrent_events": RECURRENT_REFERENCES,
}
REFERENCES_OF_ONE_ARM = {
    "proportions": WILSON,
    "incidence": (CLOPPER_PEARSON, HANLEY),
    "time_to_event": (KAPLAN_MEIER, RESTRICTED_MEAN),
}
"""Of the models that otherwise cite how arms are compared."""
GIVEN_COVARIATES = (
    ("mean change", "mmrm"),
    ("mean change", "random_intercept"),
    ("mean change", "random_slope"),
    ("mean change", "gee"),
    ("mean change", "multiple_imputation"),
    ("proportion", "gee"),
    ("proportion", "logistic_mixed"),
)
"""Summary and model of one arm whose standard errors are those at these covariates."""
AS_GIVEN = (
    " Intervals take the covariates of these subjects as given: they leave out the chance that "
    "other subjects had come, which cancels in a comparison and not in one arm."
)
GUIDANCE = ("ICH E9(R1). Addendum on estimands and sensitivity analysis in clinical trials. 2019.",)


def methods_section(material: Material) -> Section:
    """Estimands with their five attributes, models in sentences, and references."""
    plan = material.plan
    used = {analysis.estimand for analysis in plan.analyses.values()}
    blocks: list[Block] = [
        Definitions(
            tuple(estimand_attributes(material, plan.estimands[name])),
            f"Estimand: {plain(name)}",
        )
        for name in plan.estimands
        if name in used
    ]
    in_words = [(_title(material, name), method_in_words(material, name)) for name in plan.analyses]
    cited = (line for name in plan.analyses for line in references_of(material, name))
    references = (*GUIDANCE, *dict.fromkeys(cited))
    if plan.safety is not None:
        in_words.append(("Safety", safety_in_words(compares=plan.compares)))
        references = (*references, *safety_references(compares=plan.compares))
    for name, family in plan.multiplicity.items():
        in_words.append((family.label or titled(plain(name)), multiplicity_in_words(family)))
        references = (*references, MULTIPLICITY_REFERENCES[family.method])
    references = tuple(dict.fromkeys(references))
    blocks += [Definitions(tuple(in_words), "Analyses"), References(references)]
    return Section("methods", "Methods", tuple(blocks))


def method_in_words(material: Material, name: str) -> str:
    """The method of an analysis, which compares arms or describes one."""
    analysis, target = material.plan.analyses[name], material.estimand(name)
    words = IN_WORDS[analysis.model]
    entry = ""
    if isinstance(analysis, TimeToEventAnalysis) and has_delayed_entry(material, name):
        entry = delayed_entry_in_words(analysis)
    if target.treatment.compares:
        return words(analysis) + entry
    given = (target.summary, analysis.model) in GIVEN_COVARIATES and analysis.covariate_names
    return words(analysis, compares=False) + entry + (AS_GIVEN if given else "")


def references_of(material: Material, name: str) -> tuple[str, ...]:
    """The publications behind an analysis."""
    model = material.plan.analyses[name].model
    if material.estimand(name).treatment.compares:
        return REFERENCES[model]
    return REFERENCES_OF_ONE_ARM.get(model, REFERENCES[model])


def estimand_attributes(material: Material, target: Estimand) -> Iterator[tuple[str, str]]:
    """The five attributes of an estimand (ICH E9(R1) A.3.3)."""
    phase = material.plan.endpoints[target.endpoint].phase
    arms = [arm_label(material.plan, phase, arm) for arm in target.treatment.arms]
    when = f", at {target.visit}" if target.visit else ""
    events = "; ".join(f"{event}: {how}" for event, how in target.intercurrent_events.items())
    yield "Population", target.population
    by = material.plan.phases[phase].arms_by
    compared = " against ".join(arms)
    if not target.treatment.compares:
        yield "Treatment", f"{compared}; it is compared with none"
    elif by is None:
        yield "Treatments", compared
    else:
        yield "Groups", f"{compared}, levels of {plain(by)}: nobody was allocated to them"
    yield "Variable", endpoint_rule(material.plan, target.endpoint) + when
    yield "Intercurrent events", events or "none named"
    yield "Summary measure", titled(target.summary)


def _title(material: Material, name: str) -> str:
    return f"{titled(plain(name))}: {analysis_title(material.plan, name).lower()}"


IN_WORDS: Final[dict[str, Callable[..., str]]] = {
    "mmrm": mmrm_in_words,
    "random_intercept": random_effects_in_words,
    "random_slope": random_effects_in_words,
    "crossover": crossover_in_words,
    "gee": gee_in_words,
    "logistic_mixed": logistic_mixed_in_words,
    "proportions": proportions_in_words,
    "incidence": incidence_in_words,
    "g_computation": standardisation_in_words,
    "dose_response": dose_in_words,
    "trajectory_classes": trajectories_in_words,
    "mediation": mediation_in_words,
    "cost_effectiveness": value_in_words,
    "multiple_imputation": imputation_in_words,
    "conditional_mean": imputation_in_words,
    "tipping_point": imputation_in_words,
    "time_to_event": time_to_event_in_words,
    "aft": aft_in_words,
    "interval_censored": interval_censored_in_words,
    "recurrent_events": recurrent_in_words,
}
"""Model of an analysis -> its method in words."""
