"""Proportional hazards by any column names: Cox's model, with a penalty or a shared frailty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.api.designs import NamedDesign, design_of
from ketaoutcomes.api.shown import Tidied
from ketaoutcomes.api.survival import Times, taken
from ketaoutcomes.api.tables import Rows, rows_of
from ketaoutcomes.errors import DataError, ModelError
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival import cox_baseline
from ketaoutcomes.numerics.survival.concordance import Concordance, TimeWeight
from ketaoutcomes.numerics.survival.concordance import concordance as concordance_of
from ketaoutcomes.numerics.survival.cox_fit import CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_penalised import PenalisedFit, fit_penalised, ridge
from ketaoutcomes.numerics.survival.cox_residuals import deviance_residuals
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel, Ties, cox_model
from ketaoutcomes.numerics.survival.frailty import FrailtyFit, FrailtyLaw, fit_frailty
from ketaoutcomes.numerics.survival.proportional_hazards import TimeTransform, model_test

if TYPE_CHECKING:
    from lifelines import CoxPHFitter

FloatArray = NDArray[np.float64]
NOT_CONVERGED = "the model has no finite estimate: {}"


def tidy_ratios(
    names: Sequence[str], beta: FloatArray, std_error: FloatArray, half: float
) -> pd.DataFrame:
    """One row a coefficient: ratio with its interval; error and test are of its logarithm.

    Parameters
    ----------
    half : float
        Standard errors between estimate and limit.
    """
    z = beta / std_error
    return pd.DataFrame(
        {
            "term": names,
            "estimate": np.exp(beta),
            "std_error": std_error,
            "statistic": z,
            "conf_low": np.exp(beta - half * std_error),
            "conf_high": np.exp(beta + half * std_error),
            "p_value": 2 * norm.sf(np.abs(z)),
        }
    )


@dataclass(frozen=True, repr=False)
class Hazards(Tidied):
    """Hazard ratios of a model: what all kinds of it have in common.

    Attributes
    ----------
    names : tuple of str
        Of the coefficients.
    beta : array, shape (p,)
        Log hazard ratios.
    covariance : array, shape (p, p)
    conf_level : float
    """

    names: tuple[str, ...]
    beta: FloatArray
    covariance: FloatArray
    conf_level: float
    left_out: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is."""
        return f"Proportional hazards: hazard ratios ({self.conf_level:.0%} CI)"

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that were left out."""
        return self.left_out

    @property
    def params(self) -> pd.Series:
        """Log hazard ratios."""
        return pd.Series(self.beta, index=list(self.names))

    @property
    def bse(self) -> pd.Series:
        """Standard errors of the log hazard ratios."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=list(self.names))

    def cov_params(self) -> pd.DataFrame:
        """Covariance of the log hazard ratios."""
        names = list(self.names)
        return pd.DataFrame(self.covariance, index=names, columns=names)

    def tidy(self) -> pd.DataFrame:
        """One row a coefficient: hazard ratio with its interval; the error is of its logarithm."""
        half = float(norm.isf((1 - self.conf_level) / 2))
        return tidy_ratios(self.names, self.beta, self.bse.to_numpy(), half)


@dataclass(frozen=True, repr=False)
class Cox(Hazards):
    """Cox's model.

    Attributes
    ----------
    fit : CoxFit
        The same as arrays, with the global tests and how the fit converged.
    design : NamedDesign
    times : Times
        The rows that were fitted.
    """

    fit: CoxFit
    design: NamedDesign
    times: Times
    ties: Ties
    strata: NDArray[np.intp] | None
    cluster: NDArray[np.intp] | None

    def predict(self) -> FloatArray:
        """Linear predictor of each row, less that of the mean covariates; shape (n,)."""
        predictor: FloatArray = self.fit.model.X @ self.beta
        return predictor

    def concordance(self, weight: TimeWeight = "n") -> Concordance:
        """Share of the comparable pairs that the model puts in the right order.

        Parameters
        ----------
        weight : {"n", "S", "S/G", "n/G2"}
            Harrell's pairs count alike; "n/G2" is Uno's.
        """
        seen = self.times
        return concordance_of(
            seen.time,
            seen.event,
            self.predict(),
            entry=seen.entry,
            strata=self.strata,
            weight=weight,
        )

    def baseline_hazard(self) -> pd.DataFrame:
        """Cumulative hazard of a subject whose covariates are all 0, by stratum and time."""
        found = cox_baseline.baseline_hazard(self.fit)
        columns = {"time": found.times, "estimate": found.cumulative_hazard}
        return pd.DataFrame({"stratum": found.stratum, **columns})

    def predict_survival(
        self, covariates: dict[str, float], times: Sequence[float], *, stratum: int = 0
    ) -> pd.DataFrame:
        """Survival of a subject at some times, with its interval.

        Parameters
        ----------
        covariates : dict
            Term, as in `names`, -> its value; those that are not named are 0.

        Raises
        ------
        DataError
            If a term is not of the model.
        """
        unknown = set(covariates) - set(self.names)
        if unknown:
            words = f"the model has no term {', '.join(sorted(unknown))}"
            raise DataError(f"{words}; use: {', '.join(self.names)}")
        x = np.array([covariates.get(name, 0.0) for name in self.names])
        at = np.asarray(times, dtype=np.float64)
        found = cox_baseline.predict_survival(
            self.fit, x, at, stratum=stratum, conf_level=self.conf_level
        )
        columns = {"time": found.times, "estimate": found.survival, "std_error": found.std_error}
        return pd.DataFrame({**columns, "conf_low": found.conf_low, "conf_high": found.conf_high})

    def proportional_hazards(self, transform: TimeTransform = "km") -> pd.DataFrame:
        """Test whether each hazard ratio, and all together, stay the same over time.

        Parameters
        ----------
        transform : {"km", "rank", "identity", "log"}
            Of time (Grambsch & Therneau 1994), as in R's cox.zph.
        """
        found = model_test(self.fit.model, self.beta, self.design.terms, transform)
        labels = [self.names[columns[0]].partition("[")[0] for columns in self.design.terms]
        tests = zip([*labels, "all"], [*found.terms, found.together], strict=True)
        rows = [(name, test.statistic, test.df, test.p_value) for name, test in tests]
        return pd.DataFrame(rows, columns=["term", "statistic", "df", "p_value"])

    def residuals(self) -> FloatArray:
        """Deviance residuals, shape (n,)."""
        return deviance_residuals(self.fit.model, self.beta)

    @property
    def lifelines(self) -> "CoxPHFitter":
        """A `CoxPHFitter` of lifelines, fitted to the same rows.

        Raises
        ------
        ModelError
            If ties are not Efron's, which lifelines alone has.
        """
        from lifelines import CoxPHFitter  # noqa: PLC0415  (slow to load, and not always used)

        if self.ties != "efron":
            raise ModelError(f"lifelines has Efron's ties alone, and these are {self.ties}")
        names = list(self.names)
        frame = pd.DataFrame(self.design.X, columns=names)
        seen = {
            "(time)": self.times.time,
            "(event)": self.times.event,
            "(entry)": self.times.entry,
            "(weight)": self.times.weight,
            "(stratum)": self.strata,
            "(cluster)": self.cluster,
        }
        there = {name: values for name, values in seen.items() if values is not None}
        named = {key: name if name in there else None for key, name in _OF_LIFELINES.items()}
        fitter = CoxPHFitter(alpha=1 - self.conf_level)
        return fitter.fit(frame.assign(**there), "(time)", "(event)", **named)


_OF_LIFELINES = {
    "entry_col": "(entry)",
    "weights_col": "(weight)",
    "strata": "(stratum)",
    "cluster_col": "(cluster)",
}


@dataclass(frozen=True, repr=False)
class PenalisedCox(Hazards):
    """Cox's model with a penalty; `fit` has effective degrees of freedom and the likelihood."""

    fit: PenalisedFit

    @property
    def title(self) -> str:
        """What it is."""
        return f"Penalised {super().title[:1].lower()}{super().title[1:]}"


@dataclass(frozen=True, repr=False)
class FrailtyCox(Hazards):
    """Cox's model with a random effect shared within clusters; `fit` has its variance."""

    fit: FrailtyFit

    @property
    def title(self) -> str:
        """What it is."""
        return f"Shared frailty ({self.fit.law}), variance {self.fit.variance:.4g}: hazard ratios"

    def frailties(self) -> pd.Series:
        """Predicted log frailty of each cluster."""
        return pd.Series(self.fit.effects, index=list(self.fit.clusters))


def cox(
    data: Any,
    *,
    time: str,
    event: str,
    arm: str | None = None,
    reference: object = None,
    covariates: Sequence[str] = (),
    strata: str | Sequence[str] | None = None,
    cluster: str | None = None,
    frailty: str | None = None,
    frailty_distribution: FrailtyLaw = "gaussian",
    ridge_penalty: float | None = None,
    entry: str | None = None,
    weight: str | None = None,
    ties: Ties = "efron",
    conf_level: float = 0.95,
) -> Cox | PenalisedCox | FrailtyCox:
    """Fit a proportional hazards model.

    Parameters
    ----------
    data, time, event, entry, weight
        As of `kaplan_meier`.
    arm, reference, covariates
        The terms of the model: the arm, the level it is compared with (by default the first), and
        further columns; words are factors.
    strata : str or sequence of str, optional
        Columns whose combinations have a baseline hazard of their own.
    cluster : str, optional
        Column of clusters, such as sites, for a robust variance (Lin & Wei 1989).
    frailty : str, optional
        Column of clusters that share a random effect, of law "gamma", "gaussian" or "gaussian
        reml".
    ridge_penalty : float, optional
        Half of it times the sum of squared coefficients is taken from the log likelihood.
    ties : {"efron", "breslow", "exact"}

    Returns
    -------
    Cox, FrailtyCox or PenalisedCox
        The second with `frailty`, the third with `ridge_penalty`.

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    ModelError
        If a hazard ratio is not finite, or options do not go together.
    """
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    _refuse_together(cluster=cluster, frailty=frailty, ridge_penalty=ridge_penalty)
    rows = rows_of(data, time, event, arm, covariates, strata, cluster, frailty, entry, weight)
    design = design_of(rows, covariates, arm=arm, reference=reference)
    starts, weights = (rows.numbers(name) if name else None for name in (entry, weight))
    seen = Times(rows.numbers(time), rows.events(event), starts, weights)
    stratum = _groups(rows, strata)
    if frailty:
        if weight:
            raise ModelError("`frailty` does not go with `weight`; leave one out")
        return _with_frailty(
            rows, design, seen, stratum, frailty, frailty_distribution, ties, conf_level
        )
    model: CoxModel = taken(
        cox_model,
        seen.time,
        seen.event,
        design.X,
        entry=starts,
        weight=weights,
        strata=stratum,
        ties=ties,
    )
    if ridge_penalty is not None:
        return _penalised(rows, design, model, ridge_penalty, conf_level)
    clusters = _groups(rows, cluster)
    if clusters is not None and ties == "exact":
        raise ModelError("`cluster` does not go with exact ties; write ties='efron'")
    fit = fit_cox(model, clusters)
    if not fit.convergence.converged:
        raise ModelError(NOT_CONVERGED.format(fit.convergence.message))
    shared = design.names, fit.beta, fit.covariance, conf_level, rows.notes
    return Cox(*shared, fit, design, seen, ties, stratum, clusters)


def _refuse_together(**options: object) -> None:
    given = [f"`{name}`" for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise ModelError(f"{' and '.join(given)} do not go together; leave one out")


def _groups(rows: Rows, columns: str | Sequence[str] | None) -> NDArray[np.intp] | None:
    """The number of each row's group."""
    names = [columns] if isinstance(columns, str) else list(columns or ())
    if not names:
        return None
    return np.asarray(rows.frame.groupby(names, observed=True).ngroup(), dtype=np.intp)


def _penalised(
    rows: Rows, design: NamedDesign, model: CoxModel, penalty: float, conf_level: float
) -> PenalisedCox:
    fit = fit_penalised(model, ridge(penalty, np.ones(len(design.names))))
    if not fit.converged:
        raise ModelError(NOT_CONVERGED.format("the penalised likelihood has no maximum"))
    return PenalisedCox(design.names, fit.beta, fit.covariance, conf_level, rows.notes, fit)


def _with_frailty(
    rows: Rows,
    design: NamedDesign,
    seen: Times,
    stratum: NDArray[np.intp] | None,
    cluster: str,
    law: FrailtyLaw,
    ties: Ties,
    conf_level: float,
) -> FrailtyCox:
    fit = taken(
        fit_frailty,
        seen.time,
        seen.event,
        design.X,
        rows.frame[cluster],
        law,
        entry=seen.entry,
        strata=stratum,
        ties=ties,
    )
    if not fit.converged:
        raise ModelError(NOT_CONVERGED.format("the frailty model did not converge"))
    return FrailtyCox(design.names, fit.beta, fit.covariance, conf_level, rows.notes, fit)
