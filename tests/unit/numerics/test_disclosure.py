"""Which cells are hidden, by examples that can be checked by hand."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from ketaoutcomes.numerics.disclosure import Margins, cells_to_hide


def hidden(
    counts: list[int], relations: list[list[int]], cost: list[int] | None = None
) -> list[int]:
    """Counts hidden below 11; a cell shown in no table has the cost 0."""
    costs = np.array(cost or [1] * len(counts), dtype=float)
    margins = Margins(
        np.array(counts, dtype=float), costs > 0, csr_array(np.array(relations, float)), costs
    )
    return [counts[place] for place in np.flatnonzero(cells_to_hide(margins, 11))]


def test_one_small_cell_of_a_row_takes_another_with_it() -> None:
    # 5 + 20 + 75 = 100: the 5 alone would follow from the rest; the smaller of the others goes
    assert hidden([100, 5, 20, 75], [[1, -1, -1, -1]]) == [5, 20]


def test_two_small_cells_guard_each_other() -> None:
    assert hidden([100, 5, 8, 87], [[1, -1, -1, -1]]) == [5, 8]


def test_two_cells_of_one_each_are_no_guard() -> None:
    # both are known not to be zero, and they add up to two
    assert hidden([82, 1, 1, 80], [[1, -1, -1, -1]]) == [1, 1, 80]


def test_a_zero_is_shown_and_guards_nothing() -> None:
    assert hidden([100, 5, 0, 95], [[1, -1, -1, -1]]) == [5, 95]


def test_the_rest_that_no_table_shows_is_guarded_too() -> None:
    # 100 assigned, 97 analysed: three were not, which follows from two large counts
    assert hidden([100, 97, 3], [[1, -1, -1]], cost=[9, 1, 0]) == [97]


def test_what_costs_least_is_hidden() -> None:
    assert hidden([100, 5, 20, 75], [[1, -1, -1, -1]], cost=[1, 1, 9, 3]) == [100, 5]


def test_a_square_of_cells_is_needed_in_a_table_with_both_margins() -> None:
    # rows 5 20 | 25 and 30 40 | 70, columns 35 60: the 5 needs a partner in its row and column
    relations = [[-1, -1, 0, 0, 1, 0, 0, 0], [0, 0, -1, -1, 0, 1, 0, 0],
                 [-1, 0, -1, 0, 0, 0, 1, 0], [0, -1, 0, -1, 0, 0, 0, 1]]  # fmt: skip
    gone = hidden([5, 20, 30, 40, 25, 70, 35, 60], relations)
    assert gone[0] == 5
    assert len(gone) >= 3


@pytest.mark.parametrize("counts", [[100, 50, 50], [0, 0, 0], [30, 0, 30]])
def test_nothing_small_hides_nothing(counts: list[int]) -> None:
    assert hidden(counts, [[1, -1, -1]]) == []
