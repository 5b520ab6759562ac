"""The tables of the documentation that come from the ledger."""

from collections.abc import Iterable
from re import DOTALL, sub

from ketaoutcomes.cohorts.calibration.table import (
    ROLES,
    Count,
    count,
    counts_by_scenario,
    reasons,
)
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.records import Reason
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


def _missed(evidence: Evidence, rows: Iterable[ShippedRow]) -> str:
    """The results that a scenario misses by more than two standard errors, spread included."""
    return _table(
        ("result", "trial", "scenario", "published (SE)", "scenario gives", "replica gives"),
        (
            (
                row.id,
                evidence.trials[row.trial].label,
                row.scenario,
                f"{_number(row.published, 4)} ({row.std_error:.2g})",
                _number(row.shipped, 3),
                "" if row.replica is None else _number(row.replica, 3),
            )
            for row in rows
            if row.verdict_with_spread == MISSED
        ),
    )


def _number(value: float, digits: int) -> str:
    """A number with a true minus sign."""
    return f"{value:.{digits}g}".replace("-", "\u2212")
