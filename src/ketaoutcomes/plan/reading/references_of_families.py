"""Names in the families of hypotheses that point at nothing."""

from collections.abc import Iterator

from ketaoutcomes.families.registry import model_of, models
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path


def in_multiplicity(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Analyses, visits, arms and contrasts that hypotheses speak of."""
    for name, family in plan.multiplicity.items():
        for key, hypothesis in family.hypotheses.items():
            path: Path = ("multiplicity", name, "hypotheses", key)
            yield from named(
                (*path, "analysis"), hypothesis.analysis, "an analysis", tuple(plan.analyses)
            )
            if hypothesis.analysis in plan.analyses:
                yield from _in_hypothesis(plan, path, hypothesis, family.method)


def _in_hypothesis(
    plan: AnalysisPlan, path: Path, hypothesis: Hypothesis, method: str
) -> Iterator[Dangling]:
    analysis = plan.analyses[hypothesis.analysis]
    model = model_of(analysis)
    if method.startswith("dunnett") and not model.correlated:
        fitting = " or ".join(f"`{name}`" for name, each in models().items() if each.correlated)
        yield Dangling(
            (*path, "analysis"),
            hypothesis.analysis,
            f"an analysis by {fitting}, whose correlations `{method}` needs",
            f"`{analysis.model}`",
            remedy=f"use `holm`, or test an analysis by {fitting}",
        )
    if hypothesis.contrast is not None:
        contrasts = tuple(model.contrasts(analysis)) if model.contrasts is not None else ()
        kind = f"a contrast of `{hypothesis.analysis}`"
        yield from named((*path, "contrast"), hypothesis.contrast, kind, contrasts)
    estimand = plan.estimands.get(analysis.estimand)
    endpoint = plan.endpoints.get(estimand.endpoint) if estimand else None
    phase = plan.phases.get(endpoint.phase) if endpoint else None
    if phase is None or estimand is None:
        return
    if not estimand.treatment.compares:
        yield Dangling(
            (*path, "analysis"),
            "",
            "a comparison of arms, which a hypothesis is about",
            f"`{hypothesis.analysis}`, whose estimand has no `reference`",
            remedy="take the hypothesis out: an estimate of one arm has an interval, and no test",
        )
        return
    if hypothesis.visit is not None:
        visits = phase.treatment_visits
        yield from named((*path, "visit"), hypothesis.visit, "a visit after baseline", visits)
    if hypothesis.arm is not None:
        arms = tuple(arm for arm in phase.arms if arm != estimand.treatment.reference)
        yield from named((*path, "arm"), hypothesis.arm, "an active arm", arms)
