"""The last day with a score on any scale, by subject, against a search by hand."""

import math

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.cohort import Cohort, Source, empty_frame

rows = st.tuples(
    st.sampled_from(("A", "B", "C")),
    st.sampled_from(("first", "second")),
    st.one_of(st.integers(-3, 40).map(float), st.just(math.nan)),
    st.one_of(st.just(math.nan), st.just(10.0)),
)


@given(st.lists(rows, max_size=12))
def test_the_last_day_is_that_of_the_latest_score_in_whatever_order(
    visits: list[tuple[str, str, float, float]],
) -> None:
    columns = ["subject", "phase", "day", "score"]
    frame = pd.DataFrame(visits, columns=columns).assign(visit="V", scale="MADRS")
    nothing = empty_frame(("subject",))
    cohort = Cohort(nothing, nothing, frame, nothing, nothing, nothing, Source("real", "by hand"))
    found = cohort.last_assessed("first")
    expected: dict[str, float] = {}
    for subject, phase, day, score in visits:
        if phase == "first" and not math.isnan(score):
            latest = expected.get(subject, math.nan)
            expected[subject] = latest if math.isnan(day) or latest > day else day
    assert sorted(found.index) == list(found.index) == sorted(expected)
    for subject, day in expected.items():
        assert found[subject] == day or (math.isnan(day) and math.isnan(found[subject]))
