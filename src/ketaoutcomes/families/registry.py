"""The registry of families: every question about an analysis is asked of its family's record.

A family of analyses is one folder that holds all that is its own, and one frozen `Family` that
answers for it. The rest of the package asks this registry and knows no family by name. Ours are the
folders beside this file; a package of somebody else adds one by an entry point of the group
`ketaoutcomes.families` that names its `Family`.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Final, get_args

from ketaoutcomes.errors import FamilyError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ketaoutcomes.plan.analysis import AnalysisPart
    from ketaoutcomes.plan.estimand_finding import EstimandFinding
    from ketaoutcomes.plan.mention import Mention

GROUP: Final = "ketaoutcomes.families"
MOST_ROWS_ONE_BY_ONE: Final = 50_000
"""Rows that a second program may go through one by one: some minutes."""
LAST: Final = 500
"""Where the section of a family stands that does not say it: after all others."""


def no_calls(_material: Any, _name: str, _analysis: Any) -> dict[str, str]:
    """The calls of a model of which no other program's are known."""
    return {"R": 'not_repeated("no call is known")', "SAS": "/* no call is known */"}


def nothing(*_asked: object) -> str:
    """Nothing of an analysis needs all rows."""
    return ""


def as_they_are(sums: list[Any]) -> list[Any]:
    """Sums that take little are held until all parts are read."""
    return sums


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """How an analysis is done where the data are read in parts of whole participants.

    Attributes
    ----------
    sums : callable
        `(analysis, estimand, endpoint of a part, census) -> sums`; any that pickle.
    joined : callable
        `(analysis, estimand, sums of the parts, census) -> what is fitted`.
    fewer : callable
        `(sums so far) -> the same in fewer`: what is held while the parts are read.
    fit : callable or None
        As that of the model, of what was joined; None: that of the model.
    census : callable or None
        `(analysis, endpoint of a part) -> census`, what the sums of every part must know of all;
        the censuses of the parts add up by `+`.
    needs_rows : callable
        `(analysis) -> str`: what the plan asks for that rests on all rows at once; "" if nothing.
    """

    sums: Callable[..., Any]
    joined: Callable[..., Any]
    fewer: Callable[[list[Any]], list[Any]] = as_they_are
    fit: Callable[..., Any] | None = None
    census: Callable[..., Any] | None = None
    needs_rows: Callable[[Any], str] = nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A model that an analysis of a plan can name, and all that is its own.

    Attributes
    ----------
    part : type of AnalysisPart
        What a plan may say; its `model` is a Literal, the model's name.
    label : str
        The model as a reader names it.
    table, table_of_proportions : str
        The table of its main result, by default that of the estimand's summary; the second, if
        given, where the summary is a proportion.
    statistic : str
        Its main result where that is not the estimand's summary.
    takes : tuple of type
        The endpoint records that it can be fitted to.
    fit : callable
        `(name, analysis, estimand, endpoint, confidence level) -> Fitted`.
    in_words : callable
        `(analysis) -> str`, the method in sentences; with `compares=False` for one arm.
    of_data_in_words : callable or None
        `(material, name) -> str`: what the data add to the method, such as delayed entry.
    calls : callable
        `(material, name, analysis) -> {language: lines}`, among them "R" and "SAS": the part of the
        exported scripts that gives the numbers of the analysis.
    references, references_of_one_arm : tuple of str
        The publications behind it; the second, if given, where nothing is compared.
    further_references : callable or None
        `(analysis) -> tuple of str`: those of methods that the plan asked for, such as strata.
    label_of_one_arm : str
        The label where nothing is compared, if another.
    given_covariates : tuple of str
        Summaries of one arm whose standard errors take the covariates as given.
    derive : callable or None
        `(plan, name, cohort) -> endpoint data`; None: by the kind of the endpoint.
    prepare : callable or None
        `(plan, name, endpoint) -> what is fitted`, such as imputed data.
    names : callable or None
        `(plan, path, analysis, estimand, phase or None)` -> names in the analysis that point at
        nothing.
    in_title : callable or None
        `(analysis) -> str`, what follows the label in a title.
    estimates : bool
        Whether it estimates the estimand; a tipping point does not.
    phases : callable or None
        `(analysis) -> phases analysed`, where they are not that of the endpoint alone.
    rules : tuple of callable
        Rules of sound estimands: `(plan, name, analysis)` -> what the plan may not claim, or what
        its reader is told.
    mentions : callable or None
        `(plan, name, analysis)` -> the names of values of the data that the analysis speaks of.
    unrecorded : callable or None
        `(analysis) -> intercurrent events` that the data need not record.
    contrasts : callable or None
        `(analysis) -> {name: label}` of the contrasts that a hypothesis can be about.
    correlated : bool
        Whether its record knows how the estimates of its tests are correlated.
    asked : callable or None
        `(analysis, row) -> bool`, whether the plan names what a row of its tables holds, beside the
        main result; a failure of what it does not name leaves the run standing.
    described_in : str
        The table of a model that estimates no effect and describes all arms together.
    finding : callable or None
        `(material, name, row, active, reference) -> str`, the main result in a sentence; None: by
        the statistic.
    beside : callable or None
        `(material, name, row) -> str`: what a reader must know beside the main result, "" where
        nothing; it follows the sentence of the finding.
    qualifier : str
        What a risk difference is beside a difference: "standardised", say.
    without : tuple of str
        Summaries that its endpoints can have and that it does not estimate.
    share : str
        The statistic that holds the risk of an arm.
    event_free : str
        The table that holds, for each arm and day, the share without the event; "" where none does.
    through : callable or None
        `(analysis) -> scale` through which the effect runs that is asked for.
    derive_truth : callable or None
        `(plan, name, cohort) -> endpoint data` of everybody on one treatment, all observed; None:
        by the kind of the endpoint.
    truth : callable or None
        `(row, analysis, pair) -> rows`, the true values of both sides of a pair; None: by what the
        endpoint is.
    true_strategy : callable or None
        `(analysis) -> strategy` whose true value the estimate aims at where that is not the one of
        the estimand; "" where no such value is known, None where it is the estimand's.
    together : callable or None
        `(plan, name, hypotheses, endpoint, trial of each row)` -> number of a trial -> its rows and
        the correlations of their estimates: many trials by one fit. Trials left out are fitted one
        by one, as all are without it.
    made_alike : callable or None
        `(analysis, estimand, hypothesis) -> (arms, reference)`: the arms that are as the reference
        where the hypothesis is true; None: the arm of the hypothesis.
    second : callable or None
        `(plan, name, analysis, estimand, endpoint, results) -> checks`: its numbers by a second
        program, from the endpoint as it was derived.
    second_rows : int or None
        The most rows of an endpoint at which that program is run, where it goes through them one by
        one; above them its numbers are not checked, and the report says so.
    second_correlation : callable or None
        `(analysis, endpoint, rows) -> array or None`: how the estimates of rows are correlated, by
        the same second program.
    parts : Parts or None
        How it is done where data are read in parts; None where it needs all rows at once.
    known_as : mapping of str to str
        Names under which people ask for it or for a part of it -> how it is had in a plan.
    """

    part: type[AnalysisPart]
    label: str
    takes: tuple[type, ...]
    fit: Callable[..., Any]
    in_words: Callable[..., str]
    of_data_in_words: Callable[..., str] | None = None
    table: str = ""
    table_of_proportions: str = ""
    statistic: str = ""
    calls: Callable[..., Mapping[str, str]] = no_calls
    references: tuple[str, ...] = ()
    references_of_one_arm: tuple[str, ...] | None = None
    further_references: Callable[..., tuple[str, ...]] | None = None
    label_of_one_arm: str = ""
    given_covariates: tuple[str, ...] = ()
    derive: Callable[..., Any] | None = None
    prepare: Callable[..., Any] | None = None
    names: Callable[..., Iterator[Any]] | None = None
    in_title: Callable[..., str] | None = None
    estimates: bool = True
    phases: Callable[..., tuple[str, ...]] | None = None
    rules: tuple[Callable[..., Iterator[EstimandFinding]], ...] = ()
    mentions: Callable[..., Iterator[Mention]] | None = None
    unrecorded: Callable[..., tuple[str, ...]] | None = None
    contrasts: Callable[..., Mapping[str, str]] | None = None
    correlated: bool = False
    asked: Callable[..., bool] | None = None
    described_in: str = ""
    finding: Callable[..., str] | None = None
    beside: Callable[..., str] | None = None
    qualifier: str = ""
    without: tuple[str, ...] = ()
    share: str = "proportion"
    event_free: str = ""
    through: Callable[..., str] | None = None
    derive_truth: Callable[..., Any] | None = None
    truth: Callable[..., tuple[Any, ...]] | None = None
    true_strategy: Callable[..., str | None] | None = None
    together: Callable[..., Mapping[int, Any]] | None = None
    made_alike: Callable[..., tuple[tuple[str, ...], str]] | None = None
    second: Callable[..., tuple[Any, ...]] | None = None
    second_rows: int | None = None
    second_correlation: Callable[..., Any] | None = None
    parts: Parts | None = None
    known_as: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a plan writes after `model:`."""
        return str(get_args(self.part.model_fields["model"].annotation)[0])


def as_it_is(record: Any, *_asked: object) -> Any:
    """A record that holds nothing of single subjects."""
    return record


@dataclass(frozen=True, kw_only=True, eq=False)
class Hiding:
    """How a record of a fitted model is kept from betraying single subjects.

    Attributes
    ----------
    shown : callable
        `(record, places, days, smallest) -> record or None`: the record without the values of
        single subjects, or None where it may not be shown; `places` are the hidden counts, `days`
        those at which each curve may be shown.
    days : callable or None
        `(record, smallest) -> (arm, kind, days)`: at which days its curves may be shown.
    counts : callable or None
        `(cells, record)`: adds the counts that it holds, and their sums, to the audit.
    merged : callable or None
        `(records) -> record` with the ticks of all: the curves of one endpoint in several analyses
        are judged together, for a reader sees the days of all of them.
    rounded : callable or None
        `(record, days, smallest) -> (arm, day, height, step)`: heights of its curves at further
        days, in round numbers.
    follows : callable or None
        `(record, rows, smallest) -> record or None`: what in it follows from rows that are
        published in round numbers is worked out of these; None where nothing of it may be
        shown then.
    """

    shown: Callable[..., Any] = as_it_is
    days: Callable[..., Iterator[tuple[str, str, list[float]]]] | None = None
    counts: Callable[..., None] | None = None
    merged: Callable[..., Any] | None = None
    rounded: Callable[..., Iterator[tuple[str, float, float, float]]] | None = None
    follows: Callable[..., Any] | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Family:
    """A family of analyses.

    Attributes
    ----------
    name : str
    models : tuple of Model
    place : int
        Where its models stand among all: in the schema, in `list`.
    tables : mapping of str to str
        The tables of results that are its own, and what each holds.
    named_tables : tuple of str
        Those of what a plan names: a failure in them is one of the run.
    estimate_tables : tuple of str
        Those of model estimates, from which no count follows: where a count is hidden, the
        estimates stay. In other tables they go with it.
    comparison_tables : tuple of str
        Those of which that holds of the comparisons alone.
    group_tables : tuple of str
        Those whose rows without an arm describe a group of subjects, not all of them.
    caution_tables : tuple of str
        Those whose warnings stand next to the answer: censoring that the estimand does not allow.
    shared_counts : tuple of str
        Those whose counts are of the same subjects in each analysis.
    main_results : mapping of str to (str, str)
        Population-level summary -> the table and statistic that estimate it. A summary that no
        other family offers is thereby one that an estimand can name.
    of_one_arm : tuple of str
        Those of these summaries that describe one arm; the others compare two.
    asked_of : mapping of str to tuple of str
        Summary -> the kinds of endpoint that it can be asked of, where these are not the kinds
        that the models of the family take.
    summary_meanings : mapping of str to str
        Summary -> what it is, in a sentence.
    summary_names : mapping of str to tuple of str
        Summary -> other names of exactly the same.
    no_summaries : mapping of str to str
        Names of what no estimand of a plan can be summarised by -> what to write.
    records : mapping of type to Hiding
        The dataclasses in which it keeps what figures show of its models, and what of each may be
        shown where small counts are hidden.
    sections : tuple of (int, callable)
        Its sections of the page, `material -> Section or None`, each with its place.
    formulas : tuple
        The formulas of its statistics.
    sums : callable or None
        `(cells)`: notes for the audit how the counts of its tables add up with others.
    relations : callable or None
        `(cells, rows) -> relations`: the published numbers of its tables that are functions of
        counts, such as standard errors of events (`privacy/relations.py`). Errors of means by
        subjects, degrees of freedom and means over arms are known of every table.
    """

    name: str
    models: tuple[Model, ...]
    place: int = LAST
    tables: Mapping[str, str] = field(default_factory=dict)
    named_tables: tuple[str, ...] = ()
    estimate_tables: tuple[str, ...] = ()
    comparison_tables: tuple[str, ...] = ()
    group_tables: tuple[str, ...] = ()
    caution_tables: tuple[str, ...] = ()
    shared_counts: tuple[str, ...] = ()
    main_results: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    of_one_arm: tuple[str, ...] = ()
    asked_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    summary_meanings: Mapping[str, str] = field(default_factory=dict)
    summary_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_summaries: Mapping[str, str] = field(default_factory=dict)
    records: Mapping[type, Hiding] = field(default_factory=dict)
    sections: tuple[tuple[int, Callable[[Any], Any]], ...] = ()
    formulas: tuple[Any, ...] = ()
    sums: Callable[[Any], None] | None = None
    relations: Callable[[Any, Any], Iterable[Any]] | None = None


@cache
def families() -> tuple[Family, ...]:
    """All families: those of this package, then those of others.

    Raises
    ------
    FamilyError
        If a package of somebody else offers what is no `Family` or cannot be loaded, or offers a
        name that another family has. Every such fault is told.
    """
    return tuple(sorted(_offered(), key=lambda family: (family.place, family.name)))


@cache
def _offered() -> Mapping[Family, EntryPoint | None]:
    """Every family, with the entry point that names it; None for those of this package."""
    here = import_module("ketaoutcomes.families").__path__
    folders = sorted(found.name for found in pkgutil.iter_modules(here) if found.ispkg)
    ours = (getattr(import_module(f"{GROUP}.{name}"), "FAMILY", None) for name in folders)
    offered: dict[Family, EntryPoint | None] = {one: None for one in ours if one is not None}
    faults = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        found = _loaded(point)
        if isinstance(found, Problem):
            faults.append(found)
        else:
            offered.setdefault(found, point)
    faults += _claimed_twice(offered)
    if faults:
        raise FamilyError(
            "a package that adds a family of analyses cannot be used", tuple(dict.fromkeys(faults))
        )
    return offered


def _loaded(point: EntryPoint) -> Family | Problem:
    """The family that an entry point names, or why there is none."""
    try:
        family = point.load()
        if isinstance(family, Family) and list(_names_of(family)):
            return family
        found = f"an object of type {type(family).__name__}"
    except Exception as error:  # noqa: BLE001 - whatever somebody else's package raises
        found = f"{type(error).__name__}: {error}"
    return Problem(
        _place(point), "a `ketaoutcomes.families.registry.Family`", found, _remedy(point)
    )


def _claimed_twice(offered: Mapping[Family, EntryPoint | None]) -> Iterator[Problem]:
    """Names that a family of somebody else takes although another family has them."""
    owners: dict[tuple[str, str], Family] = {}
    for family, point in offered.items():
        for kind, name in _names_of(family):
            owner = owners.setdefault((kind, name), family)
            if owner is not family and point is not None:
                yield Problem(
                    _place(point),
                    f"a {kind} that no other family has",
                    f"`{name}`, a {kind} of the family `{owner.name}` too",
                    _remedy(point),
                )


def _names_of(family: Family) -> Iterator[tuple[str, str]]:
    """The names by which others find what a family holds, each with what it is a name of."""
    yield "family", family.name
    yield from (("model", model.name) for model in family.models)
    yield from (("table of results", name) for name in family.tables)
    yield from (("population-level summary", name) for name in family.main_results)
    yield from (("record", kind.__name__) for kind in family.records)


def _place(point: EntryPoint) -> str:
    """An entry point and the package that declares it."""
    package = f" of {point.dist.name} {point.dist.version}" if point.dist is not None else ""
    return f"entry point `{point.name} = {point.value}`{package}"


def _remedy(point: EntryPoint) -> str:
    name = point.dist.name if point.dist is not None else "the package"
    return f"correct the package, or remove it: python -m pip uninstall {name}"


def packages_of(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The packages of others, each with its version, that bring any of these models."""
    wanted = set(names)
    points = (
        point
        for family, point in _offered().items()
        if wanted & {model.name for model in family.models}
    )
    found = {p.dist.name: p.dist.version for p in points if p is not None and p.dist is not None}
    return tuple(sorted(found.items()))


@cache
def models() -> Mapping[str, Model]:
    """Every model by its name, in the order of the families."""
    return {model.name: model for family in families() for model in family.models}


def model_of(analysis: AnalysisPart) -> Model:
    """The model that an analysis names."""
    return models()[analysis.model]


@cache
def tables() -> Mapping[str, str]:
    """The tables of results of all families, and what each holds."""
    return {name: words for family in families() for name, words in family.tables.items()}


@cache
def caution_tables() -> tuple[str, ...]:
    """The tables whose warnings stand next to the answer."""
    return tuple(name for family in families() for name in family.caution_tables)


@cache
def _family_of_each_table() -> Mapping[str, Family]:
    return {name: family for family in families() for name in family.tables}


def family_of_table(table: str) -> Family | None:
    """The family whose results a table holds; None for tables of no family."""
    return _family_of_each_table().get(table)


@cache
def main_results() -> Mapping[str, tuple[str, str]]:
    """Population-level summary -> the table and statistic that estimate it."""
    return {name: place for family in families() for name, place in family.main_results.items()}


@cache
def summary_names() -> Mapping[str, tuple[str, ...]]:
    """Population-level summary -> other names of exactly the same."""
    return {name: them for family in families() for name, them in family.summary_names.items()}


@cache
def summary_meanings() -> Mapping[str, str]:
    """Population-level summary -> what it is, in a sentence."""
    return {name: words for family in families() for name, words in family.summary_meanings.items()}


@cache
def no_summaries() -> Mapping[str, str]:
    """Names of what no plan has as a summary -> what to write."""
    return {name: words for family in families() for name, words in family.no_summaries.items()}


@cache
def no_models() -> Mapping[str, str]:
    """Names of models elsewhere -> how a plan has them."""
    return {name: words for one in models().values() for name, words in one.known_as.items()}


def summaries_of(kind: str, *, compares: bool) -> tuple[str, ...]:
    """The population-level summaries of two arms, or of one, that a kind of endpoint can have."""
    return tuple(
        summary
        for family in families()
        for summary in family.main_results
        if (summary not in family.of_one_arm) is compares and kind in _kinds(family, summary)
    )


def _kinds(family: Family, summary: str) -> Iterable[str]:
    """The kinds of endpoint that a summary can be asked of."""
    of_models = (kind for model in family.models for kind in model.part.endpoint_kinds)
    return family.asked_of.get(summary) or tuple(of_models)


def hiding_of(record: object) -> Hiding | None:
    """How a record is kept from betraying single subjects; None where its family does not say."""
    found = (family.records.get(type(record)) for family in families())
    return next((hiding for hiding in found if hiding is not None), None)
