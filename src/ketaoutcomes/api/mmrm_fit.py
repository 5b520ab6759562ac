"""A request and data become a fitted model, whether the data are held or read in parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial, reduce
from operator import add
from typing import cast

import pandas as pd

from ketaoutcomes.api.formula import Computed
from ketaoutcomes.api.mmrm_result import MmrmResult
from ketaoutcomes.api.predictions import FittedModel, rows_by_subject
from ketaoutcomes.api.rows import (
    Census,
    Level,
    Wanted,
    census_of,
    check_subjects,
    complete_rows,
    levels_in_order,
)
from ketaoutcomes.api.sources import FrameSource, Source
from ketaoutcomes.errors import DataError, ModelError, did_you_mean
from ketaoutcomes.families.shared.aliasing import effect_words, within
from ketaoutcomes.families.shared.design import Coding, Design
from ketaoutcomes.families.shared.partitions import (
    Partition,
    RowLayout,
    design_of_cells,
    partition_statistics,
    sum_partitions,
)
from ketaoutcomes.numerics.mmrm.contrasts import Inference
from ketaoutcomes.numerics.mmrm.covariance import SPATIAL
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, Rung, fit_mmrm, fit_with_fallback, why_left
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics
from ketaoutcomes.numerics.mmrm.row_space import of_kept, row_space_of

ORDERED = ("toep", "toeph", "ar1", "ar1h", "ad", "adh")
"""Structures for which the order of the visits counts."""


@dataclass(frozen=True)
class Request:
    """What was asked for, in the project's words.

    Attributes
    ----------
    wanted : Wanted
        Columns.
    ladder : tuple of str
        Covariance structures in the order in which they are tried.
    levels : mapping
        Levels of factors that come first.
    keep : bool
        Whether a fit that has not converged is kept.
    """

    wanted: Wanted
    ladder: tuple[str, ...]
    df: str = "satterthwaite"
    method: str = "reml"
    vcov: str = "model"
    coding: str = "treatment"
    levels: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    conf_level: float = 0.95
    keep: bool = False

    def check(self, source: Source) -> None:
        """Refuse what does not go together, before any row is read."""
        self.wanted.check(source.columns)
        for name in self.levels:
            if name not in source.columns:
                hint = did_you_mean(name, map(str, source.columns))
                raise DataError(f"`levels` names `{name}`, which is not a column" + _also(hint))
        kenward_roger = self.df.startswith("kenward-roger")
        if kenward_roger and (self.method != "reml" or self.vcov != "model"):
            raise ModelError('Kenward-Roger needs method="reml" and vcov="model"')
        if self.needs_rows and not isinstance(source, FrameSource):
            asked = f"vcov={self.vcov!r}" if self.vcov != "model" else f"df={self.df!r}"
            raise ModelError(
                f"{asked} needs each participant's rows, and data read in parts do not keep them; "
                "give a pandas frame"
            )
        if self.spatial and not self.wanted.coordinates:
            raise ModelError(
                'the covariance `sp_exp` needs the time of each assessment: coordinates="day"'
            )

    @property
    def needs_rows(self) -> bool:
        """Whether the sufficient statistics are not enough."""
        return self.vcov != "model" or self.df == "between-within"

    @property
    def spatial(self) -> bool:
        """Whether a structure depends on the distance in time."""
        return any(structure in SPATIAL for structure in self.ladder)


def _also(hint: str) -> str:
    return f"; {hint}" if hint else ""


def fitted(request: Request, source: Source) -> tuple[MmrmResult, tuple[str, ...]]:
    """The result, and what a user must be told of the data.

    Raises
    ------
    DataError, ModelError
        As `ketaoutcomes.mmrm`.
    """
    request.check(source)
    wanted = request.wanted
    census = reduce(add, source.each(wanted.columns, partial(census_of, wanted=wanted)))
    if not census.n:
        raise DataError(_nothing_left(census, wanted))
    layout, absent = _layout(request, source, census)
    whole, frame = _statistics(wanted, source, census, layout)
    space = row_space_of(whole)
    design = within(design_of_cells(layout, census.cells, census.numeric), space)
    fit, rungs = _fit(request, of_kept(whole, space), tuple(map(str, layout.visits)))
    rows = None
    if frame is not None and request.needs_rows:
        rows = rows_by_subject(frame, layout, design)
    warned = (*_lost(census), *absent, *_unconverged(fit))
    notes = (*_without_outcome(census, wanted), *warned, *_order(request, source, layout))
    result = MmrmResult(
        model=FittedModel(
            formula=wanted.formula,
            layout=layout,
            computed=census.computed,
            design=design,
            inference=Inference(fit, request.df, request.vcov, rows),
        ),
        rungs=rungs,
        conf_level=request.conf_level,
        notes=(*notes, *_aliased(design)),
        frame=frame,
    )
    return result, warned


def _nothing_left(census: Census, wanted: Wanted) -> str:
    """Why there is no row to fit a model to."""
    if not census.n_read:
        return "the data have no rows"
    if census.missing.outcome == census.n_read:
        return f"no row has the outcome `{wanted.formula.outcome}`"
    worst, n = census.missing.others.most_common(1)[0]
    return f"no row has all that the model needs: `{worst}` is missing in {n} rows with an outcome"


def _layout(request: Request, source: Source, census: Census) -> tuple[RowLayout, tuple[str, ...]]:
    """Where the rows hold what the model needs, and levels that the user gave and no row has."""
    wanted, notes = request.wanted, []
    for name in request.levels:
        if name in census.numeric:
            raise ModelError(
                f"`levels` names the numeric `{name}`; if its values are labels, write C({name}) "
                "in the formula"
            )
    factors: dict[str, tuple[Level, ...]] = {}
    for name in census.factors:
        declared, first = source.declared.get(name, ()), request.levels.get(name, ())
        factors[name], absent = levels_in_order(name, census.levels[name], declared, first)
        if absent:
            notes.append(f"No row has {', '.join(map(str, absent))} of `{name}`.")
    layout = RowLayout(
        outcome=wanted.formula.outcome,
        subject=wanted.subject,
        visit=wanted.visit,
        terms=wanted.formula.terms,
        factors=factors,
        visits=factors[wanted.visit],
        intercept=wanted.formula.intercept,
        coding=cast("Coding", request.coding),
        group=wanted.group,
        groups=factors[wanted.group] if wanted.group else (),
        weights=wanted.weights,
        coordinates=wanted.coordinates if request.spatial else (),
    )
    return layout, tuple(notes)


def _statistics(
    wanted: Wanted, source: Source, census: Census, layout: RowLayout
) -> tuple[PatternStatistics, pd.DataFrame | None]:
    """The statistics of all complete rows, and these rows where they are held."""
    read = partial(_ready, wanted=wanted, computed=census.computed)
    if isinstance(source, FrameSource):
        frame = read(source.frame)
        return partition_statistics(frame, layout).statistics, frame
    parts = source.each_of_subjects(
        wanted.columns, wanted.subject, partial(_part, read=read, layout=layout)
    )
    return sum_partitions(part for part in parts if part is not None), None


def _ready(frame: pd.DataFrame, wanted: Wanted, computed: Mapping[str, Computed]) -> pd.DataFrame:
    """The complete rows of a piece with the columns that the formula computes."""
    rows, _ = complete_rows(frame, wanted)
    check_subjects(rows, wanted)
    return rows.assign(**{name: how.of(rows) for name, how in computed.items()})


def _part(frame: pd.DataFrame, read: partial[pd.DataFrame], layout: RowLayout) -> Partition | None:
    """The statistics of a piece that holds whole subjects; None where no row is complete."""
    rows = read(frame)
    return partition_statistics(rows, layout) if len(rows) else None


def _fit(
    request: Request, statistics: PatternStatistics, visits: tuple[str, ...]
) -> tuple[MmrmFit, tuple[Rung, ...]]:
    """The first structure of the ladder that converges, or the last one if that is to be kept."""
    reml = request.method == "reml"
    fit, rungs = fit_with_fallback(statistics, request.ladder, reml=reml, visits=visits)
    if fit is not None:
        return fit, rungs
    if request.keep:
        try:
            return fit_mmrm(statistics, request.ladder[-1], reml=reml, visits=visits), rungs
        except NotIdentifiedError:
            pass
    raise ModelError(f"the model could not be fitted: {why_left(rungs)}")


def _without_outcome(census: Census, wanted: Wanted) -> tuple[str, ...]:
    n = census.missing.outcome
    if not n:
        return ()
    rows, were = ("1 row", "was") if n == 1 else (f"{n} rows", "were")
    return (f"{rows} without the outcome `{wanted.formula.outcome}` {were} not used.",)


def _lost(census: Census) -> tuple[str, ...]:
    """Rows with an outcome that could not be used."""
    n = census.missing.rows
    if not n:
        return ()
    rows, were = ("1 row", "was") if n == 1 else (f"{n} rows", "were")
    columns = ", ".join(f"`{name}` is missing in {k}" for name, k in census.missing.others.items())
    return (f"{rows} with an outcome {were} left out: {columns}.",)


def _unconverged(fit: MmrmFit) -> tuple[str, ...]:
    if fit.convergence.converged:
        return ()
    return (f"The model has not converged: {'; '.join(fit.convergence.messages)}.",)


def _order(request: Request, source: Source, layout: RowLayout) -> tuple[str, ...]:
    """The order of the visits, where it counts and only their names tell it."""
    said = layout.visit in request.levels or layout.visit in source.declared
    counts = any(structure in ORDERED for structure in request.ladder)
    if said or not counts or not any(isinstance(visit, str) for visit in layout.visits):
        return ()
    return (f"The visits are taken in this order: {', '.join(map(str, layout.visits))}.",)


def _aliased(design: Design) -> tuple[str, ...]:
    if not design.aliased:
        return ()
    named = zip(design.aliased, design.aliased_terms, strict=True)
    words = ", ".join(effect_words(name, term) for name, term in named)
    return (
        f"The model leaves out effects that the data cannot separate from the others: {words}.",
    )
