"""No small count can be worked out: every table that fits what is shown is counted out.

The counting knows nothing of linear programmes: a table is a few numbers of subjects ("atoms"),
each published count is the sum of some, and all whole-numbered atoms that agree with what is shown
are listed. A reader is taken to know that a hidden count is not zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.privacy.book import CountBook, Place
from ketaoutcomes.privacy.coarsen import values_needed
from ketaoutcomes.privacy.counts import cells_of
from ketaoutcomes.privacy.rows import hide
from ketaoutcomes.privacy.sums import add_sums
from ketaoutcomes.results import Result

SMALLEST = 3
MOST_DRAWN, MOST_LISTED = 4, 8
ARMS = ("a", "b")


@dataclass(frozen=True)
class Published:
    """Rows of a table with the atoms that each adds up, and small sums that no row shows."""

    rows: tuple[tuple[Result, tuple[str, ...]], ...]
    implied: tuple[tuple[str, ...], ...]


def row(table: str, statistic: str, count: int, **keys: str) -> Result:
    """A row whose count is its `n` in the flow and its estimate elsewhere."""
    if table == "dst01" or statistic == "n":
        return Result(table=table, statistic=statistic, n=count, **keys)
    return Result(table=table, statistic=statistic, estimate=float(count), **keys)


def of(atoms: Mapping[str, int], *names: str) -> int:
    return sum(atoms[name] for name in names)


def flow(atoms: Mapping[str, int]) -> Published:
    """Assigned, completed and left for two reasons, in two arms."""
    rows = []
    for arm in ARMS:
        parts = {"completed": (f"{arm}0",), "x": (f"{arm}1",), "y": (f"{arm}2",)}
        everybody = tuple(name for part in parts.values() for name in part)
        rows.append(
            (row("dst01", "assigned", of(atoms, *everybody), phase="p", arm=arm), everybody)
        )
        for group, names in parts.items():
            statistic = "completed" if group == "completed" else "left"
            keys = {"phase": "p", "arm": arm, "group": "" if group == "completed" else group}
            rows.append((row("dst01", statistic, of(atoms, *names), **keys), names))
    return Published(tuple(rows), ())


def baseline(atoms: Mapping[str, int]) -> Published:
    """Two levels and those not known, in two arms and over both."""
    rows = []
    for arms in (("a",), ("b",), ARMS):
        known = tuple(f"{arm}{level}" for arm in arms for level in (0, 1))
        keys = {"phase": "p", "arm": arms[0] if len(arms) == 1 else ""}
        rows.append((row("dmt01", "n", of(atoms, *known), group="sex", **keys), known))
        for level in (0, 1):
            names = tuple(f"{arm}{level}" for arm in arms)
            counted = row("dmt01", "count", of(atoms, *names), group=f"sex: {level}", **keys)
            rows.append((replace_n(counted, of(atoms, *known)), names))
        if len(arms) == 1:
            everybody = (*known, f"{arms[0]}2")
            rows.append((row("dst01", "assigned", of(atoms, *everybody), **keys), everybody))
    return Published(tuple(rows), tuple((f"{arm}2",) for arm in ARMS))


def missing(atoms: Mapping[str, int]) -> Published:
    """Two visits: seen at both, at the first, at the second, at none; and the model's subjects."""
    everybody = ("a0", "a1", "a2", "b0")
    n = of(atoms, *everybody)
    counts = {
        ("observed", "v1", ""): ("a0", "a1"),
        ("missing", "v1", ""): ("a2", "b0"),
        ("observed", "v2", ""): ("a0", "a2"),
        ("missing", "v2", ""): ("a1", "b0"),
        ("pattern", "", "complete"): ("a0",),
        ("pattern", "", "dropped out"): ("a1", "b0"),
        ("pattern", "", "intermittent"): ("a2",),
    }
    rows = [(row("dst01", "analysed", n, phase="p", arm="a", analysis="m"), everybody)]
    for (statistic, visit, group), names in counts.items():
        keys = {"phase": "p", "arm": "a", "endpoint": "e", "visit": visit, "group": group}
        rows.append((replace_n(row("mist01", statistic, of(atoms, *names), **keys), n), names))
        if statistic == "observed":
            mean = Result(table="mmrmt01", statistic="LS mean", analysis="m", phase="p",
                          endpoint="e", visit=visit, arm="a", estimate=1.5, std_error=0.5,
                          n=of(atoms, *names))  # fmt: skip
            rows.append((mean, names))
    return Published(tuple(rows), ())


def responders(atoms: Mapping[str, int]) -> Published:
    """Responders and others of two arms, and not analysed."""
    rows = []
    for arm in ARMS:
        analysed = (f"{arm}0", f"{arm}1")
        everybody = (*analysed, f"{arm}2")
        keys = {"phase": "p", "arm": arm}
        rows.append((row("dst01", "assigned", of(atoms, *everybody), **keys), everybody))
        rows.append(
            (row("dst01", "analysed", of(atoms, *analysed), analysis="r", **keys), analysed)
        )
        counted = row("rspt01", "responders", atoms[f"{arm}0"], analysis="r", **keys)
        rows.append((replace_n(counted, of(atoms, *analysed)), (f"{arm}0",)))
    implied = tuple((f"{arm}{place}",) for arm in ARMS for place in (1, 2))
    return Published(tuple(rows), implied)


def imputed(atoms: Mapping[str, int]) -> Published:
    """Complete, missing after an event and otherwise; another analysis knows no event."""
    everybody = ("a0", "a1", "a2")
    n = of(atoms, *everybody)
    keys = {"phase": "p", "arm": "a", "endpoint": "e"}
    complete = row("mist01", "pattern", atoms["a0"], group="complete", **keys)
    rows = [(replace_n(complete, n), ("a0",))]
    for analysis, groups in {
        "m": {"nothing missing": ("a0",), "after stopping": ("a1",), "missing otherwise": ("a2",)},
        "w": {"nothing missing": ("a0",), "missing": ("a1", "a2")},
    }.items():
        analysed = row("dst01", "analysed", n, phase="p", arm="a", analysis=analysis)
        rows.append((analysed, everybody))
        for group, names in groups.items():
            about = {**keys, "analysis": analysis, "group": f"scores: {group}"}
            counted = row("impt03", "count", of(atoms, *names), **about)
            rows.append((replace_n(counted, n), names))
    return Published(tuple(rows), ())


def replace_n(counted: Result, n: int) -> Result:
    return Result(**{**vars(counted), "n": n})


def _places(book: CountBook) -> frozenset[Place]:
    """The places of all counts that are hidden."""
    audit = book.audit(SMALLEST, values_needed(SMALLEST))
    return audit.places_of(audit.hidden)


KINDS = {
    "flow": flow,
    "baseline": baseline,
    "missing": missing,
    "responders": responders,
    "imputed": imputed,
}
NAMES = tuple(f"{arm}{place}" for arm in ARMS for place in range(3))
EVERY_TABLE = np.array(list(product(range(MOST_LISTED + 1), repeat=len(NAMES))), dtype=np.int8)


def shown(before: Result, after: Result) -> Iterator[tuple[str, int | None]]:
    """The main count of a row, None where hidden."""
    main = "n" if before.table in {"dst01", "mmrmt01"} or before.statistic == "n" else "estimate"
    number = getattr(after, main)
    yield main, None if number is None else round(number)


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=30)
@given(counts=st.lists(st.integers(0, MOST_DRAWN), min_size=6, max_size=6))
def test_no_small_count_can_be_worked_out(kind: str, counts: list[int]) -> None:
    atoms = dict(zip(NAMES, counts, strict=True))
    published = KINDS[kind](atoms)
    rows = tuple(one for one, _ in published.rows)
    cells = cells_of(rows)
    add_sums(cells, ())
    after = hide(rows, _places(cells.book), SMALLEST)

    fits = np.ones(len(EVERY_TABLE), dtype=bool)
    secret = list(published.implied)
    for (before, names), now in zip(published.rows, after, strict=True):
        sums = EVERY_TABLE[:, [NAMES.index(name) for name in names]].sum(axis=1)
        for _, number in shown(before, now):
            if number is None:
                fits &= sums >= min(1, of(atoms, *names))
            else:
                assert not 1 <= number < SMALLEST
                fits &= sums == number
            if now.n is not None and before.table in {"dmt01", "mist01", "rspt01", "impt03"}:
                whole = next(
                    n for r, n in published.rows if r.n == before.n and _is_whole(r, before)
                )
                fits &= EVERY_TABLE[:, [NAMES.index(name) for name in whole]].sum(axis=1) == now.n
        secret.append(names)
    assert fits.any()
    for names in secret:
        if 1 <= of(atoms, *names) < SMALLEST:
            sums = EVERY_TABLE[fits][:, [NAMES.index(name) for name in names]].sum(axis=1)
            assert sums.min() < sums.max(), (names, atoms)


def _is_whole(whole: Result, part: Result) -> bool:
    """Whether a row counts the subjects among whom another counts."""
    if part.table == "dmt01":
        return (whole.table, whole.statistic, whole.arm) == ("dmt01", "n", part.arm)
    return (whole.statistic, whole.arm) == ("analysed", part.arm)
