"""What was done to keep small counts hidden, in words: for the page, next to the numbers, and the manifest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

COUNT_FIELDS: Final = ("n", "n_events")


def told(before: Iterable[Result], rows: Iterable[Result], smallest: int) -> tuple[Remark, ...]:
    """One remark for each analysis of which something is rounded or withheld; one for the others.

    It says how many numbers, of how many, and why.
    """
    done: dict[str, Counter[str]] = defaultdict(Counter)
    for was, row in zip(before, rows, strict=True):
        done[row.analysis].update(_done(was, row))
    return tuple(
        Remark(_sentence(counts, smallest)).of(*([analysis] if analysis else []))
        for analysis, counts in done.items()
        if counts["withheld"] or counts["rounded"]
    )


def _done(was: Result, row: Result) -> Iterator[str]:
    """What became of each number of a row."""
    words = row.suppressed.split()
    rounded = {word.partition(":")[0] for word in words if ":" in word}
    for word in {*words} - {*was.suppressed.split()}:
        yield "rounded" if ":" in word else "withheld"
    if rounded - {*COUNT_FIELDS}:
        yield "estimates rounded"


def _sentence(counts: Counter[str], smallest: int) -> str:
    parts = [f"{counts[what]} {what}" for what in ("withheld", "rounded") if counts[what]]
    number = "numbers are" if sum(counts[w] for w in ("withheld", "rounded")) > 1 else "number is"
    return (
        f"So that no count from 1 to {smallest - 1} can be worked out, {' and '.join(parts)} "
        f"{number} given here with fewer digits or not at all"
    )
