"""The tables of the documentation that come from the ledger."""

from collections.abc import Iterable
from math import hypot
from re import DOTALL, sub

from scipy.special import ndtr

from ketaoutcomes.cohorts.calibration.named import measured
from ketaoutcomes.cohorts.calibration.table import (
    ROLES,
    Count,
    count,
    counts_by_scenario,
    reasons,
)
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.misses import why
from ketaoutcomes.cohorts.evidence.named import NamedMiss
from ketaoutcomes.cohorts.evidence.records import PublishedResult, Reason
from ketaoutcomes.cohorts.evidence.shipped import Share, ShippedRow, shares

MISSED = "missed"
WORDS: dict[Reason, str] = {
    "no number in the record": "no number in the published evidence",
    "no standard error in the record": "no standard error in the published evidence",
    "tells the design": "describes the design",
}
"""Reasons that the page words otherwise than the data."""


def with_tables(text: str, evidence: Evidence) -> str:
    """A page with the tables between their marks written anew.

    A table stands between `<!-- ledger: name -->` and `<!-- end of ledger -->`.
    """
    for name, table in tables(evidence).items():
        start, end = f"<!-- ledger: {name} -->", "<!-- end of ledger -->"
        text = sub(
            f"{start}.*?{end}",
            lambda _, start=start, table=table, end=end: f"{start}\n{table}\n{end}",  # type: ignore[misc]
            text,
            flags=DOTALL,
        )
    return text


def tables(evidence: Evidence) -> dict[str, str]:
    """Each table by name."""
    return {
        "aims": _aims(evidence),
        "named": _named(evidence),
        "scenarios": _counts(counts_by_scenario(evidence.shipped)),
        "folds": _counts((count("all scenarios", evidence.folds),)),
        "replicas": _replicas(evidence),
        "reasons": _table(
            ("reason", "results"),
            ((WORDS.get(reason, reason), str(n)) for reason, n in reasons(evidence).items()),
        ),
        "missed": _missed(evidence, evidence.shipped),
    }


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _counts(counts: Iterable[Count]) -> str:
    heads = ("scenario", "results", "within 1 SE", "within 2 SE")
    more = ("within 1 SE, with spread", "within 2 SE, with spread", "replicas within 2 SE")
    return _table(
        heads + more,
        (
            (
                n.label,
                str(n.alone.results),
                *_within(n.alone),
                *_within(n.with_spread),
                f"{n.replica.within_two} of {n.replica.results}" if n.replica.results else "",
            )
            for n in counts
        ),
    )


def _within(met: Share) -> tuple[str, str]:
    one, two = (f"{n} ({met.percent(n):.0f}%)" for n in (met.within_one, met.within_two))
    return one, two


def _replicas(evidence: Evidence) -> str:
    """How the replicas meet their own trials."""
    by_role = [
        (role, shares(row.verdict for row in evidence.ledger if row.role == role)) for role in ROLES
    ]
    return _table(
        ("role", "results", "within 1 SE", "within 2 SE"),
        ((role, str(met.results), *_within(met)) for role, met in by_role),
    )


def _aims(evidence: Evidence) -> str:
    """What is met, and what a scenario would meet that is the typical trial itself."""
    return _table(
        ("results", "within", "spread between trials", "met", "a typical trial would", "aim"),
        (
            (
                f"{label} ({len(rows)})",
                f"{errors} SE",
                "added" if with_spread else "not added",
                f"{_met(rows, errors, with_spread=with_spread):.0f}%",
                f"{_by_chance(rows, errors, with_spread=with_spread):.0f}%",
                AIMS.get((label, errors, with_spread), ""),
            )
            for label, rows in (("as shipped", evidence.shipped), ("five folds", evidence.folds))
            for with_spread in (True, False)
            for errors in (2, 1)
        ),
    )


AIMS = {
    ("as shipped", 2, True): "90%",
    ("as shipped", 2, False): "65%",
    ("as shipped", 1, False): "65% if one SE was meant",
    ("five folds", 2, True): "75%",
    ("five folds", 2, False): "55%",
    ("five folds", 1, False): "55% if one SE was meant",
}


def _met(rows: Iterable[ShippedRow], errors: int, *, with_spread: bool) -> float:
    residuals = [row.residual_with_spread if with_spread else row.residual for row in rows]
    return 100 * sum(abs(each) <= errors for each in residuals) / max(len(residuals), 1)


def _by_chance(rows: Iterable[ShippedRow], errors: int, *, with_spread: bool) -> float:
    """Per cent within so many errors if each trial differed by its error and the spread alone."""
    left_out = [0.0 if with_spread else row.spread / row.std_error for row in rows]
    chances = [2 * ndtr(errors / hypot(1, size)) - 1 for size in left_out]
    return 100 * float(sum(chances)) / max(len(chances), 1)


def _named(evidence: Evidence) -> str:
    """Misses that a review named: what was given then, and what is given now."""
    return _table(
        ("what was missed", "scenario", "published (SE)", "before", "now", "within 2 SE"),
        (
            (miss.item, f"`{miss.scenario}`", *_then_and_now(miss, evidence))
            for miss in evidence.named
        ),
    )


def _then_and_now(miss: NamedMiss, evidence: Evidence) -> tuple[str, ...]:
    before = miss.before.replace("-", MINUS)
    if miss.measure is not None:
        return str(miss.published), before, measured(miss.measure, miss.scenario), ""
    row = next(r for r in evidence.shipped if (r.id, r.scenario) == (miss.result, miss.scenario))
    return _published(row), before, _number(row.shipped, 3), _verdict(row)


def _published(row: ShippedRow) -> str:
    return f"{_number(row.published, 4)} ({row.std_error:.2g})"


def _published_value(result: PublishedResult) -> str:
    return _number(result.value, 4)


def _verdict(row: ShippedRow) -> str:
    """Whether a result is met within two standard errors, and how."""
    if not row.is_missed:
        return "yes"
    return "no" if row.verdict_with_spread == MISSED else "with the spread between trials"


def _missed(evidence: Evidence, rows: Iterable[ShippedRow]) -> str:
    """The results that a scenario misses by more than two standard errors, and why."""
    return _table(
        ("result", "trial", "scenario", "published (SE)", "scenario gives", "with spread", "why"),
        (
            (
                row.id,
                evidence.trials[row.trial].label,
                row.scenario,
                _published(row),
                _number(row.shipped, 3),
                _number(row.residual_with_spread, 2),
                why(row, evidence, _published_value),
            )
            for row in rows
            if row.is_missed
        ),
    )


MINUS = "\u2212"


def _number(value: float, digits: int) -> str:
    """A number with a true minus sign."""
    return f"{value:.{digits}g}".replace("-", MINUS)
