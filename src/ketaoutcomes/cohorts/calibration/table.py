"""The ledger as lines of text, and its counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ketaoutcomes.cohorts.calibration.comparing import why_not
from ketaoutcomes.cohorts.evidence.ledger import LedgerRole, LedgerRow
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.misses import why
from ketaoutcomes.cohorts.evidence.records import PublishedResult, Reason
from ketaoutcomes.cohorts.evidence.shipped import REASONS, Share, ShippedRow, shares

ROLES: tuple[LedgerRole, ...] = ("fitted", "held out", "set")
ALL = "all"


@dataclass(frozen=True)
class Count:
    """How well some rows of the ledger are met.

    Attributes
    ----------
    label : str
    alone, with_spread : Share
        As it ships, without and with the spread between trials.
    replica : Share
        Those of them that have a replica, in it.
    """

    label: str
    alone: Share
    with_spread: Share
    replica: Share


def count(label: str, rows: Iterable[ShippedRow]) -> Count:
    """The counts of some rows."""
    chosen = tuple(rows)
    return Count(
        label,
        shares(row.verdict for row in chosen),
        shares(row.verdict_with_spread for row in chosen),
        shares(row.replica_verdict for row in chosen if row.replica_verdict),
    )


def counts_by_scenario(rows: Sequence[ShippedRow]) -> tuple[Count, ...]:
    """One count a scenario, one a role, and one of all."""
    scenarios = dict.fromkeys(row.scenario for row in rows)
    by_scenario = [count(s, (row for row in rows if row.scenario == s)) for s in scenarios]
    roles = [role for role in ("fitted", "held out") if any(row.role == role for row in rows)]
    by_role = [count(f"{ALL}, {role}", (row for row in rows if row.role == role)) for role in roles]
    return (*by_scenario, *by_role, count(ALL, rows))


def reasons(evidence: Evidence) -> dict[Reason, int]:
    """How many verified results are compared with no scenario, by reason."""
    n = Counter(why_not(evidence, result) for result in evidence.results)
    n.update(entry.reason for entry in evidence.not_carried)
    return {reason: n[reason] for reason in REASONS if n[reason]}


def table_lines(rows: Iterable[ShippedRow]) -> list[str]:
    """One line a comparison of a result with a scenario."""
    head = (
        f"{'result':<29}{'scenario':<18}{'published':>10}{'SE':>8}{'shipped':>10}{'residual':>9}"
        f"{'(spread)':>9}{'replica':>10}{'residual':>9}  verdict"
    )
    return [head, *(_line(row) for row in rows)]


def _line(row: ShippedRow) -> str:
    mark = "" if row.role == "fitted" else f", {row.role}"
    replica = f"{'':>19}"
    if row.replica is not None and row.replica_residual is not None:
        replica = f"{row.replica:>10.2f}{row.replica_residual:>9.2f}"
    return (
        f"{row.id:<29}{row.scenario:<18}{row.published:>10.2f}{row.std_error:>8.2f}"
        f"{row.shipped:>10.2f}{row.residual:>9.2f}{row.residual_with_spread:>9.2f}{replica}"
        f"  {row.verdict}{mark}"
    )


def reason_lines(evidence: Evidence, rows: Iterable[ShippedRow]) -> list[str]:
    """One line for each result that is missed or that results of other trials exclude."""
    told = ((row, why(row, evidence, _value)) for row in rows)
    return [f"{row.id}, {row.scenario} ({row.verdict}): {reason}" for row, reason in told if reason]


def _value(result: PublishedResult) -> str:
    return f"{result.value:.4g}"


def summary_lines(
    evidence: Evidence, rows: Sequence[ShippedRow], replicas: Sequence[LedgerRow]
) -> list[str]:
    """Counts by scenario, of the replicas by family and role, and of what is not compared."""
    lines = [f"{n.label}: {_words(n.alone)}; {_spread_words(n)}" for n in counts_by_scenario(rows)]
    for family in dict.fromkeys(row.family for row in replicas):
        for role in ROLES:
            found = shares(
                row.verdict for row in replicas if row.family == family and row.role == role
            )
            if found.results:
                lines.append(f"replicas of {family}, {role}: {_words(found)}")
        fitted = evidence.fitted.get(family)
        spread = None if fitted is None else fitted.between_trials_sd
        if spread is not None:
            lines.append(f"{family}: SD of the log drug effect between trials {spread:.2f}")
    told = (f"{reason} {n}" for reason, n in reasons(evidence).items())
    return [*lines, f"compared with no scenario: {', '.join(told)}"]


def _words(n: Share) -> str:
    return (
        f"{n.within_one} of {n.results} within 1 SE ({n.percent(n.within_one):.0f} %), "
        f"{n.within_two} within 2 ({n.percent(n.within_two):.0f} %)"
    )


def _spread_words(n: Count) -> str:
    spread = n.with_spread
    return (
        f"with the spread between trials {spread.percent(spread.within_one):.0f} % and "
        f"{spread.percent(spread.within_two):.0f} %"
    )
