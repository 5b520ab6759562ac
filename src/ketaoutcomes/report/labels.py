"""Names of the plan in a reader's words."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Final

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan, Characteristic
from ketaoutcomes.plan.cuts import Cut
from ketaoutcomes.plan.endpoints import (
    ChangeEndpoint,
    Criterion,
    Endpoint,
    EventCriterion,
    IncidenceEndpoint,
    OnsetPart,
    RecurrentEventsEndpoint,
    RelapseEndpoint,
    RemissionEndpoint,
    ResponseDurationEndpoint,
    ResponseEndpoint,
    ResponseTimeEndpoint,
    TimeToEventEndpoint,
    YesOrNoEndpoint,
)
from ketaoutcomes.scales import POINTS, Scale
from ketaoutcomes.vocabulary import EndpointKind


def joined(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`."""
    *first, final = words
    return f"{', '.join(first)} {last} {final}" if first else final


def listed(words: Iterable[str], last: str = "and") -> str:
    """As `joined`, with semicolons where one of the words has a comma, or this word, itself."""
    *first, final = words
    if not any("," in word or f" {last} " in word for word in (*first, final)):
        return joined((*first, final), last)
    return f"{'; '.join(first)}; {last} {final}" if first else final


def adjusted_for(names: Iterable[str]) -> str:
    """Covariates as they follow the words of a model; nothing where there are none."""
    known = tuple(names)
    return f" adjusted for {joined(map(plain, known))}" if known else ""


ABBREVIATIONS = {
    **{
        word.lower(): word
        for word in ("BDNF", "BMI", "CRP", "GEE", "GLMM", "HAMD6", "MMRM", "MMSE")
    },
    "il 6": "IL-6",
}
"""Words that a name of the plan writes small."""

_ABBREVIATED = re.compile(rf"\b({'|'.join(ABBREVIATIONS)})\b")


_CHARACTERISTICS: ContextVar[Mapping[str, Characteristic]] = ContextVar(
    "characteristics", default=MappingProxyType({})
)
"""What the plan calls covariates, while one of its pages is composed."""


@contextmanager
def characteristics_of(plan: AnalysisPlan) -> Iterator[None]:
    """Within, covariates have the names that the plan gives them.

    Sentences about a method are made from its analysis alone, which does not know the report.
    """
    token = _CHARACTERISTICS.set(plan.report.characteristics)
    try:
        yield
    finally:
        _CHARACTERISTICS.reset(token)


def plain(name: str) -> str:
    """A name of the plan, or "covariate: level", as words."""
    own, *level = name.split(": ", 1)
    known = _CHARACTERISTICS.get().get(own)
    if known is not None:
        return ": ".join([lowered(known.label), *(level_words(own, one) for one in level)])
    return _ABBREVIATED.sub(lambda found: ABBREVIATIONS[found[0]], name.replace("_", " "))


def level_words(variable: str, level: str) -> str:
    """What the plan calls a level of a covariate, or the level itself."""
    known = _CHARACTERISTICS.get().get(variable)
    return level if known is None else known.levels.get(level, level)


def with_unit(name: str) -> str:
    """A covariate as the head of its rows: `Age, years`."""
    known = _CHARACTERISTICS.get().get(name)
    return titled(plain(name)) + (f", {known.unit}" if known is not None and known.unit else "")


def titled(words: str) -> str:
    """Words with a capital at the start, the rest untouched."""
    return words[:1].upper() + words[1:]


PEOPLES: Final = re.compile(
    r"\b(african|alaska native|american|asian|caucasian|hispanic|indian|latino|"
    r"native hawaiian|pacific islander)\b",
    re.IGNORECASE,
)
"""Words with a capital in every spelling: those of CDISC's codelists of race and ethnicity."""

SEXES: Final = {"F": "Female", "M": "Male", "U": "Unknown"}
"""CDISC's codelist SEX."""


def level_label(variable: str, level: str, levels: Iterable[str]) -> str:
    """A level of a characteristic as a reader has it; sexes told by a letter are spelled out."""
    if (named := level_words(variable, level)) != level:
        return named
    if variable.casefold() in {"sex", "gender"} and set(levels) <= set(SEXES):
        return SEXES[level]
    return sentence_case(level) if len(level) > LONGEST_ABBREVIATION else titled(level)


LONGEST_ABBREVIATION = 4
"""Letters; longer words in capitals are no abbreviation."""


def sentence_case(words: str) -> str:
    """Words in capitals made readable, peoples with their capitals; others are left as they are."""
    if not words.isupper():
        return titled(words)
    return PEOPLES.sub(lambda found: found[0].title(), words.capitalize())


def lowered(words: str) -> str:
    """Words without a capital at the start, unless they begin with an abbreviation."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def arm_label(plan: AnalysisPlan, phase: str, arm: str) -> str:
    """The label of an arm."""
    return plan.phases[phase].arms.get(arm, arm)


CAPITAL: Final = re.compile(r"[^\W_a-z]{2}|.*\s[^\W\d_a-z][a-z]")
"""The start of words that keep their capitals: an abbreviation, or another capital further on."""


OF_PEOPLE: Final = re.compile(
    r"(?:assigned|given|had|no|not|randomised|switched|treated|withdrawn)\b", re.IGNORECASE
)
"""The start of a label that says what was done to people, and does not name a treatment."""


def arm_within(plan: AnalysisPlan, phase: str, arm: str) -> str:
    """The label of an arm within a sentence.

    It has no capital at its start unless it keeps one as a name, as levels of a covariate do.
    """
    label = arm_label(plan, phase, arm)
    if plan.phases[phase].arms_by is not None:
        return label
    return label if len(label) < LONGEST_ABBREVIATION or CAPITAL.match(label) else lowered(label)


def with_arm(plan: AnalysisPlan, phase: str, arm: str) -> str:
    """`with ketamine`; of a label that names no treatment, `in the group “Had injected”`."""
    label = arm_label(plan, phase, arm)
    observed = plan.phases[phase].arms_by is not None or plan.study.design == "observational"
    if observed or OF_PEOPLE.match(label):
        return f"in the group “{label}”"
    return f"with {arm_within(plan, phase, arm)}"


def comparison_label(plan: AnalysisPlan, phase: str, arms: Iterable[str]) -> str:
    """`Active versus reference`, or the one arm, to stand as a line or at the start of one."""
    first, *others = (arm for arm in arms if arm)
    words = (arm_label(plan, phase, first), *(arm_within(plan, phase, arm) for arm in others))
    return " versus ".join(words)


def arms_of(plan: AnalysisPlan, phase: str) -> tuple[str, ...]:
    """The arms of a phase, the reference first."""
    of_phase = plan.phases[phase]
    return tuple(sorted(of_phase.arms, key=lambda arm: arm != of_phase.reference))


def preferred_term(group: str) -> str:
    """The preferred term of a row of adverse events, without its system organ class."""
    return group.split(": ", 1)[-1]


def analysis_title(plan: AnalysisPlan, analysis: str) -> str:
    """An analysis as a reader names it, told apart from all others, and its role."""
    return _with_role(analysis_label(plan, analysis), plan.analyses[analysis].role)


def result_title(plan: AnalysisPlan, analysis: str) -> str:
    """The outcome of an analysis, its method and its role.

    Where several have the same outcome and method, what they differ in follows.
    """
    outcome = endpoint_title(plan, plan.estimands[plan.analyses[analysis].estimand].endpoint)
    told = f"{outcome}: {method_label(plan, analysis)}"
    return _with_role(told, plan.analyses[analysis].role)


def method_label(plan: AnalysisPlan, analysis: str) -> str:
    """The method of an analysis where its outcome stands before it.

    Where several have the same outcome and method, what they differ in follows.
    """
    title = _outcome_and_method(plan, analysis)
    alike = [name for name in plan.analyses if _outcome_and_method(plan, name) == title]
    method = plan.analyses[analysis].label or model_title(plan, analysis)
    return _told_apart(plan, analysis, alike, method, ASPECTS)


def _outcome_and_method(plan: AnalysisPlan, analysis: str) -> str:
    target = plan.estimands[plan.analyses[analysis].estimand]
    method = plan.analyses[analysis].label or model_title(plan, analysis)
    return f"{endpoint_title(plan, target.endpoint)}: {method}"


def _with_role(title: str, role: str) -> str:
    """The role in brackets, in those that the title ends with, unless it is there already."""
    if re.search(rf"[(;] ?{role}[;)]", title):
        return title
    return f"{title[:-1]}; {role})" if title.endswith(")") else f"{title} ({role})"


def model_title(plan: AnalysisPlan, analysis: str) -> str:
    """The model of an analysis; with what it assumes, where that belongs to it."""
    of_plan = plan.analyses[analysis]
    model = model_of(of_plan)
    compares = plan.estimands[of_plan.estimand].treatment.compares
    title = model.label if compares else model.label_of_one_arm or model.label
    return title + (model.in_title(of_plan) if model.in_title else "")


def analysis_label(plan: AnalysisPlan, analysis: str) -> str:
    """What the report calls an analysis: the plan's label, or else its method.

    Where several analyses have the same method, what they differ in follows it.
    """
    label = plan.analyses[analysis].label
    if label is not None:
        return label
    title = model_title(plan, analysis)
    unnamed = [name for name, other in plan.analyses.items() if other.label is None]
    alike = [name for name in unnamed if model_title(plan, name) == title]
    return _told_apart(plan, analysis, alike, title, ASPECTS)


Aspect = Callable[[AnalysisPlan, str], str]
"""Something that things of the same title may differ in, in words; empty where it says nothing."""


def _told_apart(
    plan: AnalysisPlan, name: str, alike: list[str], title: str, aspects: Iterable[Aspect]
) -> str:
    """A title, and in brackets what tells it from the others that have it."""
    told: list[str] = []
    others = [other for other in alike if other != name]
    for aspect in aspects:
        if not others:
            break
        mine = aspect(plan, name)
        if mine and any(aspect(plan, other) != mine for other in others):
            told.append(mine)
            others = [other for other in others if aspect(plan, other) == mine]
    if others:
        told.append(f"number {alike.index(name) + 1}")
    return f"{title} ({'; '.join(told)})" if told else title


def estimand_label(plan: AnalysisPlan, estimand: str) -> str:
    """What the report calls an estimand: the plan's label, or else its endpoint and visit.

    Where several estimands have the same endpoint and visit, what they differ in follows.
    """
    label = plan.estimands[estimand].label
    if label is not None:
        return label
    title = _estimand_title(plan, estimand)
    alike = [
        name
        for name, other in plan.estimands.items()
        if other.label is None and _estimand_title(plan, name) == title
    ]
    return _told_apart(plan, estimand, alike, title, ESTIMAND_ASPECTS)


def _estimand_title(plan: AnalysisPlan, estimand: str) -> str:
    target = plan.estimands[estimand]
    return endpoint_title(plan, target.endpoint) + (f" at {target.visit}" if target.visit else "")


def _outcome(plan: AnalysisPlan, analysis: str) -> str:
    return lowered(endpoint_title(plan, plan.estimands[plan.analyses[analysis].estimand].endpoint))


def _phase_of(plan: AnalysisPlan, estimand: str) -> str:
    return plan.endpoints[plan.estimands[estimand].endpoint].phase


def _arms_of_estimand(plan: AnalysisPlan, estimand: str) -> str:
    arms = plan.estimands[estimand].treatment.arms
    return comparison_label(plan, _phase_of(plan, estimand), arms)


def _phase_of_estimand(plan: AnalysisPlan, estimand: str) -> str:
    return lowered(plan.phases[_phase_of(plan, estimand)].label)


def _strategies_of_estimand(plan: AnalysisPlan, estimand: str) -> str:
    events = plan.estimands[estimand].intercurrent_events
    return joined(dict.fromkeys(events.values())) if events else ""


def _events_of_estimand(plan: AnalysisPlan, estimand: str) -> str:
    events = plan.estimands[estimand].intercurrent_events
    return ", ".join(f"{event}: {how}" for event, how in events.items())


def _summary_of_estimand(plan: AnalysisPlan, estimand: str) -> str:
    return plan.estimands[estimand].summary


def _population_of_estimand(plan: AnalysisPlan, estimand: str) -> str:
    return lowered(plan.estimands[estimand].population)


def _compared(plan: AnalysisPlan, analysis: str) -> str:
    return _arms_of_estimand(plan, plan.analyses[analysis].estimand)


def _phase(plan: AnalysisPlan, analysis: str) -> str:
    return lowered(plan.phases[plan.analysis_phase(analysis)].label)


def _visit(plan: AnalysisPlan, analysis: str) -> str:
    visit = plan.estimands[plan.analyses[analysis].estimand].visit
    return f"at {visit}" if visit else ""


def _strategies(plan: AnalysisPlan, analysis: str) -> str:
    return _strategies_of_estimand(plan, plan.analyses[analysis].estimand)


def _role(plan: AnalysisPlan, analysis: str) -> str:
    return plan.analyses[analysis].role


def _covariates(plan: AnalysisPlan, analysis: str) -> str:
    return adjusted_for(plan.analyses[analysis].covariate_names).strip() or "unadjusted"


def _through(plan: AnalysisPlan, analysis: str) -> str:
    through = model_of(plan.analyses[analysis]).through
    return f"through {through(plan.analyses[analysis])}" if through is not None else ""


ASPECTS: tuple[Aspect, ...] = (
    *(_outcome, _through, _compared, _phase, _visit, _strategies, _role, _covariates),
)
"""What analyses by one method may differ in, in the order in which it is said."""

ESTIMAND_ASPECTS: tuple[Aspect, ...] = (
    *(_arms_of_estimand, _phase_of_estimand, _strategies_of_estimand, _events_of_estimand),
    *(_summary_of_estimand, _population_of_estimand),
)
"""What estimands of one endpoint and visit may differ in, in the order in which it is said."""

ENDPOINT_TITLES: dict[EndpointKind, str] = {
    "response": "Response",
    "remission": "Remission",
    "time_to_response": "Time to response",
    "duration_of_response": "Duration of response",
    "costs_and_effects": "Costs and effects",
}


def endpoint_title(plan: AnalysisPlan, endpoint: str) -> str:
    """The plan's label of an endpoint, or else the endpoint in a few words."""
    label = getattr(plan.endpoints[endpoint], "label", None)
    if label is not None:
        return str(label)
    match plan.endpoints[endpoint]:
        case ChangeEndpoint(scale=scale):
            return f"Change from baseline in {scale}"
        case IncidenceEndpoint(event_label=event) | YesOrNoEndpoint(event_label=event):
            return titled(event)
        case TimeToEventEndpoint(event_label=event) | RelapseEndpoint(event_label=event):
            return f"Time to {event}"
        case RecurrentEventsEndpoint(event_label=event):
            return f"Recurrent events: {event}"
        case other:
            return ENDPOINT_TITLES[other.kind]


def endpoint_rule(plan: AnalysisPlan, endpoint: str) -> str:
    """An endpoint with its rule."""
    words = _rule_words(plan, plan.endpoints[endpoint])
    return endpoint_title(plan, endpoint) + words


def _cut_words(cut: Cut, scale: Scale) -> str:
    """A cut in words; at the end of a scale there is nothing less, or more, than it."""
    end = scale.low if cut.cut_key == "at_most" else scale.high
    return f"{cut.cut:g}" if cut.cut == end else cut.cut_words


def _rule_words(plan: AnalysisPlan, endpoint: Endpoint) -> str:
    """What follows an endpoint's title: its rule."""
    match endpoint:
        case ResponseEndpoint(scale=scale, improvement_at_least_percent=percent):
            words = f": {endpoint.improvement_words(plan.scale(scale), percent)}"
            words += "" if endpoint.percent_of == "above_lowest" else " from baseline"
        case RemissionEndpoint(scale=scale) | YesOrNoEndpoint(scale=scale):
            words = f": {scale} of {_cut_words(endpoint, plan.scale(scale))}"
        case ResponseTimeEndpoint() | ResponseDurationEndpoint():
            words = f": {onset_words(endpoint, plan.scale(endpoint.scale))}"
        case IncidenceEndpoint(any_of=criteria):
            words = " at any time" + _unless_said(endpoint.event_label, _criteria_words(criteria))
        case RecurrentEventsEndpoint(events=events):
            words = f", counting each {joined(events, 'or')}"
        case RelapseEndpoint():
            words = _relapse_words(endpoint)
        case _:
            words = ""
    return words


def _relapse_words(endpoint: RelapseEndpoint) -> str:
    """The criteria, and when a relapse by score is dated."""
    criteria = endpoint.any_of
    words = _criteria_words(criteria)
    if len(criteria) > 1:
        words = f", the first of: {words}"
    else:
        words = _unless_said(endpoint.event_label, words)
    if all(isinstance(criterion, EventCriterion) for criterion in criteria):
        return words
    when = "first" if endpoint.dated_at == "first" else "confirming"
    return f"{words}. A {endpoint.event_label} by score is dated at the {when} visit"


def _unless_said(event: str, words: str) -> str:
    """The words after a colon, or nothing where they are those of the event."""
    return "" if words == event else f": {words}"


def _criteria_words(criteria: Iterable[Criterion]) -> str:
    return "; or ".join(criterion_words(criterion) for criterion in criteria)


def onset_words(onset: OnsetPart, scale: Scale) -> str:
    """A first response that holds, and its loss, in words."""
    words = onset.improvement_words(scale, onset.improvement_at_least_percent)
    if onset.consecutive > 1:
        words += f" at {onset.consecutive} consecutive assessments"
    words += ", dated at the first of these" if onset.consecutive > 1 else ""
    if isinstance(onset, ResponseDurationEndpoint):
        change = "a reduction" if scale.better == "lower" else "an increase"
        words += f"; lost at {change} below {onset.lost_below_percent:g}%"
        if onset.lost_consecutive > 1:
            words += f" at {onset.lost_consecutive} consecutive assessments"
    return words


def criterion_words(criterion: Criterion) -> str:
    """A criterion of relapse in words."""
    if isinstance(criterion, EventCriterion):
        return criterion.event
    words = f"{criterion.scale} total of {criterion.cut_words}"
    if criterion.consecutive > 1:
        words += f" at {criterion.consecutive} consecutive assessments"
        if criterion.within_days is not None:
            words += " {} to {} days apart".format(*criterion.within_days)
    return words


def event_word(plan: AnalysisPlan, endpoint: str) -> str:
    """What a time-to-event endpoint waits for."""
    match plan.endpoints[endpoint]:
        case (
            TimeToEventEndpoint(event_label=event)
            | IncidenceEndpoint(event_label=event)
            | RecurrentEventsEndpoint(event_label=event)
            | RelapseEndpoint(event_label=event)
            | YesOrNoEndpoint(event_label=event)
        ):
            return event
        case ResponseTimeEndpoint():
            return "response"
        case ResponseDurationEndpoint():
            return "loss of response"
    return "event"


def unit_of(plan: AnalysisPlan, endpoint: str) -> str:
    """In what an endpoint of scores is counted."""
    scale = scale_of(plan, endpoint)
    return POINTS if scale is None else plan.scale(scale).unit


def units_words(plan: AnalysisPlan, endpoint: str) -> str:
    """What the numbers of an endpoint are counted in, for the foot of a table."""
    unit, scale = unit_of(plan, endpoint), scale_of(plan, endpoint)
    return f"Units: {unit} on the {scale}." if unit == POINTS and scale else f"Units: {unit}."


def scale_of(plan: AnalysisPlan, endpoint: str) -> str | None:
    """The scale that an endpoint rests on, where it is one scale."""
    return getattr(plan.endpoints[endpoint], "scale", None)
