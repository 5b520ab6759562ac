"""What is said of adverse events with an empty cell tells no small number of those without."""

import pandas as pd
import pytest

from ketaoutcomes.data.assemble_harms import harm_remarks
from ketaoutcomes.data.mapping import MappedTable


def events(with_severity: int, without: int) -> MappedTable:
    """Events that lack nothing but, some of them, a severity."""
    severity = ["mild"] * with_severity + [None] * without
    frame = pd.DataFrame({"severity": severity}).assign(
        subject=[str(i) for i in range(len(severity))], day="3", serious="N", related="N"
    )
    return MappedTable("events.csv", "adverse_events", frame, {}, ())


@pytest.mark.parametrize(
    ("with_severity", "without", "said"),
    [
        (5, 55, "The severity is missing for most adverse events of 60."),
        (55, 5, "The severity is missing for fewer than 11 adverse events of 60."),
        (30, 30, "The severity is missing for 30 adverse events of 60."),
        (0, 60, "The severity is missing for 60 adverse events of 60."),
    ],
)
def test_neither_a_small_count_nor_a_small_rest_is_told(
    with_severity: int, without: int, said: str
) -> None:
    (remark,) = harm_remarks(events(with_severity, without))
    assert remark.sentence(11) == said
    assert remark.shown(11).sentence() == said
    counted = remark.shown(11).count
    assert (counted is None) == (0 < with_severity < 11 or 0 < without < 11)


def test_rows_that_repeat_an_event_are_told() -> None:
    """The second of three events is written three times; the third differs in its severity."""
    frame = pd.DataFrame(
        {
            "subject": ["1", "2", "2", "2", "2"],
            "phase": "p",
            "day": ["3", "4", "4", "4", "4"],
            "soc": "Nervous system",
            "term": "Headache",
            "severity": ["mild", "mild", "mild", "mild", "severe"],
            "serious": "N",
            "related": "N",
        }
    )
    (remark,) = harm_remarks(MappedTable("events.csv", "adverse_events", frame, {}, ()))
    assert (remark.count, remark.total) == (2, 5)
    assert "on the same day as another row: 2 rows" in remark.sentence()
