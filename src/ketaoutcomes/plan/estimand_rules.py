"""Rules of sound estimands: what a plan may not claim, and what its reader should be told.

One small function a rule; the rules of a model are its family's. A refusal is a fault of the plan;
a warning is printed and shown in the report. Each names its source.
"""

from collections.abc import Callable, Iterator

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.estimand_finding import EstimandFinding
from ketaoutcomes.plan.parts import in_style
from ketaoutcomes.vocabulary import E9, EndpointKind, Strategy

E10 = "ICH E10 on the choice of control group, 2000, section 1.2"

STRATEGIES: dict[EndpointKind, tuple[Strategy, ...]] = {
    "change": ("treatment policy", "hypothetical"),
    "response": ("treatment policy", "hypothetical", "composite"),
    "yes_or_no": ("treatment policy", "hypothetical", "composite"),
    "remission": ("treatment policy", "hypothetical", "composite"),
    "time_to_relapse": ("treatment policy", "hypothetical", "composite"),
    "time_to_event": ("treatment policy", "hypothetical", "composite"),
}
"""Strategies that each kind of endpoint can carry out; a change has no outcome that is an event."""


def estimand_findings(plan: AnalysisPlan) -> tuple[EstimandFinding, ...]:
    """Every rule that the plan breaks, in the order of the plan."""
    found = [
        finding
        for name, estimand in plan.estimands.items()
        if estimand.endpoint in plan.endpoints
        for rule in ESTIMAND_RULES
        for finding in rule(plan, name, estimand)
    ]
    found += [
        finding
        for name, analysis in plan.analyses.items()
        if analysis.estimand in plan.estimands
        for rule in (sensitivity_shares_its_estimand, *model_of(analysis).rules)
        for finding in rule(plan, name, analysis)
    ]
    return tuple(found)


def estimand_warnings(plan: AnalysisPlan) -> tuple[str, ...]:
    """The findings that do not stop the plan, in words."""
    return tuple(finding.sentence for finding in estimand_findings(plan) if not finding.refused)


def cautions(plan: AnalysisPlan) -> tuple[str, ...]:
    """The same for the reader of the report: each caution once, with the places of the plan."""
    places: dict[tuple[str, str], list[str]] = {}
    for finding in estimand_findings(plan):
        if not finding.refused:
            places.setdefault((finding.for_reader, finding.source), []).append(finding.place)
    return tuple(
        f"{words.rstrip('.')} ({source}; in the plan: {', '.join(f'`{one}`' for one in where)})."
        for (words, source), where in places.items()
    )


def population_is_said(
    _plan: AnalysisPlan, name: str, estimand: Estimand
) -> Iterator[EstimandFinding]:
    """The population is one of the five attributes."""
    if not estimand.population.strip():
        yield EstimandFinding(
            ("estimands", name, "population"),
            "the population in words, one of the five attributes of an estimand",
            "no words",
            "say whose outcomes the question is about",
            f"{E9}, A.3.3",
        )


def intercurrent_events_are_named(
    _plan: AnalysisPlan, name: str, estimand: Estimand
) -> Iterator[EstimandFinding]:
    """Intercurrent events and their handling are one of the five attributes."""
    if not estimand.intercurrent_events:
        yield EstimandFinding(
            ("estimands", name),
            "an estimand names its intercurrent events with a strategy each",
            "`intercurrent_events` names none",
            "Name at least discontinuation of treatment",
            f"{E9}, A.3.3",
            refused=False,
            for_reader="The plan specifies no intercurrent event, so that the handling of those "
            "who stopped treatment is undefined.",
        )


def one_arm_shows_no_effect(
    plan: AnalysisPlan, name: str, _estimand: Estimand
) -> Iterator[EstimandFinding]:
    """Without a comparator the outcome holds more than the treatment; said once a plan."""
    alone = (other for other, e in plan.estimands.items() if not e.treatment.compares)
    if name == next(alone, None):
        yield EstimandFinding(
            ("estimands", name, "treatment"),
            "without a comparator, change is also due to natural course, regression to the mean, "
            "expectation and other treatment",
            "no `reference`",
            "Read it as a description, not as an effect",
            E10,
            refused=False,
            for_reader="Uncontrolled study: changes cannot be attributed to treatment. They are "
            "also due to natural course, regression to the mean, expectation and other treatment.",
        )


def strategies_fit_the_endpoint(
    plan: AnalysisPlan, name: str, estimand: Estimand
) -> Iterator[EstimandFinding]:
    """A strategy must be one that the endpoint can carry out."""
    kind = plan.endpoints[estimand.endpoint].kind
    fitting = STRATEGIES.get(kind)
    if fitting is None:
        return
    for event, strategy in estimand.intercurrent_events.items():
        if strategy not in fitting:
            yield EstimandFinding(
                ("estimands", name, "intercurrent_events", event),
                f"a strategy that a {kind} endpoint can carry out: {', '.join(fitting)}",
                f"`{in_style(strategy)}`",
                "composite needs an outcome that the event can be part of: a response, a remission "
                "or a time to event"
                if strategy == "composite"
                else "choose one of these, or another endpoint",
                f"{E9}, A.3.2",
            )


def composite_events_are_recorded(
    plan: AnalysisPlan, name: str, estimand: Estimand
) -> Iterator[EstimandFinding]:
    """An event that is part of the outcome must be in the data."""
    files = plan.data.files
    if files is None or "events" in files:
        return
    if plan.endpoints[estimand.endpoint].kind not in ("time_to_relapse", "time_to_event"):
        return  # a score missing after the event counts as failure by `missing_as`
    for event, strategy in estimand.intercurrent_events.items():
        if strategy == "composite":
            yield EstimandFinding(
                ("estimands", name, "intercurrent_events", event),
                f"a record of `{event}`, which the composite strategy counts as the outcome",
                "no `events` file",
                "name an `events` file, or choose another strategy",
                f"{E9}, A.3.2",
            )


def sensitivity_shares_its_estimand(
    plan: AnalysisPlan, name: str, analysis: Analysis
) -> Iterator[EstimandFinding]:
    """A sensitivity analysis varies the assumptions behind one estimand."""
    if analysis.role != "sensitivity":
        return
    main = {
        other.estimand for other in plan.analyses.values() if other.role in ("primary", "secondary")
    }
    if analysis.estimand not in main:
        yield EstimandFinding(
            ("analyses", name, "role"),
            "a sensitivity analysis of an estimand that a primary or secondary analysis estimates",
            f"`sensitivity` for `{analysis.estimand}`, which none of them estimates",
            "an analysis that targets another estimand is `supplementary`",
            f"{E9}, A.5.2 and A.5.3",
        )


ESTIMAND_RULES: tuple[Callable[[AnalysisPlan, str, Estimand], Iterator[EstimandFinding]], ...] = (
    population_is_said,
    intercurrent_events_are_named,
    one_arm_shows_no_effect,
    strategies_fit_the_endpoint,
    composite_events_are_recorded,
)
