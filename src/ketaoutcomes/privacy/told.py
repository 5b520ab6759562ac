"""What was done to keep small counts hidden, in words for the page and the manifest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

ROUNDED, WITHHELD = "rounded", "withheld"
NUMBERS: Final = (
    *("estimate", "std_error", "df", "test_statistic", "conf_low", "conf_high", "p_value"),
    *("n", "n_events"),
)


def told(before: Iterable[Result], rows: Iterable[Result], smallest: int) -> tuple[Remark, ...]:
    """One remark for each analysis of which something is rounded or withheld; one for the others.

    It says how many numbers, of how many, and why.
    """
    done: dict[str, Counter[str]] = defaultdict(Counter)
    for was, row in zip(before, rows, strict=True):
        done[row.analysis].update(_done(was, row))
    return tuple(
        Remark(_sentence(counts, smallest, analysis)).of(*([analysis] if analysis else []))
        for analysis, counts in done.items()
        if counts[WITHHELD] or counts[ROUNDED]
    )


def _done(was: Result, row: Result) -> Iterator[str]:
    """What became of each number of a row."""
    words = row.suppressed.split()
    told = {word.partition(":")[0] for word in words if ":" in word}
    for name in NUMBERS:
        if getattr(was, name) is not None:
            yield ROUNDED if name in told else WITHHELD if name in words else "as it is"


def _sentence(counts: Counter[str], smallest: int, analysis: str) -> str:
    """How many numbers were rounded and withheld, and why; "" for the descriptive tables."""
    whole = counts.total()
    parts = [
        f"{counts[what]} {'is' if counts[what] == 1 else 'are'} {what}"
        for what in (ROUNDED, WITHHELD)
        if counts[what]
    ]
    return (
        f"Of {whole} numbers in {'its' if analysis else 'the descriptive'} tables, "
        f"{' and '.join(parts)}, so that no count from 1 to {smallest - 1} can be worked out"
    )
