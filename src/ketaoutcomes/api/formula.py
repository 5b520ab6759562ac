"""A formula in the notation of Wilkinson & Rogers 1973 becomes an outcome and terms.

The parser is that of formulaic. A variable may have any name; one that is not a plain word stands
in backticks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec, model_matrix
from formulaic.errors import FormulaicError
from formulaic.parser.types import Factor
from formulaic.parser.types import Term as ParsedTerm

from ketaoutcomes.errors import ModelError
from ketaoutcomes.families.shared.design import INTERCEPT, Term
from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES

EXAMPLE = "change ~ baseline*visit + arm*visit"
_CATEGORICAL = re.compile(r"C\((?P<name>`[^`]+`|[^\W\d][\w.]*)\)")
_COVARIANCE = re.compile(
    rf"(?P<structure>{'|'.join(STRUCTURES)})\((?P<at>[^|]+) \| (?:(?P<group>[^/]+) / )?"
    r"(?P<subject>[^/]+)\)"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class CovarianceTerm:
    """What `us(visit | arm / subject)` says, as R's mmrm writes it."""

    structure: str
    places: tuple[str, ...]
    group: str | None
    subject: str


@dataclass(frozen=True)
class ModelFormula:
    """A formula that has been read.

    Attributes
    ----------
    text : str
        As the user wrote it.
    outcome : str
        A variable, or one of `computed`.
    terms : tuple of Term
        Without the intercept.
    intercept : bool
    as_factors : frozenset of str
        Variables that stand in `C()`.
    computed : mapping
        The variables of each expression, such as `log(dose)`, that is computed row by row.
    covariance : CovarianceTerm or None
    """

    text: str
    outcome: str
    terms: tuple[Term, ...]
    intercept: bool
    as_factors: frozenset[str]
    computed: Mapping[str, tuple[str, ...]]
    covariance: CovarianceTerm | None

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the terms, expressions among them."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the data that it names, the outcome's first."""
        return tuple(dict.fromkeys((*self.columns_of(self.outcome), *self.columns_of_terms)))

    @property
    def columns_of_terms(self) -> tuple[str, ...]:
        """Columns of the data that the terms need."""
        return tuple(dict.fromkeys(c for name in self.variables for c in self.columns_of(name)))

    def columns_of(self, variable: str) -> tuple[str, ...]:
        """The columns of the data behind a variable or an expression."""
        return self.computed.get(variable, (variable,))


def read_formula(text: str) -> ModelFormula:
    """Read a formula.

    Raises
    ------
    ModelError
        If it is no formula of one outcome, or has two covariance structures.
    """
    parsed = _parsed(text)
    left = [factor for term in parsed.lhs for factor in term.factors]
    if len(parsed.lhs) != 1 or len(left) != 1 or left[0].expr == "0":
        raise ModelError(f"the formula `{text}` needs one outcome left of `~`, as in `{EXAMPLE}`")
    terms = [term for term in parsed.rhs if not _covariance_of(term)]
    covariances = [found for term in parsed.rhs if (found := _covariance_of(term))]
    if len(covariances) > 1:
        raise ModelError(
            f"the formula `{text}` has {len(covariances)} covariance structures; give several "
            'to be tried in order by `covariance=["us", "toeph"]`'
        )
    factors = [factor for term in terms for factor in term.factors]
    named = [_name(factor) for factor in factors]
    return ModelFormula(
        text=text,
        outcome=_name(left[0]),
        terms=tuple(_term(term) for term in terms if _term(term) != INTERCEPT),
        intercept=INTERCEPT in [_term(term) for term in terms],
        as_factors=frozenset(
            name for name, f in zip(named, factors, strict=True) if _CATEGORICAL.fullmatch(f.expr)
        ),
        computed={f.expr: _columns(f) for f in (*left, *factors) if _is_computed(f)},
        covariance=covariances[0] if covariances else None,
    )


def _parsed(text: str) -> Formula:
    """By the parser; its errors show the place, and colours that not every page can show."""
    try:
        parsed = Formula(text)
    except (FormulaicError, SyntaxError) as error:
        if "`.` operator" in str(error):
            raise ModelError(f"`.` in `{text}` names no variable; name each one") from None
        said = _COLOUR.sub("", str(error)).replace("⧛", "").replace("⧚", "").split("\n")[0]
        raise ModelError(f"the formula `{text}` cannot be read: {said}") from None
    if not hasattr(parsed, "lhs") or not isinstance(parsed.rhs, list | Formula):
        raise ModelError(f"`{text}` is not a formula of one outcome, such as `{EXAMPLE}`")
    return parsed


def _term(term: ParsedTerm) -> Term:
    return tuple(_name(factor) for factor in term.factors if factor.expr != "1")


def _name(factor: Factor) -> str:
    """The variable that a factor is, or the expression."""
    categorical = _CATEGORICAL.fullmatch(factor.expr)
    return categorical["name"].strip("`") if categorical else str(factor.expr)


def _is_computed(factor: Factor) -> bool:
    return factor.eval_method is Factor.EvalMethod.PYTHON and not _CATEGORICAL.fullmatch(
        factor.expr
    )


def _columns(factor: Factor) -> tuple[str, ...]:
    return tuple(sorted(map(str, Formula(f"0 + {{{factor.expr}}}").required_variables)))


def _covariance_of(term: ParsedTerm) -> CovarianceTerm | None:
    """The covariance structure that a term is, if it is one."""
    if len(term.factors) != 1:
        return None
    found = _COVARIANCE.fullmatch(str(term.factors[0].expr))
    if found is None:
        return None
    group = found["group"]
    return CovarianceTerm(
        structure=found["structure"],
        places=tuple(name.strip(" `") for name in found["at"].split(",")),
        group=None if group is None else group.strip(" `"),
        subject=found["subject"].strip(" `"),
    )


@dataclass(frozen=True)
class Computed:
    """How an expression is computed on any rows, with the state it took from the first.

    Attributes
    ----------
    spec : ModelSpec
    has_state : bool
        Whether its values depend on all rows, as those of `center(x)` do.
    """

    expression: str
    columns: tuple[str, ...]
    spec: ModelSpec
    has_state: bool

    def of(self, frame: pd.DataFrame) -> pd.Series:
        """Its values for the rows of a frame.

        Raises
        ------
        ModelError
            If a value is not a finite number.
        """
        with np.errstate(all="ignore"):
            values = self.spec.get_model_matrix(frame[list(self.columns)], na_action="ignore")
        column = np.asarray(values, dtype=float)[:, 0]
        bad = int((~np.isfinite(column)).sum())
        if bad:
            rows = "1 row" if bad == 1 else f"{bad} rows"
            raise ModelError(f"`{self.expression}` is not a finite number in {rows}")
        return pd.Series(column, index=frame.index)


def computed_by(expression: str, columns: tuple[str, ...], frame: pd.DataFrame) -> Computed:
    """Learn an expression from complete rows.

    Raises
    ------
    ModelError
        If it cannot be computed, or gives more than one column.
    """
    try:
        with np.errstate(all="ignore"):
            formula = f"0 + {{{expression}}}"
            matrix = model_matrix(formula, frame[list(columns)], na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        raise ModelError(
            f"`{expression}` in the formula cannot be computed: {str(error).splitlines()[0]}"
        ) from None
    if matrix.shape[1] != 1:
        raise ModelError(
            f"`{expression}` in the formula gives {matrix.shape[1]} columns; "
            "add them to the data and name each in the formula"
        )
    spec = matrix.model_spec
    return Computed(expression, columns, spec, bool(spec.transform_state))
