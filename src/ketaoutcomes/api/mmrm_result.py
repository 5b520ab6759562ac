"""A fitted mixed model for repeated measures, as its user holds it.

Methods put questions to functions of `api` and `numerics`; no number is computed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import pandas as pd

from ketaoutcomes.api import ls_means, options
from ketaoutcomes.api.predictions import (
    FittedModel,
    conditional_means,
    fitted_means,
    residuals_by_row,
)
from ketaoutcomes.api.rows import Level
from ketaoutcomes.api.summary import Summary, Table, rounded
from ketaoutcomes.api.term_tests import term_frame
from ketaoutcomes.errors import ModelError
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, Rung


@dataclass(frozen=True, repr=False)
class MmrmResult:
    """A fitted model: `summary()`, `lsmeans()`, `contrasts()` and what statsmodels calls alike.

    Attributes
    ----------
    model : FittedModel
    rungs : tuple of Rung
    conf_level : float
    notes : tuple of str
        What was left out and why.
    frame : DataFrame or None
        The rows used; None where the data were read in parts.
    """

    model: FittedModel
    rungs: tuple[Rung, ...]
    conf_level: float
    notes: tuple[str, ...]
    frame: pd.DataFrame | None

    @property
    def fit(self) -> MmrmFit:
        """The numbers behind the result, as arrays."""
        return self.model.inference.fit

    @property
    def params(self) -> pd.Series:
        """Coefficients."""
        return pd.Series(self.fit.beta, index=self._names, name="estimate")

    @property
    def bse(self) -> pd.Series:
        """Standard errors of the coefficients."""
        return self._column("std_error")

    @property
    def df(self) -> pd.Series:
        """Degrees of freedom of the coefficients."""
        return self._column("df")

    @property
    def tvalues(self) -> pd.Series:
        """Coefficients over their standard errors."""
        return self._column("statistic")

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the coefficients."""
        return self._column("p_value")

    def cov_params(self) -> pd.DataFrame:
        """Covariance of the coefficients, by `vcov` and `df` of the fit."""
        return pd.DataFrame(self.model.inference.covariance, index=self._names, columns=self._names)

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Confidence limits of the coefficients, columns `conf_low` and `conf_high`."""
        table = self.tidy(1 - options.level_of("alpha", alpha)).set_index("term")
        return table[["conf_low", "conf_high"]].rename_axis(None)

    def tidy(self, conf_level: float | None = None) -> pd.DataFrame:
        """One row a coefficient: term, estimate, std_error, df, statistic, limits, p_value."""
        level = self._level(conf_level)
        if level == self.conf_level:
            return self._coefficients.copy()
        return ls_means.coefficient_frame(self.model.design.names, self.model.inference, level)

    @property
    def covariance_structure(self) -> str:
        """The structure that was kept."""
        return self.rungs[-1].structure

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of a participant's outcomes by visit, below one another for several groups.

        For `sp_exp` it is that of the participants with the most visits.
        """
        visits = pd.Index(self.model.layout.visits, name=self.model.layout.visit)
        frames = [pd.DataFrame(V, index=visits, columns=visits) for V in self.fit.covariance]
        if self.model.layout.group is None:
            return frames[0]
        groups = dict(zip(self.model.layout.groups, frames, strict=True))
        return pd.concat(groups, names=[self.model.layout.group])

    @property
    def ladder(self) -> pd.DataFrame:
        """Each structure that was tried, and "kept" or why it was left."""
        return pd.DataFrame([asdict(rung) for rung in self.rungs])

    @property
    def converged(self) -> bool:
        """Whether the likelihood has its maximum here."""
        return self.fit.convergence.converged

    @property
    def llf(self) -> float:
        """Log-likelihood, restricted for REML."""
        return self.fit.log_likelihood

    @property
    def aic(self) -> float:
        """Akaike's criterion; for REML only covariance parameters count."""
        return self.fit.aic

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of participants."""
        return self.fit.bic

    @property
    def nobs(self) -> int:
        """Outcomes used."""
        return self.fit.n_obs

    @property
    def n_subjects(self) -> int:
        """Participants with at least one outcome used."""
        return self.fit.n_subjects

    def lsmeans(
        self,
        factor: str | Sequence[str],
        by: str | Sequence[str] = (),
        *,
        weights: str = "equal",
        at: Mapping[str, float] | None = None,
        level: float | None = None,
    ) -> pd.DataFrame:
        """LS means of the levels of a factor.

        Parameters
        ----------
        factor, by : str or sequence of str
            Factors of the model; `by` comes first in the table.
        weights : {"equal", "proportional", "observed"}
            Weights of the levels of the other factors.
        at : mapping, optional
            Values of numeric covariates; the others are at their means over the rows used.
        level : float, optional
            Confidence level.

        Returns
        -------
        DataFrame
            The levels, then estimate, std_error, df, conf_low, conf_high.

        Raises
        ------
        ModelError
            If a name is not a factor of the model.
        """
        grid = ls_means.grid_of(self.model.design, factor, by, weights, at)
        return ls_means.mean_frame(grid, self.model.inference, self._level(level))

    def contrasts(
        self,
        factor: str,
        by: str | Sequence[str] = (),
        *,
        method: str | Mapping[str, Mapping[Level, float]] = "reference",
        reference: Level | None = None,
        adjust: str = "none",
        across: str = "by",
        weights: str = "equal",
        at: Mapping[str, float] | None = None,
        level: float | None = None,
    ) -> pd.DataFrame:
        """Contrasts of the LS means of a factor.

        Parameters
        ----------
        factor : str
        by : str or sequence of str
            Factors at each combination of whose levels the contrasts are made.
        method : {"reference", "pairwise"} or mapping
            Each level less the reference, each level less each later one, or the weights of the
            levels in contrasts with names of your own.
        reference : optional
            A level; the first by default.
        adjust : {"none", "bonferroni", "holm", "hochberg", "max-t"}
            For several tests. "max-t" takes the correlation of the estimates into account: it is
            Dunnett's test for comparisons with a reference and Tukey's for all pairs. Intervals
            are simultaneous for it and for "bonferroni"; there are none for the stepwise two.
        across : {"by", "all"}
            Which tests are adjusted together: those within a level of `by`, or all of the table.
        weights, at, level
            As of `lsmeans`.

        Returns
        -------
        DataFrame
            Levels of `by`, contrast, estimate, std_error, df, statistic, conf_low, conf_high,
            p_value, p_adjusted.

        Raises
        ------
        ModelError
            If a factor, level or method is not known.
        """
        together = options.chosen("across", across, {"by": (), "all": ()}) == "all"
        adjustment = options.chosen("adjust", adjust, options.ADJUSTMENTS)
        grid = ls_means.grid_of(self.model.design, factor, by, weights, at)
        wanted = ls_means.contrast_weights(
            self.model.design.factors[factor], method, reference, factor
        )
        return ls_means.contrast_frame(
            grid,
            ls_means.compared(grid, wanted),
            self.model.inference,
            self._level(level),
            adjustment,
            all_together=together,
        )

    def anova(self, type: int = 3) -> pd.DataFrame:  # noqa: A002  (as anova_lm of statsmodels)
        """F tests of the terms, each adjusted for all others (3) or for those without it (2).

        Returns
        -------
        DataFrame
            Index term; num_df, den_df, statistic, p_value.

        Raises
        ------
        ModelError
            If a test of type 3 needs a combination of levels that no row has.
        """
        return term_frame(self.model.design, self.model.inference, self.frame, type)

    def predict(
        self,
        newdata: pd.DataFrame | None = None,
        *,
        conditional: bool = False,
        level: float | None = None,
    ) -> pd.DataFrame:
        """Means of the rows used or of new ones.

        Parameters
        ----------
        newdata : DataFrame, optional
            With the columns of the formula, but the outcome.
        conditional : bool
            Given the participant's other outcomes: `newdata` then holds them, and an outcome that
            is known is its own prediction.

        Returns
        -------
        DataFrame
            estimate, std_error, conf_low, conf_high (normal limits of the mean); the index is that
            of the rows.

        Raises
        ------
        DataError, ModelError
            If a column is missing or a level was not in the fit.
        """
        frame = self._rows("predict()", "newdata") if newdata is None else newdata
        of = conditional_means if conditional else fitted_means
        return of(self.model, frame, self._level(level))

    def residuals(self, type: str = "raw") -> pd.Series:  # noqa: A002  (as in R)
        """Residuals of the rows used.

        Parameters
        ----------
        type : {"raw", "pearson", "normalised"}
            Outcome less mean; over its standard deviation; times the inverse Cholesky factor of
            the participant's covariance, independent and of variance one under the model.

        Raises
        ------
        ModelError
            If the data were read in parts, so that the rows are not held.
        """
        kind = options.chosen("type", type, options.RESIDUALS)
        frame = self._rows("residuals()", "a pandas frame to mmrm()")
        return residuals_by_row(self.model, frame, kind)

    def summary(self) -> Summary:
        """What was fitted and what came of it, as text and HTML."""
        group = f" by {self.model.layout.group}" if self.model.layout.group else ""
        structure = options.LABELS[self.covariance_structure]
        facts = {
            "Formula": self.model.formula.text,
            "Participants": f"{self.n_subjects}",
            "Outcomes": f"{self.nobs}",
            "Covariance": f"{structure}{group}",
            "Estimation": "REML" if self.fit.model.reml else "maximum likelihood",
            "Degrees of freedom": options.LABELS[self.model.inference.df_method],
            "Standard errors": _STANDARD_ERRORS[self.model.inference.covariance_kind],
            "Log-likelihood": f"{self.llf:.3f}",
            "AIC, BIC": f"{self.aic:.3f}, {self.bic:.3f}",
            "Converged": "yes" if self.converged else "no",
        }
        tried = [Table("Structures tried", self.ladder)] if len(self.rungs) > 1 else []
        tables = (
            Table(f"Coefficients ({100 * self.conf_level:g}% CI)", rounded(self.tidy())),
            Table("Covariance of the outcomes", self.covariance.round(4), index=True),
            *tried,
        )
        return Summary("Mixed model for repeated measures", facts, tables, self.notes)

    def __repr__(self) -> str:
        size = f"{self.n_subjects} participants, {self.nobs} outcomes"
        structure = f"{self.covariance_structure} covariance"
        return f"<MMRM {self.model.formula.text}: {size}, {structure}; see .summary()>"

    def _repr_html_(self) -> str:
        return self.summary().as_html()

    @property
    def _names(self) -> pd.Index:
        return pd.Index(self.model.design.names)

    @cached_property
    def _coefficients(self) -> pd.DataFrame:
        return ls_means.coefficient_frame(
            self.model.design.names, self.model.inference, self.conf_level
        )

    def _column(self, name: str) -> pd.Series:
        return self._coefficients.set_index("term")[name].rename_axis(None)

    def _level(self, level: float | None) -> float:
        return self.conf_level if level is None else options.level_of("level", level)

    def _rows(self, what: str, instead: str) -> pd.DataFrame:
        if self.frame is None:
            raise ModelError(
                f"{what} needs the rows, and data read in parts are not kept; give {instead}"
            )
        return self.frame


_STANDARD_ERRORS = {
    "model": "from the model",
    "empirical": "empirical",
    "cr2": "empirical, bias-reduced (CR2)",
    "cr3": "empirical, jackknife (CR3)",
}
