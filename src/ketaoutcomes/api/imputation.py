"""Missing scores of a trial filled in by a stated assumption, by any column names.

The imputations and pooled numbers are those of the analyses `multiple_imputation` and
`conditional_mean` of a plan: the same functions make both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from pydantic import ValidationError

from ketaoutcomes.api.shown import Tidied
from ketaoutcomes.api.tables import FILLED, Rows, rows_of
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.errors import DataError, ModelError, NotEstimableError, Problem
from ketaoutcomes.families.imputation.change import Estimate, estimates_of
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.impute import impute_scores
from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    ImputationCovariance,
    MultipleImputationAnalysis,
)
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.vocabulary import ImputationStrategy

AT_RANDOM: Final = "missing at random"
DROPOUT: Final = "dropout"
"""The event of who has no score from some visit on, where no column names events."""
IDENTITY: Final = "imputation"
NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")

Analysis = MultipleImputationAnalysis | ConditionalMeanAnalysis


@dataclass(frozen=True)
class Named:
    """The user's names of the columns."""

    subject: str
    arm: str
    visit: str
    value: str
    baseline: str | None
    event: str | None
    covariates: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Imputed(Tidied):
    """Completed datasets of a trial and what was estimated in them.

    Attributes
    ----------
    data : ImputedData
        The completed outcomes as arrays, with the trial behind them.
    estimates : tuple of Estimate
        LS means and differences, pooled.
    names : Named
    """

    data: ImputedData
    estimates: tuple[Estimate, ...]
    names: Named
    analysis: Analysis
    conf_level: float
    is_change: bool
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is."""
        datasets = len(self.data.values)
        if isinstance(self.analysis, MultipleImputationAnalysis):
            return f"Multiple imputation ({datasets}), pooled by Rubin's rules"
        return f"Conditional mean imputation, standard errors by {self.data.resampling}"

    @property
    def notes(self) -> tuple[str, ...]:
        """How many scores were filled in, and rows that were left out."""
        missing = self.data.missing
        return (f"{missing.sum()} of {missing.size} scores were imputed.", *self.left_out)

    def tidy(self) -> pd.DataFrame:
        """One row an LS mean, and a difference from the reference, by visit."""
        return pd.DataFrame([self._row(one) for one in self.estimates])

    @property
    def pooled(self) -> pd.DataFrame:
        """As `tidy()`."""
        return self.tidy()

    def _row(self, one: Estimate) -> dict[str, Any]:
        low, high = one.pooled.limits(self.conf_level)
        tested = one.difference
        return {
            "term": "difference in LS means" if one.difference else "LS mean",
            "visit": self.data.visits[one.visit],
            "arm": self.data.arms[one.arm],
            "reference": self.data.arms[0] if one.difference else "",
            "estimate": float(one.pooled.estimate),
            "std_error": float(one.pooled.std_error),
            "df": float(one.pooled.df),
            "statistic": float(one.pooled.statistic) if tested else np.nan,
            "conf_low": float(low),
            "conf_high": float(high),
            "p_value": float(one.pooled.p_value) if tested else np.nan,
        }

    def completed(self) -> pd.DataFrame:
        """The completed data, long: one row an imputation, subject and visit.

        `imputed` says which values were filled in. With conditional means there is one dataset.
        """
        datasets = 1 if self.data.resampled is not None else len(self.data.values)
        found = self.data.values[:datasets]  # noqa: PD011  (an array, not a frame)
        values = found if self.is_change else found + self.data.baseline[:, None]
        subjects, visits = values.shape[1:]
        first = self.data.endpoint.frame.drop_duplicates("subject")
        cells = subjects * visits
        frame = {
            IDENTITY: np.repeat(np.arange(1, datasets + 1), cells),
            self.names.subject: np.tile(np.repeat(first["subject"].to_numpy(), visits), datasets),
            self.names.arm: np.tile(np.repeat(first["arm"].to_numpy(), visits), datasets),
            self.names.visit: np.tile(
                np.array(self.data.visits, dtype=object), datasets * subjects
            ),
            self.names.value: values.ravel(),
            "imputed": np.tile(self.data.missing.ravel(), datasets),
        }
        return pd.DataFrame(frame)


def impute(
    data: Any,
    *,
    subject: str,
    arm: str,
    visit: str,
    visits: Sequence[object] | None = None,
    outcome: str | None = None,
    change: str | None = None,
    baseline: str | None = None,
    covariates: Sequence[str] = (),
    by_visit: Sequence[str] | None = None,
    reference: object = None,
    strategy: ImputationStrategy | Mapping[str, ImputationStrategy] = AT_RANDOM,
    event: str | None = None,
    method: Literal["multiple imputation", "conditional mean"] = "multiple imputation",
    imputations: int = 200,
    seed: int | None = None,
    draws: Literal["bayesian", "bootstrap"] = "bayesian",
    resampling: Literal["jackknife", "bootstrap"] = "jackknife",
    analysed_by: Literal["ancova", "mmrm"] = "ancova",
    standard_errors: Literal["model", "robust"] = "model",
    covariance: ImputationCovariance = "us",
    covariance_by_arm: bool = False,
    delta: Mapping[str, float] | None = None,
    conf_level: float = 0.95,
) -> Imputed:
    """Fill in missing scores, analyse each completed dataset and pool the results.

    Parameters
    ----------
    data : DataFrame, Arrow table, or path of a Parquet file
        One row a subject and visit after baseline; a visit without a row is missing.
    subject, arm, visit : str
        Columns.
    visits : sequence, optional
        The visits in order. By default that of a categorical column, of numbers, also such as in
        "Week 8", or that in which the rows of every subject stand.
    outcome, change : str
        Column of the score, whose change from `baseline` is analysed; or of the change itself.
    baseline : str, optional
        Column of the score at baseline, a covariate whose effect differs by visit.
    covariates, by_visit : sequence of str, optional
        Further covariates; and those of all whose effect differs by visit, by default `baseline`.
    reference : optional
        The arm from which strategies borrow and that others are compared with; by default the
        first.
    strategy : str or dict
        What is assumed after the event: "missing at random", "jump to reference", "copy
        reference", "copy increments in reference", "last mean carried forward"; or one of these
        for each event of `event`. Scores missing for another reason are missing at random.
    event : str, optional
        Column that names the intercurrent event in the rows from which on it holds, and is empty
        or missing elsewhere. Without it the event is dropout: no score from some visit on.
    method : {"multiple imputation", "conditional mean"}
    imputations, seed, draws, analysed_by, standard_errors
        Of multiple imputation, which needs a seed.
    resampling : {"jackknife", "bootstrap"}
        Of the conditional mean.
    covariance, covariance_by_arm
        Of the imputation model; that of Bayesian draws is unstructured.
    delta : dict, optional
        Arm -> points added to each of its imputed scores.

    Raises
    ------
    DataError
        If a column is not there, does not hold what it should, or a subject has two rows a visit.
    ModelError
        If options do not go together, or the imputation model cannot be fitted.
    """
    value = _value(outcome, change, baseline)
    names = Named(subject, arm, visit, value, baseline, event, _tuple(covariates))
    fixed = (subject, arm, visit, baseline, *names.covariates)
    rows = rows_of(data, *fixed, may_lack=(value, *([event] if event else [])))
    trial = _trial(rows, names, reference, visits, is_change=change is not None)
    options = {
        "covariates": _internal(names),
        "by_visit": _by_visit(names, by_visit),
        **_events(trial, event, strategy),
        "covariance": covariance,
        "covariance_by_arm": covariance_by_arm,
        "delta": {str(k): v for k, v in (delta or {}).items()},
    }
    if method == "multiple imputation":
        of_draws = {"imputations": imputations, "seed": seed, "draws": draws}
        options |= {**of_draws, "analysed_by": analysed_by, "standard_errors": standard_errors}
    else:
        options |= {"resampling": resampling, **({} if seed is None else {"seed": seed})}
    analysis = _analysis(method, options)
    found = impute_scores(trial, analysis, trial.arms[0])
    if isinstance(found, NotImputed):
        raise ModelError(found.reason)
    lost = [reason for name in found.visits if (reason := found.not_imputed(name))]
    return Imputed(
        found,
        _estimates(analysis, found),
        names,
        analysis,
        conf_level,
        change is not None,
        (*rows.notes, *lost),
    )


def _tuple(names: Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _value(outcome: str | None, change: str | None, baseline: str | None) -> str:
    if (outcome is None) == (change is None):
        raise ModelError("name exactly one of `outcome`, a score, and `change`, its change")
    if outcome is not None and baseline is None:
        raise ModelError("`outcome` is a score, whose change needs `baseline`; or name `change`")
    value = outcome or change
    assert value is not None
    return value


def _internal(names: Named) -> list[str]:
    """Covariates by names that no column of an endpoint has."""
    first = ["baseline"] if names.baseline else []
    return [*first, *(f"covariate {place}" for place, _ in enumerate(names.covariates))]


def _by_visit(names: Named, by_visit: Sequence[str] | None) -> list[str]:
    """The covariates whose effect differs by visit, by the same names."""
    known = dict(
        zip(
            [*([names.baseline] if names.baseline else []), *names.covariates],
            _internal(names),
            strict=True,
        )
    )
    wanted = [names.baseline] if by_visit is None and names.baseline else _tuple(by_visit or ())
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ModelError(
            f"`by_visit` names {', '.join(map(str, unknown))}, which is not a covariate"
        )
    return [known[str(name)] for name in wanted]


def _events(
    trial: ChangeData, event: str | None, strategy: ImputationStrategy | Mapping[str, Any]
) -> dict[str, Any]:
    """What is assumed after which event."""
    if event is None:
        if isinstance(strategy, Mapping):
            raise ModelError("a strategy for each event needs `event`, the column that names them")
        dropout = {"strategies": {DROPOUT: strategy}, "dropout_counts_as": DROPOUT}
        return {} if strategy == AT_RANDOM else dropout
    found = sorted(set(trial.frame["event"]) - {""})
    if not isinstance(strategy, Mapping):
        return {"strategies": dict.fromkeys(found, strategy)}
    unknown = [name for name in strategy if name not in found]
    if unknown:
        known = f"found: {', '.join(found) or 'none'}"
        raise ModelError(f"no row has the event {', '.join(unknown)}; {known}")
    return {"strategies": dict(strategy)}


def _analysis(method: str, options: dict[str, Any]) -> Analysis:
    """The analysis as a plan would say it.

    Raises
    ------
    ModelError
        If a plan could not say it.
    """
    kinds: dict[str, type[Analysis]] = {
        "multiple imputation": MultipleImputationAnalysis,
        "conditional mean": ConditionalMeanAnalysis,
    }
    if method not in kinds:
        raise ModelError(f"`method` is one of {', '.join(kinds)}, and not `{method}`")
    shared = {"estimand": "primary", "role": "primary", "model": method.replace(" ", "_")}
    try:
        analysis: Analysis = kinds[method].model_validate({**shared, **options})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        words = first["msg"].removeprefix("Value error, ")
        raise ModelError(f"`{name}`: {words}" if name else words) from None
    return analysis


def _estimates(analysis: Analysis, data: ImputedData) -> tuple[Estimate, ...]:
    try:
        return tuple(estimates_of(analysis, data))
    except (np.linalg.LinAlgError, NotIdentifiedError, NotEstimableError) as error:
        raise ModelError(f"the completed data could not be analysed: {error}") from None


def _trial(
    rows: Rows,
    names: Named,
    reference: object,
    order: Sequence[object] | None,
    *,
    is_change: bool,
) -> ChangeData:
    """The endpoint: one row a subject and visit, those without a row among them."""
    frame = rows.frame
    _refuse_twice(frame, names)
    arms = rows.levels(names.arm, reference)
    visits = _visits(frame, names, order)
    people = frame.drop_duplicates(names.subject).set_index(names.subject)
    cells = pd.MultiIndex.from_product([people.index, visits])
    there = frame.set_index([names.subject, names.visit]).reindex(cells)
    whose = cells.get_level_values(0)
    value = Rows(there[[names.value]].dropna()).numbers(names.value)
    score = pd.Series(np.nan, index=cells)
    score[there[names.value].notna()] = value
    baseline = np.zeros(len(people)) if not names.baseline else _numbers_of(people, names.baseline)
    by_cell = pd.Series(baseline, index=people.index).reindex(whose).to_numpy()
    columns: dict[str, Any] = {
        "subject": whose,
        "arm": people[names.arm].astype(str).reindex(whose).to_numpy(),
        "visit": cells.get_level_values(1).astype(str),
        "baseline": by_cell,
        "score": score.to_numpy() + (by_cell if is_change else 0),
    }
    for place, name in enumerate(names.covariates):
        columns[f"covariate {place}"] = people[name].reindex(whose).to_numpy()
    if names.event:
        columns["event"] = [_event(told) for told in there[names.event]]
    return ChangeData(
        name=names.value,
        phase="study",
        scale="",
        arms=tuple(map(str, arms)),
        visits=tuple(map(str, visits)),
        frame=pd.DataFrame(columns),
    )


def _numbers_of(people: pd.DataFrame, column: str) -> np.ndarray:
    """A column of numbers of the subjects."""
    return Rows(people.reset_index(drop=True)).numbers(column)


def _event(told: Any) -> str:
    """The name of an event; nothing where none is told."""
    return "" if told is None or told is False or pd.isna(told) else str(told).strip()


def _visits(frame: pd.DataFrame, names: Named, order: Sequence[object] | None) -> list[Any]:
    """Visits in order: as it is given, of categories, of numbers, or that in which rows stand.

    Raises
    ------
    DataError
        If the rows do not tell the order, or visits are left out of the one that is given.
    """
    column = frame[names.visit]
    there = set(column)
    if order is None and isinstance(column.dtype, pd.CategoricalDtype):
        order = list(column.cat.categories)
    if order is not None:
        lacking = sorted(map(str, there - set(order)))
        if lacking:
            raise _no_order(names.visit, f"no {', '.join(lacking)} in the order")
        return [visit for visit in order if visit in there]
    if pd.api.types.is_numeric_dtype(column):
        return sorted(there)
    numbers = {visit: NUMBER.search(visit) for visit in map(str, there)}
    kinds = {NUMBER.sub("#", visit, count=1) for visit in numbers}
    if len(kinds) == 1 and all(numbers.values()):
        return sorted(there, key=lambda visit: float(NUMBER.search(str(visit))[0]))  # type: ignore[index]
    return _order_of_rows(frame, names)


def _order_of_rows(frame: pd.DataFrame, names: Named) -> list[Any]:
    """The one order of visits in which the rows of every subject stand."""
    later = frame.groupby(names.subject, sort=False)[names.visit].shift(-1)
    pairs = set(zip(frame[names.visit], later, strict=True))
    after = {(first, second) for first, second in pairs if not pd.isna(second)}
    sorter = TopologicalSorter({visit: set() for visit in frame[names.visit]})
    for first, second in after:
        sorter.add(second, first)
    try:
        order = list(sorter.static_order())
    except CycleError:
        raise _no_order(names.visit, "another order of the rows in some participants") from None
    if not all(pair in after for pair in pairwise(order)):
        raise _no_order(
            names.visit, "no participant with both of two visits that follow each other"
        )
    return order


def _no_order(visit: str, found: str) -> DataError:
    example = 'visits=["Baseline", "Week 1", "Week 2"]'
    problem = Problem(f"column `{visit}`", "visits in one order", found, f"give it: {example}")
    return DataError("the order of the visits is not known", (problem,))


def _refuse_twice(frame: pd.DataFrame, names: Named) -> None:
    """Two rows of a subject at a visit, and what is not the same in all rows of a subject."""
    problems = []
    twice = int(frame.duplicated([names.subject, names.visit]).sum())
    if twice:
        place = f"columns `{names.subject}` and `{names.visit}`"
        problems.append(
            Problem(
                place, "one row per participant and visit", f"{twice} further rows", "keep one each"
            )
        )
    for name in filter(None, (names.arm, names.baseline, *names.covariates)):
        counts = frame.groupby(names.subject)[name].nunique()
        if (several := int((counts > 1).sum())) > 0:
            found = f"several values in {several} participants"
            problems.append(Problem(f"column `{name}`", "one value per participant", found, FILLED))
    if problems:
        raise DataError("the data are not what the function takes", tuple(problems))
