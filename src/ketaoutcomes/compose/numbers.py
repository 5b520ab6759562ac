"""How numbers are written: one rule each."""

from ketaoutcomes.results import Result

MINUS = "\N{MINUS SIGN}"
ABSENT = "\N{EN DASH}"
SMALLEST_P = 0.001

PERCENTAGES = frozenset(
    {
        *("proportion", "risk difference", "marginal risk difference", "difference in proportions"),
        *("survival", "difference in survival", "cumulative incidence"),
        *("standardised risk", "proportion mediated"),
    }
)
"""Statistics held as a part of one and written as per cent."""

MONEY = "net monetary benefit"
"""A statistic with this in its name is money, written without decimals."""

RATIO_WORDS = ("ratio", "frailty variance")
"""A statistic with one of these in its name is written with two decimals."""


def number(value: float | None, decimals: int = 1) -> str:
    """A number with fixed decimals and a true minus sign; a dash where there is none."""
    if value is None:
        return ABSENT
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def count(value: float | None) -> str:
    """A whole number, thousands separated."""
    return ABSENT if value is None else f"{round(value):,}".replace("-", MINUS)


def percentage(part: float | None, decimals: int = 1) -> str:
    """A part of one as per cent."""
    return ABSENT if part is None else f"{number(100 * part, decimals)}%"


def p_value(p: float | None) -> str:
    """A p-value in a sentence: `p = 0.015`, `p < 0.001`."""
    if p is None:
        return "no p-value"
    cell = p_cell(p)
    return f"p {cell[0]} {cell[1:]}" if cell[0] in "<>" else f"p = {cell}"


def p_cell(p: float | None) -> str:
    """A p-value in a table: `0.015`, `<0.001`."""
    if p is None:
        return ABSENT
    if p < SMALLEST_P:
        return "<0.001"
    return ">0.999" if p > 1 - SMALLEST_P else f"{p:.3f}"


def level(conf_level: float) -> str:
    """A confidence level: `95%`."""
    return f"{100 * conf_level:g}%"


def decimals_of(row: Result) -> int:
    """Decimals of a result: none for money, two for a ratio, else one."""
    if MONEY in row.statistic:
        return 0
    return 2 if any(word in row.statistic for word in RATIO_WORDS) else 1


def estimate(row: Result | None, decimals: int | None = None) -> str:
    """The estimate as a reader sees it; proportions as per cent without the sign."""
    if row is None or row.estimate is None:
        return ABSENT
    factor = 100 if row.statistic in PERCENTAGES else 1
    return number(factor * row.estimate, decimals_of(row) if decimals is None else decimals)


def limits(row: Result, decimals: int | None = None) -> str:
    """The confidence limits: `-6.1 to -1.9`, a dash where a limit cannot be had."""
    if row.conf_low is None and row.conf_high is None:
        return ABSENT
    factor = 100 if row.statistic in PERCENTAGES else 1
    places = decimals_of(row) if decimals is None else decimals
    low, high = (
        "not reached" if bound is None else number(factor * bound, places)
        for bound in (row.conf_low, row.conf_high)
    )
    return f"{low} to {high}"


def interval(row: Result, decimals: int | None = None) -> str:
    """The confidence interval: `95% CI -6.1 to -1.9`."""
    words = f"{level(row.conf_level)} CI" if row.conf_level is not None else "CI"
    return f"{words} {limits(row, decimals)}"


def estimate_with_limits(row: Result | None, decimals: int | None = None) -> str:
    """Estimate and limits in a table: `-4.0 (-6.1 to -1.9)`; `not estimated` after a failure."""
    if row is None:
        return ABSENT
    if row.status == "failed":
        return "not estimated"
    if row.estimate is None:
        return row.message or ABSENT
    bounds = limits(row, decimals)
    return estimate(row, decimals) + ("" if bounds == ABSENT else f" ({bounds})")
