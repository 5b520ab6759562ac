"""Calls in R (mice) and SAS (PROC MI) of imputation analyses of one arm.

R's rbmi and the macros of Carpenter and Roger compare arms, and need two.
"""

from collections.abc import Iterator

from ketaoutcomes.families.imputation.plan import ConditionalMeanAnalysis, ImputationPart
from ketaoutcomes.report.material import Material

MANY = 1000
"""Imputations that come near to a conditional mean."""


def imputation_calls_of_one_arm(
    material: Material, name: str, analysis: ImputationPart
) -> tuple[str, str]:
    """Imputation, analysis at the visit of the estimand, and pooling."""
    target = material.estimand(name)
    visits = material.plan.phases[material.plan.analysis_phase(name)].treatment_visits
    last = f"y{len(visits)}"
    asked = f"y{visits.index(target.visit or visits[-1]) + 1}"
    draws, seed = getattr(analysis, "imputations", MANY), getattr(analysis, "seed", 1)
    shift = getattr(analysis, "delta", {}).get(target.treatment.active)
    notes = (
        f"w: one row a subject, y1 to {last} the change at each visit, missing where not seen,",
        "covariates less their means, factors as indicators: the intercept is then the mean",
        *_differences(analysis),
    )
    r = [
        *(f"# {note}" for note in notes),
        f'filled <- mice::mice(w, m = {draws}, method = "norm", seed = {seed})',
        *([] if shift is None else [_shift_in_r(analysis, shift, asked)]),
        f"mice::pool(with(filled, lm({asked} ~ {' + '.join(analysis.covariates) or '1'})))",
    ]
    named = "".join(f" {covariate}" for covariate in analysis.covariates)
    sas = [
        *(f"* {note};" for note in notes),
        f"proc mi data=w out=filled nimpute={draws} seed={seed};",
        "  fcs reg;",
        *([] if shift is None else [_shift_in_sas(analysis, shift, asked)]),
        f"  var{named} y1-{last};",
        "run;",
        f"proc reg data=filled outest=found covout;\n  by _imputation_;\n  model {asked} ={named};",
        "run;\nproc mianalyze data=found;\n  modeleffects intercept;\nrun;",
    ]
    return "\n".join(r), "\n".join(sas)


def _shift_in_r(analysis: ImputationPart, shift: float, asked: str) -> str:
    """A comment, as mice has no function for it."""
    times = " times the visits since the event" if getattr(analysis, "delta_per_visit", 0) else ""
    which = ", of those after the event only" if analysis.after_the_event_only else ""
    return f"# add {shift:g}{times} to the imputed {asked} of each dataset{which}"


def _shift_in_sas(analysis: ImputationPart, shift: float, asked: str) -> str:
    """`stopped` is 1 for those whose visit lies after the event."""
    if getattr(analysis, "delta_per_visit", False):
        return f"  * then add {shift:g} times the visits since the event to the imputed {asked};"
    after = " adjustobs=(stopped='1')" if analysis.after_the_event_only else ""
    return f"  mnar adjust({asked} / shift={shift:g}{after});"


def _differences(analysis: ImputationPart) -> Iterator[str]:
    """What the calls do otherwise than the analysis."""
    if isinstance(analysis, ConditionalMeanAnalysis):
        yield "neither has a conditional mean: the limit of many imputations is close"
