"""A remark says what, how many and what to do, and never a count that must stay hidden."""

from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.remarks import Remark, merged


def test_a_remark_is_a_sentence_with_place_count_and_remedy() -> None:
    remark = Remark("Left out as history: {count}", "e.csv", "check the days", 3, unit="event")
    assert remark.sentence() == "e.csv: Left out as history: 3 events. Check the days."
    assert remark.sentence(11) == (
        "e.csv: Left out as history: fewer than 11 events. Check the days."
    )


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 20))
def test_a_page_never_holds_a_count_or_a_rest_that_must_stay_hidden(
    count: int, rest: int, smallest: int
) -> None:
    shown = Remark("Out: {count}", count=count, total=count + rest).shown(smallest)
    assert shown.total is None
    hidden = 0 < count < smallest or 0 < rest < smallest
    assert (shown.count is None) == hidden
    if hidden:
        assert f"Out: {count} " not in shown.sentence()
    else:
        assert f"Out: {count} participant" in shown.sentence()


def test_the_same_remark_of_two_analyses_is_told_once_and_warnings_first() -> None:
    note, warning = Remark("a"), Remark("b", gravity="warning")
    assert merged([note.of("x"), warning, note.of("y")]) == (warning, note.of("x", "y"))
    assert merged([note.of("x"), note]) == (note,)
