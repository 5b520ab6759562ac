"""Names of a plan that must meet a name in the data: events, reasons, terms, items, levels, scales.

A name that the data spell otherwise is a fault: the number would leave out what it should count.
A name that no row has is a remark next to the numbers that rest on it. What the data hold and no
part of the plan names is a remark, too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from ketaoutcomes.cohort import COMPLETED, TREATMENT_DISCONTINUATION, Cohort
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.errors import DataError, PlanError, Problem
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.endpoints import (
    Endpoint,
    EndpointOfCriteria,
    EventCriterion,
    RecurrentEventsEndpoint,
    scales_of,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.files import MEASURED, FileRole, name_of
from ketaoutcomes.plan.mention import Kind, Mention, Path
from ketaoutcomes.plan.safety import DEATH_WORDS
from ketaoutcomes.plan.value import ValueEndpoint
from ketaoutcomes.remarks import COUNT, Gravity, Remark
from ketaoutcomes.spelling import folded, likely_name, near_name

NOUNS: Final[dict[Kind, str]] = {
    "event": "the event",
    "reason": "the reason for the end of follow-up",
    "term": "the preferred term",
    "item": "the cost item",
    "level": "the level",
    "scale": "the score",
    "test": "the laboratory or ECG test",
    "ending": "the event or reason for the end of follow-up",
}
FILES: Final[dict[Kind, tuple[FileRole, ...]]] = {
    "event": ("events",),
    "reason": ("subjects", "times"),
    "term": ("adverse_events",),
    "item": ("costs",),
    "level": ("subjects",),
    "scale": ("visits",),
    "test": MEASURED,
    "ending": ("events", "subjects", "times"),
}
"""Where each kind of name stands."""
LABELLED: Final[tuple[Kind, ...]] = ("event", "reason", "scale", "test")
"""Kinds whose names in the data can be mapped under `data.labels`."""
REASONS_OF_SCENARIOS: Final = (
    *("adverse event", "lack of efficacy", "sought other treatment", "withdrew consent", COMPLETED),
)
MOST_TOLD: Final = 5
NAME: Final = "{name}"


@dataclass(frozen=True)
class Held:
    """The names of a kind in the data: in the phase, in any phase, and that could have occurred."""

    here: frozenset[str]
    anywhere: frozenset[str]
    possible: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Absence:
    """Why no row has some names, in a sentence in which `{name}` stands for them."""

    what: str
    noun: str
    remedy: str
    gravity: Gravity
    analyses: tuple[str, ...]

    def remark(self, names: list[str]) -> Remark:
        """The sentence with the names."""
        quoted = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
        noun = self.noun if len(set(names)) == 1 else _plural(self.noun)
        return Remark(
            self.what.replace(NAME, f"{noun} {quoted}"),
            remedy=self.remedy,
            gravity=self.gravity,
            analyses=self.analyses,
        )


def _plural(noun: str) -> str:
    """`the levels of ...`, `the preferred terms`."""
    head, of, rest = noun.partition(" of " if " of `" in noun else " for ")
    return f"{head}s{of}{rest}"


def name_remarks(
    plan: AnalysisPlan, cohort: Cohort, whole: AnalysisPlan | None = None
) -> tuple[Remark, ...]:
    """Names of the plan that no row has, and events of the data that no part of the plan names.

    Parameters
    ----------
    whole : AnalysisPlan, optional
        The plan with the analyses that are not run now, which may use the other events.

    Raises
    ------
    PlanError, DataError
        If the data spell a name of the plan otherwise, or lack a scale that an analysis needs.
    """
    scenario = read_scenario(plan.data.synthetic.scenario) if plan.data.synthetic else None
    mentions = tuple(dict.fromkeys(mentions_of(plan)))
    problems: list[Problem] = []
    absent: dict[Absence, list[str]] = {}
    names: dict[tuple[Kind, str], pd.DataFrame] = {}  # one look at the rows for each column
    for mention in mentions:
        column = mention.kind, mention.column
        if column not in names:
            names[column] = NAMES[mention.kind](cohort, mention)
        held = _held(names[column], scenario, mention)
        if mention.name in (*held.here, *mention.also):
            continue
        others = _other_names(mention, held, mentions)
        near = near_name(mention.name, others)
        if near or mention.needed:
            problems.append(_problem(plan, mention, held, near))
        else:
            absence = _absence(plan, cohort, mention, held, likely_name(mention.name, others))
            absent.setdefault(absence, []).append(mention.name)
    if problems:
        fault = PlanError if scenario is not None else DataError
        raise fault("the plan names what the data do not have", tuple(dict.fromkeys(problems)))
    return (
        *(absence.remark(names) for absence, names in absent.items()),
        *_unused(whole or plan, cohort),
        *_almost_completed(plan, cohort),
        *_beside_terms(plan, cohort),
    )


def _beside_terms(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Rare events that an event of the data has for participants whom no adverse event has."""
    if plan.safety is None:
        return
    keys = ["subject", "phase"]
    phases = plan.safety.phases or tuple(plan.phases)
    recorded = [
        (frame, column, frame[column].unique())
        for frame, column in ((cohort.events, "event"), (cohort.adverse_events, "term"))
    ]
    for term in plan.safety.rare_events:
        name = term.strip().casefold()
        events, terms = (
            frame[frame[column].isin([w for w in words if str(w).strip().casefold() == name])]
            for frame, column, words in recorded
        )
        told = set(map(tuple, terms[keys].to_numpy()))
        beyond = {
            subject
            for subject, phase in events[keys].to_numpy()
            if phase in phases and (subject, phase) not in told
        }
        if beyond:
            yield Remark(
                f"{COUNT} had the event `{term}`, which is not recorded as an adverse event. The "
                "table of rare events counts adverse events only",
                remedy="Record these events as adverse events, too",
                count=len(beyond),
                gravity="warning",
            )


def mentions_of(plan: AnalysisPlan) -> Iterator[Mention]:
    """Every place of the plan that names a value of the data."""
    for name, endpoint in plan.endpoints.items():
        analyses = tuple(a for a in plan.analyses if _estimand(plan, a).endpoint == name)
        if analyses:
            yield from _of_endpoint(name, endpoint, analyses)
    for name in plan.estimands:
        yield from _of_estimand(plan, name)
    for name, analysis in plan.analyses.items():
        mentions = model_of(analysis).mentions
        yield from mentions(plan, name, analysis) if mentions is not None else ()
    yield from _of_safety(plan)


def _of_safety(plan: AnalysisPlan) -> Iterator[Mention]:
    """Words for death that the plan gives, rare events, vital signs and tests."""
    if plan.safety is not None:
        for index, word in enumerate(plan.safety.deaths):
            if word not in DEATH_WORDS:
                yield Mention(
                    ("safety", "deaths", index), word, "ending", "it adds no death", "warning"
                )
        for index, term in enumerate(plan.safety.rare_events):
            at: Path = ("safety", "rare_events", index)
            yield Mention(
                at, term, "term", "the upper bound is computed as for an event that did not occur"
            )
        for scale in plan.safety.vital_signs:
            at = ("safety", "vital_signs", scale)
            yield Mention(at, scale, "scale", "the report has no table of it")
        for test in plan.safety.laboratory:
            at = ("safety", "laboratory", test)
            yield Mention(at, test, "test", "the report has no table of it", "warning")


def _estimand(plan: AnalysisPlan, analysis: str) -> Estimand:
    return plan.estimands[plan.analyses[analysis].estimand]


def _of_endpoint(name: str, endpoint: Endpoint, analyses: tuple[str, ...]) -> Iterator[Mention]:
    """Events of criteria, recurrent events, scales and priced items."""
    at, phase = ("endpoints", name), endpoint.phase
    for path, event, words in _events_of(endpoint):
        yield Mention((*at, *path), event, "event", words, "warning", phase, analyses=analyses)
    if isinstance(endpoint, ValueEndpoint):
        for item in endpoint.price_errors:
            words = "the error of its price changes nothing"
            yield Mention(
                (*at, "price_errors", item), item, "item", words, "warning", phase, "", analyses
            )
    for scale in scales_of(endpoint):
        yield Mention(at, scale, "scale", "", "warning", phase, "", analyses, needed=True)


def _events_of(endpoint: Endpoint) -> Iterator[tuple[Path, str, str]]:
    """Where an event of an endpoint stands, its name, and what its absence means."""
    if isinstance(endpoint, EndpointOfCriteria):
        for index, criterion in enumerate(endpoint.any_of):
            if isinstance(criterion, EventCriterion):
                path = ("any_of", index, "event")
                yield path, criterion.event, "this criterion is therefore never met"
    if isinstance(endpoint, RecurrentEventsEndpoint):
        for index, event in enumerate(endpoint.events):
            yield ("events", index), event, "none of its occurrences is counted"


def _of_estimand(plan: AnalysisPlan, name: str) -> Iterator[Mention]:
    """Intercurrent events, but those that dropout stands for where the data record none."""
    estimand = plan.estimands[name]
    mine = {key: part for key, part in plan.analyses.items() if part.estimand == name}
    for event, strategy in estimand.intercurrent_events.items():
        analyses = tuple(key for key, part in mine.items() if event not in _unrecorded(part))
        if analyses:
            yield Mention(
                ("estimands", name, "intercurrent_events", event),
                event,
                "event",
                "the report cannot show who had it"
                if strategy == "treatment policy"
                else f"the strategy `{strategy}` for it changes no outcome",
                "note" if strategy == "treatment policy" else "warning",
                plan.endpoints[estimand.endpoint].phase,
                analyses=analyses,
            )


def _unrecorded(analysis: AnalysisPart) -> tuple[str, ...]:
    """Events for which dropout stands in an analysis."""
    unrecorded = model_of(analysis).unrecorded
    return unrecorded(analysis) if unrecorded is not None else ()


def _held(names: pd.DataFrame, scenario: Scenario | None, mention: Mention) -> Held:
    everywhere = frozenset(names["name"].dropna().astype(str))
    in_phase = names[names["phase"] == mention.phase] if mention.phase else names
    here = frozenset(in_phase["name"].dropna().astype(str))
    possible = frozenset(_possible(scenario, mention)) if scenario is not None else frozenset()
    return Held(here, everywhere, possible)


def _column(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The distinct names of a column, by phase."""
    return frame[["phase", column]].drop_duplicates().rename(columns={column: "name"})


def _reasons(cohort: Cohort, _mention: Mention) -> pd.DataFrame:
    frames = [_column(cohort.follow_up, "reason"), _column(cohort.times, "reason")]
    return pd.concat([f for f in frames if len(f)] or frames[:1], ignore_index=True)


def _levels(cohort: Cohort, mention: Mention) -> pd.DataFrame:
    holding = (f for f in (cohort.subjects, cohort.assignments) if mention.column in f)
    frame = next(holding, pd.DataFrame({mention.column: pd.Series(dtype=object)}))
    return pd.DataFrame({"phase": "", "name": frame[mention.column].drop_duplicates()})


NAMES: Final[dict[Kind, Callable[[Cohort, Mention], pd.DataFrame]]] = {
    "event": lambda cohort, _: _column(cohort.events, "event"),
    "reason": _reasons,
    "term": lambda cohort, _: _column(cohort.adverse_events, "term"),
    "item": lambda cohort, _: _column(cohort.costs, "item"),
    "level": _levels,
    "scale": lambda cohort, _: _column(cohort.visits, "scale"),
    "test": lambda cohort, _: _column(cohort.laboratory, "test"),
    "ending": lambda cohort, mention: pd.concat(
        [_column(cohort.events, "event"), _reasons(cohort, mention)], ignore_index=True
    ),
}
"""Kind -> the names of this kind that a cohort holds, with their phases."""


def _possible(scenario: Scenario, mention: Mention) -> Iterator[str]:
    """Names of a kind that a scenario can make, be it that this cohort holds none."""
    if mention.kind == "event":
        yield TREATMENT_DISCONTINUATION
        for name, event in scenario.events.items():
            if not event.phases or not mention.phase or mention.phase in event.phases:
                yield name
    elif mention.kind == "reason":
        yield from REASONS_OF_SCENARIOS
    elif mention.kind == "term":
        yield from scenario.adverse_events
    elif mention.kind == "item" and scenario.costs is not None:
        yield from ("treatment session", "travel", *scenario.costs.per_event)


def _other_names(mention: Mention, held: Held, mentions: tuple[Mention, ...]) -> tuple[str, ...]:
    """Names that may be meant: not those that the plan names for themselves with other letters."""
    known = {*held.anywhere, *held.possible, *mention.also}
    if mention.name in known:
        return ()
    named = {m.name for m in mentions if m.kind == mention.kind}
    return tuple(
        name for name in sorted(known) if name not in named or folded(name) == folded(mention.name)
    )


def _place(plan: AnalysisPlan, kind: Kind) -> str:
    """The files in which names of a kind stand, or the scenario."""
    files = plan.data.files or {}
    named = [name_of(files[role]) for role in FILES[kind] if role in files]
    if plan.data.synthetic is not None:
        return f"scenario `{plan.data.synthetic.scenario}`"
    return " or ".join(dict.fromkeys(named)) or "the data"


def _problem(plan: AnalysisPlan, mention: Mention, held: Held, near: str) -> Problem:
    where = f" in phase `{mention.phase}`" if mention.phase else ""
    noun = NOUNS[mention.kind].removeprefix("the ").replace("score", "scale with scores")
    article = "an" if noun[0] in "aeiou" else "a"
    if near:
        mapped = f", or map it under `data.labels.{mention.kind}: {{{near}: {mention.name}}}`"
        labelled = mention.kind in LABELLED and plan.data.synthetic is None
        remedy = f"did you mean `{near}`? Write it so{mapped if labelled else ''}"
    else:
        shown = ", ".join(f"`{name}`" for name in sorted(held.here)[:MOST_TOLD])
        remedy = f"use one of: {shown or '(there is none)'}; or take its analyses out"
    return Problem(
        "the plan, " + ".".join(map(str, mention.path)),
        f"{article} {noun} of {_place(plan, mention.kind)}{where}",
        f"`{mention.name}`, which no row has",
        remedy,
    )


def _absence(
    plan: AnalysisPlan, cohort: Cohort, mention: Mention, held: Held, likely: str
) -> Absence:
    """Why no row has a name, with what follows from it."""
    where = f" in phase `{mention.phase}`" if mention.phase in plan.phases else ""
    gravity = mention.gravity
    if mention.name in held.anywhere:
        begin = f"The data have {NAME}, but not"
    elif mention.name in held.possible:
        begin, gravity = f"No participant of this simulated cohort had {NAME}", "note"
    elif plan.data.synthetic is not None:
        begin = f"S{_place(plan, mention.kind).removeprefix('s')} does not have {NAME}"
    elif not any(role in (plan.data.files or {}) for role in FILES[mention.kind]):
        begin, where = f"The data have no file that records {NAME}", ""
    else:
        begin = f"No row of {_place(plan, mention.kind)} has {NAME}"
    remedy = f"If `{likely}` of the data is meant, write it so" if likely else ""
    if mention.kind == "reason" and mention.name in set(cohort.events["event"]):
        remedy = "It is an event of the data: name it as a criterion or an intercurrent event"
    noun = NOUNS[mention.kind]
    if mention.kind == "level":
        noun = f"the level of `{mention.column}`"
    what = f"{begin}{where}; {mention.consequence}"
    return Absence(what, noun, remedy, gravity, mention.analyses)


def _unused(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Events of the phases analysed that no part of the plan names."""
    kinds = ("event", "reason", "ending")
    named = {mention.name for mention in mentions_of(plan) if mention.kind in kinds}
    phases = {plan.analysis_phase(name) for name in plan.analyses}
    events = cohort.events
    here = events[events["phase"].isin(phases) & ~events["event"].isin(named)]
    if here.empty:
        return
    counts = here.groupby("event")["subject"].nunique()
    shown = sorted(counts.index[counts >= plan.smallest_cell])[:MOST_TOLD]
    hidden = len(counts) - len(shown)
    words = ", ".join(f"`{name}`" for name in shown)
    more = f"{hidden} {'others' if shown else 'kinds of event'}" if hidden else ""
    yield Remark(
        f"{COUNT} had events that no endpoint and no estimand names: "
        f"{' and '.join(part for part in (words, more) if part)}; the analyses do not use them",
        where=_place(plan, "event"),
        count=int(here["subject"].nunique()),
    )


def _almost_completed(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Reasons that read like completion, and count as discontinuation."""
    reasons = cohort.follow_up["reason"].dropna().astype(str)
    for reason in sorted(set(reasons)):
        if reason != COMPLETED and folded(reason).startswith("complet"):
            label = f"`data.labels.reason: {{{reason}: {COMPLETED}}}`"
            yield Remark(
                f"{COUNT} have the reason `{reason}`, which counts as a discontinuation",
                where=_place(plan, "reason"),
                remedy=f"If they completed, map it: {label}",
                count=int((reasons == reason).sum()),
                total=len(reasons),
                gravity="warning",
            )
