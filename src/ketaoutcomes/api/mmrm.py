"""The mixed model for repeated measures, from a formula and data.

Mallinckrodt, Lane, Schnell, Peng & Mancuso 2008, Drug Inf J 42:303-319.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ketaoutcomes.api import options
from ketaoutcomes.api.formula import CovarianceTerm, ModelFormula, read_formula
from ketaoutcomes.api.mmrm_fit import Request, fitted
from ketaoutcomes.api.mmrm_result import MmrmResult
from ketaoutcomes.api.rows import Level, Wanted
from ketaoutcomes.api.sources import source_of
from ketaoutcomes.errors import DataNote, ModelError
from ketaoutcomes.families.shared.design import Coding
from ketaoutcomes.numerics.mmrm.covariance import SPATIAL

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    Data: TypeAlias = pd.DataFrame | pa.Table | str | Path | Any


def mmrm(
    formula: str,
    data: "Data",
    *,
    subject: str | None = None,
    visit: str | None = None,
    covariance: str | Sequence[str] | None = None,
    df: str = "satterthwaite",
    covariance_by: str | None = None,
    weights: str | None = None,
    method: str = "reml",
    vcov: str = "model",
    conf_level: float = 0.95,
    levels: Mapping[str, Level | Sequence[Level]] | None = None,
    coordinates: str | Sequence[str] = (),
    coding: Coding = "treatment",
    on_failure: Literal["raise", "return"] = "raise",
) -> MmrmResult:
    """Fit a mixed model for repeated measures.

    Parameters
    ----------
    formula : str
        As in `change ~ baseline*visit + arm*visit`. A name that is not a plain word stands in
        backticks, a number that is a label in `C()`. A covariance structure as R's mmrm writes it,
        `us(visit | id)`, may stand in it instead of `subject`, `visit` and `covariance`.
    data : DataFrame, pyarrow Table, DuckDB relation, Dask or Polars frame, or Parquet path
        One row per participant and visit. Anything but a pandas frame is read in parts, twice, and
        never held as a whole.
    subject, visit : str
        Columns; the visit is a factor whatever its values.
    covariance : str or sequence of str, default "us"
        Structures, tried in order until one converges: us, toep, toeph, ar1, ar1h, ad, adh, cs,
        csh, sp_exp.
    df : str
        Degrees of freedom: satterthwaite, kenward-roger (the linear form where the covariance is
        linear, as in SAS), kenward-roger-linear, kenward-roger-mmrm (the form of R's mmrm),
        between-within, residual.
    covariance_by : str, optional
        Column whose levels have a covariance matrix each.
    weights : str, optional
        Column of weights above 0; the covariance is that of an outcome of weight one.
    method : {"reml", "ml"}
    vcov : {"model", "empirical", "cr2", "cr3"}
        Covariance of the coefficients.
    conf_level : float
        Level of all intervals that ask for no other.
    levels : mapping, optional
        For a factor, the level or levels that come first: its reference, or the order of visits.
        The others follow in the order of a categorical column, or by number and name.
    coordinates : str or sequence of str
        Columns that hold the time of an assessment, for `sp_exp`.
    coding : {"treatment", "sum"}
        Coding of the factors.
    on_failure : {"raise", "return"}
        What happens where no structure converges; `return` gives the last fit with `converged`
        False.

    Returns
    -------
    MmrmResult

    Raises
    ------
    DataError
        If a column is missing, a participant has two rows at a visit, or values cannot be used.
    ModelError
        If the formula or an option cannot be read, or the model cannot be fitted to the data.

    Warns
    -----
    DataNote
        If rows with an outcome are left out because something else is missing.

    Examples
    --------
    >>> import ketaoutcomes as ko
    >>> import pandas as pd
    >>> d = pd.DataFrame({
    ...     "id": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6], "week": [2, 4] * 6,
    ...     "arm": ["placebo"] * 6 + ["active"] * 6,
    ...     "score": [21, 19, 25, 20, 23, 22, 18, 12, 22, 13, 20, 15]})
    >>> fit = ko.mmrm("score ~ arm*week", d, subject="id", visit="week",
    ...               levels={"arm": "placebo"})
    >>> print(fit.contrasts("arm", by="week")[["week", "contrast", "estimate"]].round(2))
       week          contrast  estimate
    0     2  active - placebo      -3.0
    1     4  active - placebo      -7.0
    """
    read = read_formula(formula)
    request = Request(
        wanted=_wanted(read, subject, visit, covariance_by, weights, options.several(coordinates)),
        ladder=_ladder(read, covariance),
        df=options.chosen("df", df, options.DF_METHODS),
        method=options.chosen("method", method, options.METHODS),
        vcov=options.chosen("vcov", vcov, options.COEFFICIENT_COVARIANCES),
        coding=options.chosen("coding", coding, options.CODINGS),
        levels={name: _listed(given) for name, given in (levels or {}).items()},
        conf_level=options.level_of("conf_level", conf_level),
        keep=options.chosen("on_failure", on_failure, options.ON_FAILURE) == "return",
    )
    result, warned = fitted(request, source_of(data))
    for note in warned:
        warnings.warn(note, DataNote, stacklevel=2)
    return result


def _wanted(
    formula: ModelFormula,
    subject: str | None,
    visit: str | None,
    group: str | None,
    weights: str | None,
    coordinates: tuple[str, ...],
) -> Wanted:
    """The columns, as the arguments or the formula name them."""
    term = formula.covariance
    if term is not None:
        subject = _either("subject", subject, term.subject)
        group = _either("covariance_by", group, term.group)
        if term.structure in SPATIAL:
            coordinates = coordinates or term.places
        else:
            visit = _either("visit", visit, _only(term))
    if not isinstance(subject, str) or not isinstance(visit, str):
        argument = "visit" if isinstance(subject, str) else "subject"
        raise ModelError(f'name the column of the {argument}s: {argument}="..."')
    return Wanted(formula, subject, visit, group, weights, coordinates)


def _ladder(formula: ModelFormula, covariance: str | Sequence[str] | None) -> tuple[str, ...]:
    """The structures in the order in which they are tried."""
    named = "us" if formula.covariance is None else formula.covariance.structure
    ladder = options.several(named if covariance is None else covariance)
    if not ladder:
        raise ModelError('`covariance` names no structure; give one, as in covariance="us"')
    return tuple(options.chosen("covariance", name, options.COVARIANCES) for name in ladder)


def _either(argument: str, given: str | None, named: str | None) -> str | None:
    """What an argument or the formula says; both may if they agree."""
    if given is not None and named is not None and given != named:
        raise ModelError(f"{argument}={given!r}, and the formula says `{named}`; give one of them")
    return given or named


def _only(term: CovarianceTerm) -> str:
    if len(term.places) > 1:
        n = len(term.places)
        raise ModelError(f"the covariance `{term.structure}` takes one visit, not {n}")
    return term.places[0]


def _listed(given: Level | Sequence[Level]) -> tuple[Level, ...]:
    return tuple(given) if isinstance(given, list | tuple) else (given,)
