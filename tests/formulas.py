"""The terms of a formula as R writes it, for files that hold R's formulas."""

from formulaic import Formula

from ketaoutcomes.families.shared.design import Term


def terms_of(formula: str) -> tuple[Term, ...]:
    """The terms without the intercept."""
    named = (tuple(str(factor.expr) for factor in term.factors) for term in Formula(formula))
    return tuple(term for term in named if term != ("1",))


def has_intercept(formula: str) -> bool:
    """Whether it has one: R's formulas have, unless they say `0`."""
    return "1" in [str(term) for term in Formula(formula)]
