"""A formula in the notation of Wilkinson & Rogers 1973 becomes an outcome and terms.

The parser is that of formulaic. A variable may have any name; one that is not a plain word stands
in backticks.
"""

import ast
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
_QUOTED = re.compile(r"`([^`]+)`")
_CATEGORICAL = re.compile(r"C\((?P<name>[^\W\d][\w.]*)\)")
_COVARIANCE = re.compile(
    rf"(?P<structure>{'|'.join(STRUCTURES)})\((?P<places>[^|]+) \| (?:(?P<group>[^/]+) / )?"
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
class Expression:
    """Python that the parser of formulas can read.

    Attributes
    ----------
    code : str
    columns : mapping
        Column of the data -> its word in the code.
    """

    code: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Names:
    """Names in backticks, and the words that the parser is shown in their place.

    It would take `1` for the intercept.
    """

    of_word: Mapping[str, str]

    @staticmethod
    def of(text: str) -> "Names":
        """Of a formula."""
        quoted = dict.fromkeys(_QUOTED.findall(text))
        return Names({f"quoted_{place}_": name for place, name in enumerate(quoted)})

    def hidden(self, text: str) -> str:
        """A formula with words for names."""
        words = {name: word for word, name in self.of_word.items()}
        return _QUOTED.sub(lambda found: words[found[1]], text)

    def name(self, word: str) -> str:
        """The name that a word stands for; any other word is a name itself."""
        return self.of_word.get(word.strip(), word.strip())

    def shown(self, code: str) -> str:
        """An expression as the user wrote it."""
        for word, name in self.of_word.items():
            code = code.replace(word, f"`{name}`")
        return code


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
        Each expression, such as `log(dose)`, that is computed row by row.
    covariance : CovarianceTerm or None
    """

    text: str
    outcome: str
    terms: tuple[Term, ...]
    intercept: bool
    as_factors: frozenset[str]
    computed: Mapping[str, Expression]
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
        expression = self.computed.get(variable)
        return (variable,) if expression is None else tuple(expression.columns)


def read_formula(text: str) -> ModelFormula:
    """Read a formula.

    Raises
    ------
    ModelError
        If it is no formula of one outcome, or has two covariance structures.
    """
    names = Names.of(text)
    parsed = _parsed(text, names)
    left = [factor for term in parsed.lhs for factor in term.factors]
    if len(parsed.lhs) != 1 or len(left) != 1 or _is_literal(left[0]):
        raise ModelError(f"the formula `{text}` needs one outcome left of `~`, as in `{EXAMPLE}`")
    structures = [found for term in parsed.rhs if (found := _covariance_of(term, names))]
    if len(structures) > 1:
        raise ModelError(
            f"the formula `{text}` has {len(structures)} covariance structures; give several "
            'to be tried in order by `covariance=["us", "toeph"]`'
        )
    right = [
        [factor for factor in term.factors if not _is_literal(factor)]
        for term in parsed.rhs
        if not _covariance_of(term, names)
    ]
    factors = [factor for term in right for factor in term]
    terms = [tuple(_name(factor, names) for factor in term) for term in right]
    return ModelFormula(
        text=text,
        outcome=_name(left[0], names),
        terms=tuple(term for term in terms if term != INTERCEPT),
        intercept=INTERCEPT in terms,
        as_factors=frozenset(
            _name(factor, names) for factor in factors if _CATEGORICAL.fullmatch(factor.expr)
        ),
        computed={
            _name(factor, names): _expression(factor.expr, names)
            for factor in (*left, *factors)
            if _is_computed(factor)
        },
        covariance=structures[0] if structures else None,
    )


def _parsed(text: str, names: Names) -> Formula:
    """By the parser; its errors show the place, and colours that not every page can show."""
    try:
        parsed = Formula(names.hidden(text))
    except (FormulaicError, SyntaxError) as error:
        if "`.` operator" in str(error):
            raise ModelError(f"`.` in `{text}` names no variable; name each one") from None
        said = names.shown(_COLOUR.sub("", str(error)).split("\n")[0])
        raise ModelError(f"the formula `{text}` cannot be read: {said}") from None
    if not hasattr(parsed, "lhs") or not isinstance(parsed.rhs, list | Formula):
        raise ModelError(f"`{text}` is not a formula of one outcome, such as `{EXAMPLE}`")
    return parsed


def _is_literal(factor: Factor) -> bool:
    return factor.eval_method is Factor.EvalMethod.LITERAL


def _is_computed(factor: Factor) -> bool:
    python = factor.eval_method is Factor.EvalMethod.PYTHON
    return python and not _CATEGORICAL.fullmatch(factor.expr)


def _name(factor: Factor, names: Names) -> str:
    """The variable that a factor is, or the expression."""
    categorical = _CATEGORICAL.fullmatch(factor.expr)
    if categorical:
        return names.name(categorical["name"])
    if _is_computed(factor):
        return names.shown(factor.expr)
    return names.name(factor.expr)


def _expression(code: str, names: Names) -> Expression:
    """With the columns that its code names: all names but those of functions and modules."""
    tree = ast.parse(code, mode="eval")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    modules = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words = [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in called | modules
    ]
    return Expression(code, {names.name(word): word for word in words})


def _covariance_of(term: ParsedTerm, names: Names) -> CovarianceTerm | None:
    """The covariance structure that a term is, if it is one."""
    found = _COVARIANCE.fullmatch(str(term.factors[0].expr))
    if len(term.factors) != 1 or found is None:
        return None
    return CovarianceTerm(
        structure=found["structure"],
        places=tuple(names.name(word) for word in found["places"].split(",")),
        group=None if found["group"] is None else names.name(found["group"]),
        subject=names.name(found["subject"]),
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

    name: str
    columns: Mapping[str, str]
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
            values = self.spec.get_model_matrix(_renamed(frame, self.columns), na_action="ignore")
        column = np.asarray(values, dtype=float)[:, 0]
        bad = int((~np.isfinite(column)).sum())
        if bad:
            rows = "1 row" if bad == 1 else f"{bad} rows"
            raise ModelError(f"`{self.name}` is not a finite number in {rows}")
        return pd.Series(column, index=frame.index)


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    return frame[list(columns)].rename(columns=columns)


def computed_by(name: str, expression: Expression, frame: pd.DataFrame) -> Computed:
    """Learn an expression from complete rows.

    Raises
    ------
    ModelError
        If it cannot be computed, or gives more than one column.
    """
    try:
        with np.errstate(all="ignore"):
            rows = _renamed(frame, expression.columns)
            matrix = model_matrix(f"0 + {{{expression.code}}}", rows, na_action="ignore")
    except (FormulaicError, TypeError, ValueError) as error:
        raise ModelError(
            f"`{name}` in the formula cannot be computed: {str(error).splitlines()[0]}"
        ) from None
    if matrix.shape[1] != 1:
        raise ModelError(
            f"`{name}` in the formula gives {matrix.shape[1]} columns; "
            "add them to the data and name each in the formula"
        )
    spec = matrix.model_spec
    return Computed(name, expression.columns, spec, bool(spec.transform_state))
