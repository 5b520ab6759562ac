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
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ketaoutcomes.plan.analysis import AnalysisPart

GROUP: Final = "ketaoutcomes.families"
LAST: Final = 500
"""Where the section of a family stands that does not say it: after all others."""


def no_calls(_material: Any, _name: str, _analysis: Any) -> tuple[str, str]:
    """The calls of a model of which no other program's are known."""
    return "# no call is known", "/* no call is known */"


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
        `(material, name, analysis) -> (R, SAS)`.
    references, references_of_one_arm : tuple of str
        The publications behind it; the second, if given, where nothing is compared.
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
        `(analysis) -> phases analysed`, where they are not that of the endpoint.
    second : callable or None
        `(plan, name, analysis, estimand, endpoint, results) -> checks`: its numbers by a second
        program, from the endpoint as it was derived.
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
    calls: Callable[..., tuple[str, str]] = no_calls
    references: tuple[str, ...] = ()
    references_of_one_arm: tuple[str, ...] | None = None
    label_of_one_arm: str = ""
    given_covariates: tuple[str, ...] = ()
    derive: Callable[..., Any] | None = None
    prepare: Callable[..., Any] | None = None
    names: Callable[..., Iterator[Any]] | None = None
    in_title: Callable[..., str] | None = None
    estimates: bool = True
    phases: Callable[..., tuple[str, ...]] | None = None
    second: Callable[..., tuple[Any, ...]] | None = None

    @property
    def name(self) -> str:
        """What a plan writes after `model:`."""
        return str(get_args(self.part.model_fields["model"].annotation)[0])


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
    """

    shown: Callable[..., Any]
    days: Callable[..., Iterator[tuple[str, str, list[float]]]] | None = None
    counts: Callable[..., None] | None = None


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
    main_results : mapping of str to (str, str)
        Population-level summary -> the table and statistic that estimate it.
    records : mapping of type to Hiding
        The dataclasses in which it keeps what figures show of its models, and what of each may be
        shown where small counts are hidden.
    sections : tuple of (int, callable)
        Its sections of the page, `material -> Section or None`, each with its place.
    formulas : tuple
        The formulas of its statistics.
    """

    name: str
    models: tuple[Model, ...]
    place: int = LAST
    tables: Mapping[str, str] = field(default_factory=dict)
    main_results: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    records: Mapping[type, Hiding] = field(default_factory=dict)
    sections: tuple[tuple[int, Callable[[Any], Any]], ...] = ()
    formulas: tuple[Any, ...] = ()


@cache
def families() -> tuple[Family, ...]:
    """All families: those of this package, then those of others.

    Raises
    ------
    TypeError
        If what a package offers is no `Family`, or two families offer a model of one name.
    """
    here = import_module("ketaoutcomes.families").__path__
    folders = (found.name for found in pkgutil.iter_modules(here) if found.ispkg)
    ours = (getattr(import_module(f"{GROUP}.{name}"), "FAMILY", None) for name in sorted(folders))
    others = (point.load() for point in sorted(entry_points(group=GROUP), key=lambda p: p.name))
    found = dict.fromkeys((*(one for one in ours if one is not None), *others))
    for one in found:
        if not isinstance(one, Family):
            raise TypeError(f"the entry-point group {GROUP} names {one!r}, which is no Family")
    _refuse_twice([model.name for family in found for model in family.models])
    return tuple(sorted(found, key=lambda family: (family.place, family.name)))


def _refuse_twice(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TypeError(f"two families offer the model {', '.join(twice)}")


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
def main_results() -> Mapping[str, tuple[str, str]]:
    """Population-level summary -> the table and statistic that estimate it."""
    return {name: place for family in families() for name, place in family.main_results.items()}


def hiding_of(record: object) -> Hiding | None:
    """How a record is kept from betraying single subjects; None where its family does not say."""
    found = (family.records.get(type(record)) for family in families())
    return next((hiding for hiding in found if hiding is not None), None)
