"""A trial with missing outcomes, as arrays with one row a subject."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, SubjectRows, pattern_statistics
from ketaoutcomes.numerics.row_space import RowSpace

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class IncompleteTrial:
    """Outcomes, the design of the imputation model, and what holds after an intercurrent event.

    Attributes
    ----------
    y : array, shape (n_subjects, n_visits)
        NaN where missing.
    X : array, shape (n_subjects, n_visits, p)
        Design of the subject's own arm, at missed visits too.
    X_reference : array, shape (n_subjects, n_visits, p)
        The same had the subject been in the reference arm.
    arm : int array, shape (n_subjects,)
    before : bool array, shape (n_subjects, n_visits)
        Visits before the intercurrent event, a run from the first visit on.
    strategy : tuple of str, shape (n_subjects,)
        A key of `STRATEGIES`.
    group, reference_group : int array, shape (n_subjects,)
        Group of the covariance matrix in the own and in the reference arm.
    """

    y: FloatArray
    X: FloatArray
    X_reference: FloatArray
    arm: IntArray
    before: BoolArray
    strategy: tuple[str, ...]
    group: IntArray
    reference_group: IntArray

    @property
    def observed(self) -> BoolArray:
        """Which outcomes were observed."""
        return ~np.isnan(self.y)

    @property
    def n_visits(self) -> int:
        """Number of visits."""
        return int(self.y.shape[1])

    @cached_property
    def modelled(self) -> BoolArray:
        """The outcomes that the imputation model sees, shape (n_subjects, n_visits)."""
        at_random = np.array([name == "missing at random" for name in self.strategy])
        return np.asarray(self.observed & (self.before | at_random[:, None]))

    @cached_property
    def row_space(self) -> RowSpace:
        """What these outcomes tell of the coefficients: its columns are those of the model."""
        return RowSpace.of(self.X[self.modelled])

    @cached_property
    def rows(self) -> SubjectRows:
        """What the imputation model sees: outcomes that its assumption covers.

        Outcomes observed after an event are left out where another strategy than missing at random
        holds from there on: they do not follow the model of the subjects on treatment.
        """
        X, modelled = self.row_space.columns(self.X), self.modelled
        Z = np.concatenate([X, np.nan_to_num(self.y)[..., None]], axis=-1)
        n, T = self.y.shape
        return SubjectRows(
            Z=Z * modelled[..., None],
            observed=modelled,
            group=self.group,
            coordinates=np.zeros((n, T, 0)),
            root_weight=np.ones((n, T)),
        )

    @cached_property
    def statistics(self) -> PatternStatistics:
        """Sufficient statistics of the imputation model."""
        return pattern_statistics(self.rows)

    @cached_property
    def kinds(self) -> tuple["Kind", ...]:
        """Subjects with missing outcomes whose conditional distributions share their matrices."""
        names = sorted(set(self.strategy))
        code = np.array([names.index(name) for name in self.strategy])
        keys = np.column_stack(
            [self.observed, self.before, code, self.group, self.reference_group]
        ).astype(np.int64)
        distinct, member = np.unique(keys, axis=0, return_inverse=True)
        member = member.reshape(-1)
        T = self.n_visits
        return tuple(
            Kind(
                members=np.flatnonzero(member == k),
                observed=key[:T].astype(bool),
                before=key[T : 2 * T].astype(bool),
                strategy=names[key[2 * T]],
                group=int(key[2 * T + 1]),
                reference_group=int(key[2 * T + 2]),
            )
            for k, key in enumerate(distinct)
            if not key[:T].all()
        )

    def with_strategy(self, name: str) -> "IncompleteTrial":
        """The same trial with one strategy for all events."""
        return replace(self, strategy=(name,) * len(self.strategy))


@dataclass(frozen=True)
class Kind:
    """Subjects alike in visits seen, event, strategy and covariances."""

    members: IntArray
    observed: BoolArray
    before: BoolArray
    strategy: str
    group: int
    reference_group: int


@dataclass(frozen=True)
class Parameters:
    """M values of the parameters of the imputation model.

    Attributes
    ----------
    beta : array, shape (M, p)
        Of all columns, or of those that the modelled outcomes tell apart.
    sigma : array, shape (M, n_groups, n_visits, n_visits)
    """

    beta: FloatArray
    sigma: FloatArray


def moved_outcomes(trial: IncompleteTrial, *, after_the_event_only: bool) -> BoolArray:
    """Which outcomes a shift is added to, shape (n_subjects, n_visits): imputed ones only."""
    return ~trial.observed & ~trial.before if after_the_event_only else ~trial.observed
