"""Times to an event under a parametric distribution, by any column names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ketaoutcomes.api.designs import design_of
from ketaoutcomes.api.hazards import NOT_CONVERGED, tidy_ratios
from ketaoutcomes.api.shown import Tidied
from ketaoutcomes.api.survival import taken
from ketaoutcomes.api.tables import rows_of
from ketaoutcomes.errors import DataError, ModelError
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.aft_distributions import FAMILIES, Distribution
from ketaoutcomes.numerics.survival.aft_fit import (
    AftFit,
    aft_model,
    fit_aft,
    predict_quantiles,
    right_censored_limits,
)


@dataclass(frozen=True, repr=False)
class ParametricSurvival(Tidied):
    """An accelerated failure time model.

    Attributes
    ----------
    names : tuple of str
        Of the coefficients, the intercept first.
    fit : AftFit
        The same as arrays, with the scale of the errors and the likelihood.
    """

    names: tuple[str, ...]
    fit: AftFit
    distribution: Distribution
    conf_level: float
    left_out: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What it is."""
        what = "time ratios" if FAMILIES[self.distribution].logarithmic else "differences in time"
        return f"Parametric survival ({self.distribution}): {what}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that were left out."""
        return self.left_out

    @property
    def params(self) -> pd.Series:
        """Coefficients of the logarithm of the time, or of the time."""
        return pd.Series(self.fit.beta, index=list(self.names))

    @property
    def bse(self) -> pd.Series:
        """Standard errors of the coefficients."""
        return pd.Series(self.fit.std_error[: len(self.names)], index=list(self.names))

    def tidy(self) -> pd.DataFrame:
        """One row a term: time ratio with its interval; the error is of its logarithm.

        Where the distribution is that of the time itself, differences in place of ratios.
        """
        half = float(norm.isf((1 - self.conf_level) / 2))
        ratios = tidy_ratios(self.names, self.fit.beta, self.bse.to_numpy(), half).iloc[1:]
        if not FAMILIES[self.distribution].logarithmic:
            shown = ["estimate", "conf_low", "conf_high"]
            ratios[shown] = np.log(ratios[shown])
        return ratios.reset_index(drop=True)

    def quantiles(self, covariates: Mapping[str, float], *shares: float) -> pd.DataFrame:
        """Times by which shares of participants with these covariates have the event.

        Parameters
        ----------
        covariates : dict
            Term, as in `names`, -> its value; those that are not named are 0.
        shares : float
            By default quartiles and median.

        Raises
        ------
        DataError
            If a term is not of the model.
        """
        unknown = set(covariates) - set(self.names[1:])
        if unknown:
            words = f"the model has no term {', '.join(sorted(unknown))}"
            raise DataError(f"{words}; use: {', '.join(self.names[1:])}")
        x = np.array([1.0, *(covariates.get(name, 0.0) for name in self.names[1:])])
        found = predict_quantiles(self.fit, x, np.array(shares or (0.25, 0.5, 0.75)))
        columns = {"share": found.probability, "estimate": found.estimate}
        return pd.DataFrame({**columns, "std_error": found.std_error})


def parametric_survival(
    data: Any,
    *,
    time: str,
    event: str,
    distribution: Distribution = "weibull",
    arm: str | None = None,
    reference: object = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    conf_level: float = 0.95,
) -> ParametricSurvival:
    """Fit an accelerated failure time model.

    Parameters
    ----------
    data, time, event
        As of `kaplan_meier`.
    distribution : str
        "weibull", "exponential", "rayleigh", "log-normal" or "log-logistic", whose effects are time
        ratios; "gaussian", "logistic" or "extreme value", whose effects are differences.
    arm, reference, covariates
        The terms of the model, as of `cox`.
    cluster : str, optional
        Column of clusters, for a robust variance.

    Raises
    ------
    DataError
        If a column is not there or does not hold what it should.
    ModelError
        If an effect is not finite, or there is no such distribution.
    """
    if distribution not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise ModelError(f"`distribution` is one of {known}, and not `{distribution}`")
    covariates = (covariates,) if isinstance(covariates, str) else tuple(covariates)
    rows = rows_of(data, time, event, arm, covariates, cluster)
    design = design_of(rows, covariates, arm=arm, reference=reference)
    limits = right_censored_limits(rows.numbers(time), rows.events(event))
    matrix = np.column_stack([np.ones(len(rows.frame)), design.X])
    model = taken(aft_model, *limits, matrix, distribution)
    fit = fit_aft(model, rows.frame[cluster] if cluster else None)
    if not fit.converged:
        raise ModelError(NOT_CONVERGED.format(fit.message or "the fit did not converge"))
    names = ("intercept", *design.names)
    return ParametricSurvival(names, fit, distribution, conf_level, rows.notes)
