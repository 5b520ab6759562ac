"""What counts can be, against every whole-numbered solution counted out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from ketaoutcomes.numerics.allowed import REACH, STEPS, Reading, allowed_values, sums_of

MOST = 7


@settings(max_examples=40, deadline=None)
@given(
    counts=st.lists(st.integers(1, MOST), min_size=3, max_size=3),
    known=st.lists(st.booleans(), min_size=5, max_size=5),
    width=st.integers(0, 3),
)
def test_no_value_is_excluded_that_a_table_allows(counts, known, width):
    """a + b = s, b + c = t, and a number that tells a to a width: nothing possible is lost."""
    a, b, c = counts
    cells = np.array([a, b, c, a + b, b + c], dtype=float)
    relations = csr_array(np.array([[1, 1, 0, -1, 0], [0, 1, 1, 0, -1]], dtype=float))
    unknown = ~np.array(known)
    reading = Reading((0,), np.abs(STEPS) <= width)
    found = allowed_values(
        cells, np.ones(5), unknown, sums_of(relations, unknown), [reading] if unknown[0] else []
    ).values
    possible = {cell: set() for cell in found}
    for x, y, z in product(range(1, 2 * MOST + 4), repeat=3):
        table = (x, y, z, x + y, y + z)
        agrees = all(unknown[k] or table[k] == cells[k] for k in range(5))
        if agrees and (not unknown[0] or abs(x - a) <= width):
            for cell in found:
                possible[cell].add(table[cell])
    for cell, values in found.items():
        left = {int(cells[cell] + STEPS[k]) for k in np.flatnonzero(values)}
        within = {n for n in possible[cell] if abs(n - cells[cell]) <= REACH}
        assert within <= left


def test_one_sum_leaves_what_the_others_can_spare():
    unknown = np.array([True, True, False])
    relations = csr_array(np.array([[1.0, 1.0, -1.0]]))
    found = allowed_values(
        np.array([2.0, 5.0, 7.0]), np.ones(3), unknown, sums_of(relations, unknown), []
    )
    assert [2 + int(STEPS[k]) for k in np.flatnonzero(found.values[0])] == [1, 2, 3, 4, 5, 6]


def test_the_reason_of_a_narrowing_is_told():
    """The reading of b narrows a through their sum; that of another count does not."""
    unknown = np.array([True, True, False, True])
    relations = csr_array(np.array([[1.0, 1.0, -1.0, 0.0]]))
    of_b = Reading((1,), np.abs(STEPS) <= 1)
    other = Reading((3,), np.abs(STEPS) <= 1)
    found = allowed_values(
        np.array([9.0, 9.0, 18.0, 4.0]),
        np.ones(4),
        unknown,
        sums_of(relations, unknown),
        [of_b, other],
    )
    assert found.values[0].sum() == 3
    assert [id(one) for one in found.reasons(0)] == [id(of_b)]


@pytest.mark.parametrize(("d1", "d2"), [(5, 16), (3, 40)])
def test_two_counts_of_one_number_hold_each_other(d1, d2):
    """1/d1 + 1/d2 exactly: with both unknown only pairs that give the same sum are left."""
    told = 1 / np.maximum(d1 + STEPS, 1e-3)[:, None] + 1 / np.maximum(d2 + STEPS, 1e-3)[None, :]
    reading = Reading((0, 1), np.abs(told - (1 / d1 + 1 / d2)) < 1e-9)
    unknown = np.ones(2, dtype=bool)
    found = allowed_values(np.array([d1, d2], dtype=float), np.ones(2), unknown, (), [reading])
    pairs = [
        (x, y)
        for x, y in product(range(1, d1 + REACH + 1), range(1, d2 + REACH + 1))
        if abs(1 / x + 1 / y - 1 / d1 - 1 / d2) < 1e-9 and x > d1 - REACH and y >= d2 - REACH
    ]
    left = {int(d1 + STEPS[k]) for k in np.flatnonzero(found.values[0])}
    assert left == {x for x, _ in pairs}
