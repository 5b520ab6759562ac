"""Names in a plan that point at nothing: arms, visits, endpoints, estimands, scales."""

from collections.abc import Iterator

from ketaoutcomes.cohorts.evidence.files import claim_names
from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.families.registry import summaries_of
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.shared.plan import RepeatedMeasuresPart
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.plan.endpoints import (
    Endpoint,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.references_of_families import in_multiplicity
from ketaoutcomes.plan.reading.references_of_models import in_delayed_entry, in_model
from ketaoutcomes.plan.reading.references_of_one_arm import (
    in_claims,
    of_one_arm,
    reference_told,
)
from ketaoutcomes.plan.reading.references_of_scales import in_scales
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.scales import SCALES


def dangling_references(plan: AnalysisPlan) -> tuple[Dangling, ...]:
    """Every name of the plan that the plan does not define."""
    return (
        *_in_data(plan),
        *_in_study(plan),
        *in_claims(plan),
        *_in_phases(plan),
        *_in_endpoints(plan),
        *_in_estimands(plan),
        *_in_analyses(plan),
        *in_multiplicity(plan),
        *_in_power(plan),
        *_in_safety(plan),
    )


def _in_data(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Scales and visits under which the data block names columns."""
    columns = plan.data.file_columns
    scales = (*plan.scales, *SCALES)
    visits = tuple(dict.fromkeys(v for phase in plan.phases.values() for v in phase.schedule()))
    path: Path = ("data", "columns")
    for scale, place in columns.scores.items():
        yield from named((*path, "scores", scale), scale, "a scale", scales)
        for visit in () if isinstance(place, str) else place:
            yield from named((*path, "scores", scale, visit), visit, "a visit", visits)
    for scale in columns.baselines:
        yield from named((*path, "baselines", scale), scale, "one of `scores`", (*columns.scores,))
    for visit in columns.days:
        yield from named((*path, "days", visit), visit, "a visit", visits)


def _in_study(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Claims that the package does not carry, and analyses that the plan does not have."""
    if not plan.study.claims:
        return
    known = claim_names()
    by_analysis = isinstance(plan.study.claims, dict)
    for index, (claim, analyses) in enumerate(plan.study.claimed.items()):
        path: Path = ("study", "claims", claim if by_analysis else index)
        if claim not in known:
            yield Dangling(path, claim, "a claim that the package carries", f"`{claim}`", known)
        for place, analysis in enumerate(analyses):
            yield from named((*path, place), analysis, "an analysis", tuple(plan.analyses))


def _in_phases(plan: AnalysisPlan) -> Iterator[Dangling]:
    for name, phase in plan.phases.items():
        path: Path = ("phases", name)
        yield from reference_told(path, phase.reference, phase)


def _in_endpoints(plan: AnalysisPlan) -> Iterator[Dangling]:
    for name, endpoint in plan.endpoints.items():
        path: Path = ("endpoints", name)
        yield from named((*path, "phase"), endpoint.phase, "a phase", tuple(plan.phases))
        yield from in_scales(plan, path, endpoint)


def _in_estimands(plan: AnalysisPlan) -> Iterator[Dangling]:
    for name, estimand in plan.estimands.items():
        path: Path = ("estimands", name)
        yield from named(
            (*path, "endpoint"), estimand.endpoint, "an endpoint", tuple(plan.endpoints)
        )
        endpoint = plan.endpoints.get(estimand.endpoint)
        if endpoint is not None and endpoint.phase in plan.phases:
            yield from _in_estimand(plan, path, estimand, endpoint)


def _in_estimand(
    plan: AnalysisPlan, path: Path, estimand: Estimand, endpoint: Endpoint
) -> Iterator[Dangling]:
    """The arms and the visit of an estimand, and whether its summary fits its endpoint."""
    phase = plan.phases[endpoint.phase]
    arms = tuple(phase.arms)
    kind = f"an arm of phase `{endpoint.phase}`"
    yield from named((*path, "treatment", "active"), estimand.treatment.active, kind, arms)
    yield from reference_told((*path, "treatment"), estimand.treatment.reference, phase)
    if endpoint.kind in _SCORED:
        if estimand.visit is None:
            yield Dangling(
                path, "", "`visit`, the time of the comparison", "no visit", phase.treatment_visits
            )
        else:
            kind = f"a visit after baseline of phase `{endpoint.phase}`"
            yield from named((*path, "visit"), estimand.visit, kind, phase.treatment_visits)
    fitting = summaries_of(endpoint.kind, compares=estimand.treatment.compares)
    if estimand.summary not in fitting:
        yield Dangling(
            (*path, "summary"),
            estimand.summary,
            f"a summary that fits a {endpoint.kind} endpoint"
            + ("" if estimand.treatment.compares else " of one arm"),
            f"`{estimand.summary}`",
            fitting,
            f"use one of: {', '.join(fitting) or '(none: name the `reference` of `treatment`)'}",
        )


_SCORED = ("change", "response", "remission")


def _in_analyses(plan: AnalysisPlan) -> Iterator[Dangling]:
    for name, analysis in plan.analyses.items():
        path: Path = ("analyses", name)
        yield from named(
            (*path, "estimand"), analysis.estimand, "an estimand", tuple(plan.estimands)
        )
        if isinstance(analysis, RepeatedMeasuresPart):
            for index, covariate in enumerate(analysis.by_visit):
                yield from named(
                    (*path, "by_visit", index),
                    covariate,
                    "one of `covariates`",
                    analysis.covariates,
                )
        if (estimand := plan.estimands.get(analysis.estimand)) is not None:
            yield from _in_analysis(plan, path, analysis, estimand)


def _in_analysis(
    plan: AnalysisPlan, path: Path, analysis: Analysis, estimand: Estimand
) -> Iterator[Dangling]:
    """What a model points at, and whether it fits its endpoint and the arms of its estimand."""
    if isinstance(analysis, ImputationPart):
        yield from _in_imputation(plan, path, analysis, estimand)
    if not estimand.treatment.compares:
        yield from of_one_arm(path, analysis)
    endpoint = plan.endpoints.get(estimand.endpoint)
    if endpoint is None:
        return
    if isinstance(analysis, MmrmAnalysis):
        yield from _in_contrasts(plan, path, analysis, endpoint.phase)
    if endpoint.phase in plan.phases:
        yield from in_model(plan, path, analysis, plan.phases[endpoint.phase])
    yield from in_delayed_entry(plan, path, analysis, endpoint)
    fitting = analysis.endpoint_kinds
    if endpoint.kind not in fitting:
        yield Dangling(
            (*path, "model"),
            analysis.model,
            f"a model for a {endpoint.kind} endpoint",
            f"`{analysis.model}`",
            remedy=f"`{analysis.model}` takes an endpoint of kind: {', '.join(fitting)}",
        )


def _in_imputation(
    plan: AnalysisPlan, path: Path, analysis: ImputationPart, estimand: Estimand
) -> Iterator[Dangling]:
    """Events that have a strategy, and arms that are shifted."""
    kind = f"an intercurrent event of estimand `{analysis.estimand}`"
    for event in analysis.after:
        yield from named((*path, "after", event), event, kind, tuple(estimand.intercurrent_events))
    if analysis.dropout_counts_as is not None:
        event = analysis.dropout_counts_as
        at: Path = (*path, "dropout_counts_as")
        yield from named(at, event, "an event of `after`", tuple(analysis.after))
    endpoint = plan.endpoints.get(estimand.endpoint)
    phase = plan.phases.get(endpoint.phase) if endpoint is not None else None
    if phase is None:
        return
    for key in ("delta", "shifts"):
        for arm in getattr(analysis, key, {}):
            yield from named((*path, key, arm), arm, "an arm of the phase", tuple(phase.arms))


def _in_contrasts(
    plan: AnalysisPlan, path: Path, analysis: MmrmAnalysis, phase_name: str
) -> Iterator[Dangling]:
    """Arms and visits of the named contrasts."""
    phase = plan.phases.get(phase_name)
    if phase is None:
        return
    arms, visits = tuple(phase.arms), phase.treatment_visits
    for name, wanted in analysis.contrasts.items():
        at: Path = (*path, "contrasts", name)
        for arm in wanted.arms:
            yield from named((*at, "arms", arm), arm, f"an arm of phase `{phase_name}`", arms)
        kind = f"a visit after baseline of phase `{phase_name}`"
        for visit in wanted.visits:
            yield from named((*at, "visits", visit), visit, kind, visits)
        for key in ("average_over", "slope_over"):
            for index, visit in enumerate(getattr(wanted, key)):
                yield from named((*at, key, index), visit, kind, visits)


def _in_power(plan: AnalysisPlan) -> Iterator[Dangling]:
    for index, name in enumerate(plan.power.analyses):
        path: Path = ("power", "analyses", index)
        yield from named(path, name, "an analysis", tuple(plan.analyses))
    for index, name in enumerate(plan.power.families):
        path = ("power", "families", index)
        yield from named(path, name, "a family of `multiplicity`", tuple(plan.multiplicity))


def _in_safety(plan: AnalysisPlan) -> Iterator[Dangling]:
    for index, phase in enumerate(plan.safety.phases if plan.safety else ()):
        yield from named(("safety", "phases", index), phase, "a phase", tuple(plan.phases))
