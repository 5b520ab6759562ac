"""Counts in round numbers fit what they are part of, and shares stay between none and all."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.privacy.book import Audit, CountBook
from ketaoutcomes.privacy.coarsen import COUNT_STEPS, round_to
from ketaoutcomes.privacy.digits import NO_TEST, Coarseness, coarse
from ketaoutcomes.privacy.suppress import suppress
from ketaoutcomes.privacy.wholes import within_wholes
from ketaoutcomes.results import Result, ResultTable
from unit.privacy.test_rows import NOBODY

SMALLEST = 11


def chain(counts: list[int]) -> Audit:
    """Counts of which each is part of the one before it, with nothing hidden yet."""
    book = CountBook()
    cells = [book.cell(place, count, (place, "n")) for place, count in enumerate(counts)]
    for whole, part in pairwise(cells):
        book.total([whole], [part])
    return book.audit(1, 2)


def as_hidden(audit: Audit, cells: list[int]) -> Audit:
    hidden = audit.hidden.copy()
    hidden[cells] = True
    return replace(audit, hidden=hidden)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(11, 400), min_size=2, max_size=6, unique=True),
    st.lists(st.sampled_from((0, *COUNT_STEPS)), min_size=6, max_size=6),
)
def test_a_part_is_never_greater_than_its_whole(counts: list[int], steps: list[int]) -> None:
    """Whichever counts are rounded, and to whichever steps; each within half its step of truth."""
    ordered = sorted(counts, reverse=True)
    stepped = {cell: step for cell, step in enumerate(steps[: len(ordered)]) if step}
    audit = as_hidden(chain(ordered), list(stepped))
    told = within_wholes(
        audit, {cell: (round_to(ordered[cell], step), step) for cell, step in stepped.items()}
    )
    published = [told[c][0] if c in told else count for c, count in enumerate(ordered)]
    assert published == sorted(published, reverse=True)
    for cell, (value, step) in told.items():
        assert step == stepped[cell]
        assert abs(value - ordered[cell]) <= step / 2


def test_thirty_five_of_thirty_six_are_not_forty() -> None:
    audit = as_hidden(chain([36, 35]), [1])
    assert within_wholes(audit, {1: (40, 20)}) == {1: (36, 20)}


def test_a_whole_is_not_less_than_a_part_that_is_shown() -> None:
    audit = as_hidden(chain([44, 42]), [0])
    assert within_wholes(audit, {0: (40, 20)}) == {0: (42, 20)}


def test_a_count_that_fits_stays_as_it_is() -> None:
    audit = as_hidden(chain([96, 52, 30]), [1])
    assert within_wholes(audit, {1: (50, 10)}) == {1: (50, 10)}


@settings(max_examples=60, deadline=None)
@given(st.integers(12, 90), st.integers(1, 10))
def test_no_table_shows_more_than_all(n: int, missing: int) -> None:
    """Of those randomised few were not seen: observed and randomised are in round numbers."""
    if missing >= n:
        missing = n - 1
    row = Result(table="dst01", statistic="assigned", phase="p", arm="a", n=n)
    seen = Result(table="mist01", statistic="observed", phase="p", arm="a", endpoint="e",
                  visit="v", n=n, estimate=float(n - missing))  # fmt: skip
    gone = replace(seen, statistic="missing", estimate=float(missing))
    rows = suppress(NOBODY, ResultTable((row, seen, gone)), (), SMALLEST, ()).results.rows
    told = [row.estimate for row in rows[1:] if row.estimate is not None]
    wholes = [row.n for row in rows if row.n is not None]
    assert all(part <= whole for part in told for whole in wholes)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(0, 1), st.floats(0.001, 0.4), st.integers(0, NO_TEST), st.integers(0, NO_TEST),
    st.sampled_from((1.0, 100.0)),
)  # fmt: skip
def test_a_share_stays_between_none_and_all(
    share: float, error: float, around: int, level: int, top: float
) -> None:
    low, high = max(share - 1.96 * error, 0.0), min(share + 1.96 * error, 1.0)
    row = Result(
        table="gcmt01", statistic="standardised risk", arm="a", estimate=share * top,
        std_error=error * top, conf_low=low * top, conf_high=high * top, conf_level=0.95,
        unit="%" if top > 1 else "",
    )  # fmt: skip
    told = coarse(row, Coarseness(error=around, estimate=level))
    ends = [told.conf_low, told.estimate, told.conf_high]
    shown = np.array([end for end in ends if end is not None])
    assert ((shown >= 0) & (shown <= top)).all()
