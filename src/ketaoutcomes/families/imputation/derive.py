"""The endpoint of an analysis that imputes: gaps stay, and shifts are looked at."""

from collections.abc import Iterator
from dataclasses import replace

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.change import Incomplete
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.endpoints.derive import DERIVATIONS
from ketaoutcomes.families.imputation.plan import DeltaPart, ImputationPart, TippingPointAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark


def derive_incomplete(plan: AnalysisPlan, name: str, cohort: Cohort) -> EndpointData:
    """Change, response or remission with its gaps, and the event that came before each visit."""
    analysis = plan.analyses[name]
    assert isinstance(analysis, ImputationPart)
    asked = Incomplete(tuple(analysis.strategies), analysis.missing_baseline != "excluded")
    kind = plan.endpoints[plan.estimands[analysis.estimand].endpoint].kind
    data = DERIVATIONS[kind](plan, analysis.estimand, cohort, analysis.covariate_names, asked)
    return replace(data, remarks=(*data.remarks, *shift_warnings(plan, name)))


def shift_warnings(plan: AnalysisPlan, name: str) -> tuple[Remark, ...]:
    """A warning where no shift of the plan goes as far against the treatment as one goes for it."""
    analysis = plan.analyses[name]
    assert isinstance(analysis, ImputationPart)
    endpoint = plan.endpoints[plan.estimands[analysis.estimand].endpoint]
    scale = plan.scale(getattr(endpoint, "scale", ""))
    worse = 1.0 if scale.better == "lower" else -1.0
    return tuple(_favouring(plan, name, analysis, worse))


def _favouring(
    plan: AnalysisPlan, name: str, analysis: ImputationPart, worse: float
) -> Iterator[Remark]:
    """A warning where no shift of the plan goes as far against the treatment as one goes for it.

    Points that make the active arm worse, or the reference better, go against the treatment.
    """
    treatment = plan.estimands[analysis.estimand].treatment
    signs = {treatment.active: worse, treatment.reference: -worse}
    if isinstance(analysis, TippingPointAnalysis):
        key = "delta_range"
        reached = [
            signs[a] * x for a, span in analysis.delta_range.items() if a in signs for x in span
        ]
        against, towards = max(reached, default=0.0), max((-x for x in reached), default=0.0)
    elif isinstance(analysis, DeltaPart):
        key = "delta"
        net = sum(signs[arm] * points for arm, points in analysis.delta.items() if arm in signs)
        against, towards = net, -net
    else:
        return
    if towards > max(against, 0.0):
        better = "lower" if worse > 0 else "higher"
        arm = plan.phases[plan.analysis_phase(name)].arms.get(treatment.active, treatment.active)
        yield Remark(
            f"The imputed scores are moved in favour of {arm}, as {better} scores are better: the "
            "analysis does not test how the result withstands a worse outcome",
            f"`{key}` of analysis `{name}`",
            f"{'Reverse the signs' if against <= 0 else 'Extend the span to worse scores'}, "
            "if a worse outcome after missing data is meant",
            gravity="warning",
        )
