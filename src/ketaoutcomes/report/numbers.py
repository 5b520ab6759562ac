"""How numbers are written: one rule each."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from ketaoutcomes.results import EDGE, Result

MINUS = "\N{MINUS SIGN}"
NOT_STATED = "not stated in the plan"
DOUBTED = " \N{DOUBLE DAGGER}"
"""After a number that a second program gave otherwise."""

ABSENT = "\N{EN DASH}"
SUPPRESSED = "[c]"
"""Confidential, as British official statistics mark what may not be shown."""

ABOUT = "\N{ALMOST EQUAL TO}"
"""Before a count in round numbers, because the exact one would tell a small count."""

NO_ESTIMATE = {"failed": "not estimated", "unavailable": "not estimated", "suppressed": SUPPRESSED}
"""What stands in a table where a result has no estimate, by its status."""

SMALLEST_P = 0.001

SMALL = 0.95
"""A score or difference below this may be that of a fine scale: its error tells."""

FINE = ((0.05, 3), (0.25, 2))
"""Standard errors below the first number, with the decimals of a small score that has one."""

PERCENTAGES = frozenset(
    {
        *("proportion", "risk difference", "marginal risk difference", "difference in proportions"),
        *("survival", "difference in survival", "cumulative incidence"),
        *("standardised risk", "proportion mediated"),
        *("proportion at the first visit", "proportion at the visit", "paired risk difference"),
    }
)
"""Statistics held as a part of one and written as per cent."""

MONEY = "net monetary benefit"
"""A statistic with this in its name is money, written without decimals."""

RATIO_WORDS = ("ratio", "frailty variance")
"""A statistic with one of these in its name is written with two decimals."""


def number(value: float | None, decimals: int = 1) -> str:
    """A number with fixed decimals and a true minus sign; a dash where there is none.

    Whole numbers have their thousands separated.
    """
    if value is None:
        return ABSENT
    if reads_as_zero(value, decimals):
        value = abs(value)
    text = f"{value:.{decimals}f}" if decimals else f"{value:,.0f}"
    return text.replace("-", MINUS)


def reads_as_zero(value: float, decimals: int) -> bool:
    """Whether nothing but zeros is left of a number with these decimals."""
    return float(f"{value:.{decimals}f}") == 0


def exact(value: float) -> str:
    """A number as it is given, such as the end of a scale; no decimals are added."""
    return f"{value:g}".replace("-", MINUS)


def signed(value: float) -> str:
    """A shift with its sign, to three digits; zero without."""
    text = f"{value:+.3g}"
    return "0" if float(text) == 0 else text.replace("-", MINUS)


def count(value: float | None) -> str:
    """A whole number, thousands separated."""
    return ABSENT if value is None else f"{round(value):,}".replace("-", MINUS)


def count_of(row: Result | None, field: str = "n") -> str:
    """A count of a row, or the mark that it may not be shown."""
    if row is None:
        return ABSENT
    if is_hidden(row, field):
        return SUPPRESSED
    return f"{ABOUT if is_round(row, field) else ''}{count(getattr(row, field))}"


def n_of(row: Result) -> str:
    """A number of participants as a sentence has it: `n = 139`, `n ≈ 110`, `n hidden`."""
    if is_hidden(row, "n"):
        return "n hidden"
    told = count_of(row)
    return f"n {ABOUT} {told[1:]}" if told.startswith(ABOUT) else f"n = {told}"


def is_hidden(row: Result | None, field: str = "estimate") -> bool:
    """Whether a number of a row may not be shown."""
    return row is not None and field in row.suppressed.split()


def is_round(row: Result | None, field: str = "n") -> bool:
    """Whether a number of a row is given in a round number, because of the counts it tells."""
    return row is not None and any(w.startswith(f"{field}:") for w in row.suppressed.split())


def count_and_share(row: Result | None, of: float | None, field: str = "estimate") -> str:
    """A count with its share of a whole: `12 (14.3%)`."""
    number_of = None if row is None else getattr(row, field)
    share = ""
    if number_of is not None and of and not is_round(row, field):
        share = f" ({percentage(number_of / of)})"
    return f"{count_of(row, field)}{share}"


def count_of_whole(row: Result, field: str = "estimate", whole: str = "n") -> str:
    """A count out of a whole, with its share: `12 of 84 (14.3%)`."""
    told = count_and_share(row, getattr(row, whole), field)
    if is_hidden(row, field) or is_hidden(row, whole):
        return told
    first, bracket, share = told.partition(" (")
    return f"{first} of {count_of(row, whole)}{bracket}{share}"


def share_of(row: Result | None, decimals: int = 1) -> str:
    """An estimate that is a part of one, as per cent with its sign."""
    if row is None:
        return ABSENT
    return SUPPRESSED if is_hidden(row) else percentage(row.estimate, decimals)


def or_nan(number_of: float | None) -> float:
    """A number for a figure; not a number, which no figure draws, where there is none."""
    return math.nan if number_of is None else number_of


def percentage(part: float | None, decimals: int = 1) -> str:
    """A part of one as per cent."""
    return ABSENT if part is None else f"{number(100 * part, decimals)}%"


def p_value(row: Result | None) -> str:
    """A p-value in a sentence: `p = 0.015`, `p < 0.001`, `p between 0.01 and 0.05`."""
    if row is None or row.p_value is None:
        return f"p {SUPPRESSED}" if is_hidden(row, "p_value") else "no p-value"
    cell = p_cell(row)
    if " to " in cell:
        return f"p between {cell.replace(' to ', ' and ')}"
    return f"p {cell[0]} {cell[1:]}" if cell[0] in f"<>{ABOUT}" else f"p = {cell}"


def p_cell(row: Result | None) -> str:
    """A p-value in a table: `0.015`, `<0.001`.

    One that was rounded, because it would tell a small count, is written as what is known of it:
    as its class, `<0.05` or `0.01 to 0.05`, or with fewer digits, `≈0.13`.
    """
    if row is None or row.p_value is None:
        return SUPPRESSED if is_hidden(row, "p_value") else ABSENT
    ends = row.ends_of("p_value")
    if ends is None or _to_thousandths(*ends):
        return _exact_p(row.p_value)
    return _class_of_p(row.p_value, *ends)


def _to_thousandths(low: float, high: float) -> bool:
    """Whether a p-value is known so well that it is written as any other."""
    return high <= SMALLEST_P + EDGE or (low > 0 and high - low <= SMALLEST_P + EDGE)


def _class_of_p(p: float, low: float, high: float) -> str:
    """What is known of a p-value that lies between two numbers."""
    if low <= EDGE:
        return f"<{_outward(high, math.ceil)}"
    if high >= 1 - EDGE:
        return f">{_outward(low, math.floor)}"
    width = high - low
    decimals = round(-math.log10(width))
    if abs(width - 10.0**-decimals) < EDGE and abs(round(p, decimals) - p) < EDGE:
        return f"{ABOUT}{p:.{decimals}f}"
    return f"{_outward(low, math.floor)} to {_outward(high, math.ceil)}"


def _outward(end: float, towards: Callable[[float], int]) -> str:
    """The end of a range to at most three decimals, which is never nearer than it is."""
    thousandths = round(end / SMALLEST_P, 6)
    return f"{towards(thousandths) * SMALLEST_P:.3g}"


def _exact_p(p: float) -> str:
    if p < SMALLEST_P:
        return "<0.001"
    return ">0.999" if p > 1 - SMALLEST_P else f"{p:.3f}"


def level(conf_level: float) -> str:
    """A confidence level: `95%`."""
    return f"{100 * conf_level:g}%"


def interval_name(conf_level: float) -> str:
    """A confidence interval with its level, as the head of a column has it: `95% CI`."""
    return f"{level(conf_level)} CI"


def decimals_of(row: Result) -> int:
    """Decimals of a result: as its scale asks; else none for money, two for a ratio, or one.

    As many more, up to two, as tell a limit from no effect where the interval excludes that.
    """
    return _apart_from_no_effect(row, _usual_decimals(row))


def _apart_from_no_effect(row: Result, places: int) -> int:
    """Decimals with which no interval that excludes no effect reads as if it ended there."""
    if row.includes_no_effect is not False or not (row.reference or row.is_ratio):
        return places
    factor = 100 if row.statistic in PERCENTAGES else 1
    none = factor * (1.0 if row.is_ratio else 0.0)
    for more in range(MOST_FURTHER):
        nothing = number(none, places + more)
        ends = (row.conf_low, row.conf_high)
        if nothing not in [number(factor * or_nan(end), places + more) for end in ends]:
            return places + more
    return places + MOST_FURTHER


MOST_FURTHER = 2
"""Decimals that a limit next to no effect may have beyond those of its result."""


def _usual_decimals(row: Result) -> int:
    if row.decimals is not None:
        return row.decimals
    if MONEY in row.statistic or _is_whole_day(row):
        return 0
    if any(word in row.statistic for word in RATIO_WORDS):
        return 2
    return _decimals_of_score(row)


def _is_whole_day(row: Result) -> bool:
    """Whether a quantile of a time is a day on which something was observed, and not a mean."""
    values = (row.estimate, row.conf_low, row.conf_high)
    known = [value for value in values if value is not None]
    whole = bool(known) and all(float(value).is_integer() for value in known)
    return row.statistic in QUANTILES and row.unit == "days" and whole


QUANTILES = ("median", "quantile")


def _decimals_of_score(row: Result) -> int:
    """A score that moves in hundredths, as a utility does, would be hidden by one decimal."""
    of_score = row.unit == "points" or row.statistic in OF_MEANS
    if not of_score or row.estimate is None or row.std_error is None:
        return 1
    if abs(row.estimate) >= SMALL:
        return 1
    return next((decimals for error, decimals in FINE if row.std_error < error), 1)


def decimals_of_all(rows: Iterable[Result]) -> int:
    """The decimals of the coarsest, so that a table has the same in all its rows."""
    return min((decimals_of(row) for row in rows if row.estimate is not None), default=1)


def with_decimals_alike(rows: Iterable[Result]) -> tuple[Result, ...]:
    """Means and their differences of an analysis with the same decimals, where no scale says them.

    By their own errors means would have two and their differences one, and not subtract to them.
    """
    told = tuple(rows)
    places: dict[tuple[str, str], int] = {}
    for statistic in OF_MEANS:
        groups: dict[tuple[str, str], list[Result]] = {}
        for row in told:
            if row.statistic == statistic:
                groups.setdefault((row.table, row.analysis), []).append(row)
        for key, group in groups.items():
            places[key] = max(places.get(key, 0), decimals_of_all(group))
    return tuple(
        replace(row, decimals=places[row.table, row.analysis])
        if row.statistic in OF_MEANS and row.decimals is None
        else row
        for row in told
    )


OF_MEANS = ("LS mean", "difference in LS means")


def decimals_of_spread(deviations: Iterable[float]) -> int:
    """Decimals with which the least of some standard deviations has two digits; one at least."""
    least = min((value for value in deviations if value > 0), default=1.0)
    return max(1, 1 - math.floor(math.log10(least)))


def decimals_of_extremes(rows: Iterable[Result | None]) -> int | None:
    """None after the point where every least and greatest value is whole, else as rows have it."""
    known = [row.estimate for row in rows if row is not None and row.estimate is not None]
    return 0 if all(value.is_integer() for value in known) else None


def estimate(row: Result | None, decimals: int | None = None) -> str:
    """The estimate as a reader sees it; proportions as per cent without the sign."""
    if row is None or row.estimate is None:
        return SUPPRESSED if is_hidden(row) else ABSENT
    factor = 100 if row.statistic in PERCENTAGES else 1
    mark = DOUBTED if row.doubted else ""
    return number(factor * row.estimate, decimals_of(row) if decimals is None else decimals) + mark


def limits(row: Result, decimals: int | None = None) -> str:
    """The confidence limits: `-6.1 to -1.9`, a dash where a limit cannot be had."""
    if row.conf_low is None and row.conf_high is None:
        return ABSENT
    factor = 100 if row.statistic in PERCENTAGES else 1
    places = decimals_of(row) if decimals is None else decimals
    texts = []
    for name in ("conf_low", "conf_high"):
        bound = getattr(row, name)
        absent = SUPPRESSED if is_hidden(row, name) else "not reached"
        texts.append(absent if bound is None else number(factor * bound, places))
    return " to ".join(texts)


def interval(row: Result, decimals: int | None = None) -> str:
    """The confidence interval: `95% CI -6.1 to -1.9`."""
    words = interval_name(row.conf_level) if row.conf_level is not None else "CI"
    return f"{words} {limits(row, decimals)}"


def apart(low: float, high: float, decimals: int) -> tuple[str, str]:
    """Two numbers with as many decimals as tell them apart, up to four more."""
    for places in range(decimals, decimals + 5):
        texts = number(low, places), number(high, places)
        if texts[0] != texts[1] and float(f"{low:.{places}f}") * low >= 0:
            break
    return texts


def estimate_with_limits(row: Result | None, decimals: int | None = None) -> str:
    """Estimate and limits in a table: `-4.0 (-6.1 to -1.9)`; `not estimated` after a failure."""
    if row is None:
        return ABSENT
    if row.status in NO_ESTIMATE:
        return NO_ESTIMATE[row.status]
    if row.estimate is None:
        return row.message or ABSENT
    places = decimals_of(row) if decimals is None else _apart_from_no_effect(row, decimals)
    bounds = limits(row, places)
    return estimate(row, places) + ("" if bounds == ABSENT else f" ({bounds})")
