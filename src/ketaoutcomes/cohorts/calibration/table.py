"""The ledger as lines of text, and its counts."""

from collections.abc import Iterable, Sequence

from ketaoutcomes.cohorts.evidence.ledger import LedgerRole, LedgerRow, counts
from ketaoutcomes.cohorts.evidence.library import Evidence

ROLES: tuple[LedgerRole, ...] = ("fitted", "held out", "set", "refitted")


def table_lines(rows: Iterable[LedgerRow]) -> list[str]:
    """One line a target."""
    head = (
        f"{'target':<26}{'trial':<20}{'published':>10}{'SE':>8}{'achieved':>10}{'MC error':>9}"
        f"{'residual':>9}  verdict"
    )
    return [head, *(_line(row) for row in rows)]


def _line(row: LedgerRow) -> str:
    mark = "" if row.role == "fitted" else f", {row.role}"
    return (
        f"{row.id:<26}{row.trial:<20}{row.published:>10.2f}{row.std_error:>8.2f}"
        f"{row.achieved:>10.2f}{row.mc_error:>9.3f}{row.residual:>9.2f}  {row.verdict}{mark}"
    )


def summary_lines(evidence: Evidence, rows: Sequence[LedgerRow]) -> list[str]:
    """Counts by family and role, and the SD of effects between trials."""
    lines = []
    for family in dict.fromkeys(row.family for row in rows):
        own = [row for row in rows if row.family == family]
        for role in ROLES:
            n = counts(own, role)
            if n["targets"]:
                lines.append(f"{family}, {role}: {_words(n)}")
        fitted = evidence.fitted.get(family)
        spread = None if fitted is None else fitted.between_trials_sd
        if spread is not None:
            lines.append(f"{family}: SD of the log drug effect between trials {spread:.2f}")
    return lines


def _words(n: dict[str, int]) -> str:
    one, two = n["within 1 SE"], n["within 1 SE"] + n["within 2 SE"]
    total = n["targets"]
    return (
        f"{one} of {total} within 1 SE ({100 * one / total:.0f} %), "
        f"{two} within 2 ({100 * two / total:.0f} %)"
    )
