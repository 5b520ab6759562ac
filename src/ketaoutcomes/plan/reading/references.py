"""Names in a plan that point at nothing: arms, visits, endpoints, estimands, scales, hypotheses."""

from collections.abc import Iterator
from itertools import pairwise

from ketaoutcomes.cohorts.evidence.files import claims_that_take_analyses
from ketaoutcomes.families.registry import model_of, models, summaries_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.cuts import Cut
from ketaoutcomes.plan.endpoints import (
    Endpoint,
    EndpointOfCriteria,
    EndpointOfScale,
    RelapseEndpoint,
    RemissionEndpoint,
    ScoreCriterion,
    YesOrNoEndpoint,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.plan.parts import in_style
from ketaoutcomes.plan.reading.dangling import Dangling, named, scale_known
from ketaoutcomes.plan.reading.margins import margin_in_its_unit
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.plan.value import ValueEndpoint
from ketaoutcomes.scales import SCALES, Scale
from ketaoutcomes.vocabulary import OF_YES_OR_NO


def dangling_references(plan: AnalysisPlan) -> tuple[Dangling, ...]:
    """Every name of the plan that the plan does not define."""
    return (
        *_in_data(plan),
        *_in_diary(plan),
        *_in_study(plan),
        *in_claims(plan),
        *_in_phases(plan),
        *_in_endpoints(plan),
        *_in_estimands(plan),
        *_in_analyses(plan),
        *in_multiplicity(plan),
        *_in_power(plan),
        *_in_safety(plan),
        *_in_report(plan),
    )


def _in_report(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Covariates that are given a name and that nothing in the plan uses."""
    used = dict.fromkeys(
        [
            *plan.report.baseline_table,
            *(name for analysis in plan.analyses.values() for name in analysis.covariate_names),
            *(phase.arms_by for phase in plan.phases.values() if phase.arms_by),
        ]
    )
    for name in plan.report.characteristics:
        path: Path = ("report", "characteristics", name)
        yield from named(path, name, "a covariate", (*used,))


def _in_data(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Scales and visits under which the data block names columns."""
    columns = plan.data.file_columns
    scales = (*plan.scales, *SCALES)
    visits = tuple(dict.fromkeys(v for phase in plan.phases.values() for v in phase.schedule()))
    path: Path = ("data", "columns")
    for scale, place in columns.scores.items():
        yield from scale_known((*path, "scores", scale), scale, scales)
        for visit in () if isinstance(place, str) else place:
            yield from named((*path, "scores", scale, visit), visit, "a visit", visits)
    for scale in columns.baselines:
        yield from named((*path, "baselines", scale), scale, "one of `scores`", (*columns.scores,))
    for visit in columns.days:
        yield from named((*path, "days", visit), visit, "a visit", visits)


def _in_diary(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Visits so near to each other that a day of the diary would belong to both."""
    diary = plan.data.diary
    if diary is None:
        return
    for name, phase in plan.phases.items():
        for (before, first), (visit, later) in pairwise(phase.nominal_days.items()):
            least = diary.days - 1 if first == 0 else diary.days
            if later - first < least:
                yield Dangling(
                    ("phases", name, "visits"),
                    "",
                    f"visits at least {diary.days} days apart, as `data.diary` takes the mean of "
                    f"{diary.days} days up to each",
                    f"`{visit}` {later - first:g} days after `{before}`",
                    remedy="move a visit, or take fewer days under `data.diary.days`",
                )


def _in_study(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Claims that the package does not carry, and analyses that the plan does not have."""
    if not plan.study.claims:
        return
    known = claims_that_take_analyses()
    by_analysis = isinstance(plan.study.claims, dict)
    for index, (claim, analyses) in enumerate(plan.study.claimed.items()):
        path: Path = ("study", "claims", claim if by_analysis else index)
        if claim not in known:
            carried = tuple(known)
            yield Dangling(path, claim, "a claim that the package carries", f"`{claim}`", carried)
        elif analyses and not known[claim]:
            yield Dangling(
                path,
                "",
                "no analysis for a claim that none is relevant to",
                ", ".join(f"`{name}`" for name in analyses),
                remedy=f"write `{claim}: []`; the report states the claim and what it rests on",
            )
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
        offered = ", ".join(map(in_style, fitting))
        yield Dangling(
            (*path, "summary"),
            estimand.summary,
            f"a summary that fits a {endpoint.kind} endpoint"
            + ("" if estimand.treatment.compares else " of one arm"),
            f"`{in_style(estimand.summary)}`",
            remedy=f"use one of: {offered or '(none: name the `reference` of `treatment`)'}",
        )


_SCORED = ("change", *OF_YES_OR_NO)


def _in_analyses(plan: AnalysisPlan) -> Iterator[Dangling]:
    for name, analysis in plan.analyses.items():
        path: Path = ("analyses", name)
        yield from named(
            (*path, "estimand"), analysis.estimand, "an estimand", tuple(plan.estimands)
        )
        for index, covariate in enumerate(analysis.covariates_by_visit):
            # subgroups and weights are among `covariate_names`, and no terms of the model
            kind, terms = "one of `covariates`", getattr(analysis, "covariates", ())
            yield from named((*path, "by_visit", index), covariate, kind, terms)
        if (estimand := plan.estimands.get(analysis.estimand)) is not None:
            yield from _in_analysis(plan, path, analysis, estimand)
            yield from margin_in_its_unit(path, analysis, estimand)


def _in_analysis(
    plan: AnalysisPlan, path: Path, analysis: Analysis, estimand: Estimand
) -> Iterator[Dangling]:
    """What a model points at, and whether it fits its endpoint and the arms of its estimand."""
    endpoint = plan.endpoints.get(estimand.endpoint)
    phase = plan.phases.get(endpoint.phase) if endpoint is not None else None
    if (names := model_of(analysis).names) is not None:
        yield from names(plan, path, analysis, estimand, phase)
    if not estimand.treatment.compares:
        yield from of_one_arm(path, analysis)
    fitting = analysis.endpoint_kinds
    if endpoint is not None and endpoint.kind not in fitting:
        yield Dangling(
            (*path, "model"),
            analysis.model,
            f"a model for a {endpoint.kind} endpoint",
            f"`{analysis.model}`",
            remedy=f"`{analysis.model}` takes an endpoint of kind: {', '.join(fitting)}",
        )
    elif estimand.summary in model_of(analysis).without:
        yield Dangling(
            (*path, "model"),
            analysis.model,
            f"a model that estimates a `{in_style(estimand.summary)}`",
            f"`{analysis.model}`",
            remedy="use `proportions`, or another `summary` of the estimand",
        )


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


WAYS = ("measured_utility", "state_utility", "success")
"""What an endpoint of costs and effects may count as its effect, each with a scale."""


def in_scales(plan: AnalysisPlan, path: Path, endpoint: Endpoint) -> Iterator[Dangling]:
    """Scales that the plan does not define, and cuts and utilities that do not fit theirs."""
    known = (*plan.scales, *SCALES)
    for scale_path, scale in _scales_of(endpoint):
        yield from scale_known((*path, *scale_path), scale, known)
    for cut_path, name, cut, wanted in _cuts_of(endpoint):
        if name in known:
            at: Path = (*path, *cut_path, cut.cut_key)
            yield from _beyond_scale(at, plan.scale(name), cut)
            yield from _against(at, plan.scale(name), cut, wanted)
    if isinstance(endpoint, ValueEndpoint) and endpoint.scale in known:
        yield from _in_value(path, endpoint, plan.scale(endpoint.scale))


def _scales_of(endpoint: Endpoint) -> Iterator[tuple[Path, str]]:
    if isinstance(endpoint, EndpointOfCriteria):
        for index, criterion in enumerate(endpoint.any_of):
            if isinstance(criterion, ScoreCriterion):
                yield ("any_of", index, "scale"), criterion.scale
    elif isinstance(endpoint, EndpointOfScale):
        yield ("scale",), endpoint.scale
    elif isinstance(endpoint, ValueEndpoint):
        way = next(key for key in WAYS if getattr(endpoint, key) is not None)
        yield (way, "scale"), endpoint.scale


def _cuts_of(endpoint: Endpoint) -> Iterator[tuple[Path, str, Cut, str]]:
    """Where a cut stands, its scale, the cut, and what it tells: "" where either side is meant."""
    if isinstance(endpoint, EndpointOfCriteria):
        relapse = isinstance(endpoint, RelapseEndpoint) and endpoint.event_is == "unwanted"
        wanted = "relapse" if relapse else ""
        for index, criterion in enumerate(endpoint.any_of):
            if isinstance(criterion, ScoreCriterion):
                yield ("any_of", index), criterion.scale, criterion, wanted
    elif isinstance(endpoint, RemissionEndpoint):
        yield (), endpoint.scale, endpoint, "remission"
    elif isinstance(endpoint, YesOrNoEndpoint):
        yield (), endpoint.scale, endpoint, ""
    elif isinstance(endpoint, ValueEndpoint) and endpoint.success is not None:
        yield ("success",), endpoint.success.scale, endpoint.success, "success"


def _beyond_scale(path: Path, scale: Scale, cut: Cut) -> Iterator[Dangling]:
    """A cut that no score of the scale can cross."""
    if not scale.low <= cut.cut <= scale.high:
        yield Dangling(
            path,
            "",
            f"a {scale.name} score from {scale.low:g} to {scale.high:g}",
            f"{cut.cut:g}",
            remedy="correct the cut-off, or the scale",
        )


def _against(path: Path, scale: Scale, cut: Cut, wanted: str) -> Iterator[Dangling]:
    """A remission or success on the worse side of its cut, or a relapse on the better one."""
    if not wanted or cut.counts_improvement(scale.better) == (wanted != "relapse"):
        return
    right = "at_least" if cut.cut_key == "at_most" else "at_most"
    yield Dangling(
        path,
        "",
        f"`{right}`: {scale.better} {scale.name} scores are better, so that a {wanted} is a score "
        f"at or {'above' if right == 'at_least' else 'below'} the cut",
        f"`{cut.cut_key}: {cut.cut:g}`",
        remedy=f"write `{right}: {cut.cut:g}`, or correct `better` of the scale",
    )


def _in_value(path: Path, endpoint: ValueEndpoint, scale: Scale) -> Iterator[Dangling]:
    """A utility that is no utility, or states whose utilities run against the scale."""
    if endpoint.measured_utility is not None and scale.better == "lower":
        yield Dangling(
            (*path, "measured_utility", "scale"),
            "",
            "a utility index with higher values for better health",
            f"`{scale.name}`, whose lower values are better",
            remedy="name a utility index such as `EQ-5D`, or use `state_utility`",
        )
    if endpoint.state_utility is None:
        return
    steps = [b.utility - a.utility for a, b in pairwise(endpoint.state_utility.states)]
    towards = 1.0 if scale.better == "higher" else -1.0
    if all(towards * step < 0 for step in steps):
        course = "fall" if scale.better == "lower" else "rise"
        yield Dangling(
            (*path, "state_utility", "states"),
            "",
            f"utilities that {course} with the score, as {scale.better} {scale.name} scores are "
            "better",
            f"utilities that {'rise' if course == 'fall' else 'fall'} with it throughout",
            remedy="correct the utilities, or `better` of the scale",
        )


def _models_of_one_arm() -> tuple[str, ...]:
    return tuple(name for name, model in models().items() if model.part.fits_one_arm)


def reference_told(path: Path, reference: str, phase: Phase) -> Iterator[Dangling]:
    """A reference is an arm of the phase; only a phase of one arm has none."""
    arms = tuple(phase.arms)
    if reference:
        yield from named((*path, "reference"), reference, "an arm of the phase", arms)
    elif phase.only_arm is None:
        expected = "`reference`, the arm that others are compared with"
        yield Dangling(path, "", expected, "no `reference`", arms)


def in_claims(plan: AnalysisPlan) -> Iterator[Dangling]:
    """Claims of effects are set beside comparisons; an estimate of one arm bears on none."""
    primary = tuple(name for name, part in plan.analyses.items() if part.role == "primary")
    by_analysis = isinstance(plan.study.claims, dict)
    for index, (claim, named_analyses) in enumerate(plan.study.claimed.items()):
        path: Path = ("study", "claims", claim if by_analysis else index)
        relevant = named_analyses if by_analysis else primary
        alone = [name for name in relevant if _is_of_one_arm(plan, name)]
        if alone:
            yield Dangling(
                path,
                "",
                "claims of effects together with analyses that compare arms",
                f"`{claim}` next to {', '.join(f'`{name}`' for name in alone)}, of one arm",
                remedy="take the claim out, or name analyses that compare arms",
            )


def _is_of_one_arm(plan: AnalysisPlan, analysis: str) -> bool:
    if analysis not in plan.analyses:
        return False
    estimand = plan.estimands.get(plan.analyses[analysis].estimand)
    return estimand is not None and not estimand.treatment.compares


def of_one_arm(path: Path, analysis: AnalysisPart) -> Iterator[Dangling]:
    """An analysis that compares arms, of an estimand that has one."""
    if not analysis.fits_one_arm:
        yield Dangling(
            (*path, "model"),
            "",
            "a model of one arm, as the estimand has no `reference`",
            f"`{analysis.model}`, which compares arms",
            remedy=f"use one of: {', '.join(_models_of_one_arm())}",
        )
        return
    fields = type(analysis).model_fields
    for key in analysis.comparing_keys:
        if getattr(analysis, key) != fields[key].get_default():
            yield Dangling(
                (*path, key),
                "",
                "what one arm can have, as the estimand has no `reference`",
                f"`{key}`, which belongs to a comparison of arms",
                remedy="remove it",
            )


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
