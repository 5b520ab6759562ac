"""Records of models come back from JSON as they were."""

import numpy as np
import pytest

from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.families.time_to_event.record import SurvivalCurve, SurvivalRecord
from ketaoutcomes.runs.records import read_records, records_bytes

CURVE = SurvivalCurve(
    arm="placebo",
    times=np.array([1.0, 2.5]),
    survival=np.array([0.9, 1 / 3]),
    conf_low=np.array([0.5, np.nan]),
    conf_high=np.array([1.0, np.inf]),
    censored_at=np.array([]),
    at_risk=(10, 3),
)
RECORDS = (
    MmrmRecord(
        analysis="primary",
        converged=True,
        structure="us",
        ladder=(("toeph", "no"), ("us", "kept")),
        visits=("Day 8", "Day 28"),
        groups=("all",),
        covariance=np.array([[1.0, 0.1], [0.1, 2.0]]),
        residuals=np.array([-0.3, 0.7]),
        n_subjects=7,
        n_obs=14,
    ),
    SurvivalRecord(analysis="relapse", ticks=(0.0, 28.0), curves=(CURVE,)),
    TippingRecord(
        analysis="tipping",
        arms=("drug", "placebo"),
        shifts=(np.array([0.0, 5.0]), np.array([-1.0, 1.0])),
        estimate=np.eye(2),
        conf_low=np.eye(2) - 1,
        conf_high=np.eye(2) + 1,
        p_value=np.full((2, 2), 0.2),
        contour_rows=np.array([-1.0, 1.0]),
        contour=np.array([np.nan, 2.5]),
    ),
)


def test_records_come_back_exactly() -> None:
    again = read_records(records_bytes(RECORDS))
    assert [type(record) for record in again] == [
        MmrmRecord,
        SurvivalRecord,
        TippingRecord,
    ]
    assert records_bytes(again) == records_bytes(RECORDS)
    curve = again[1].curves[0]
    np.testing.assert_array_equal(curve.conf_low, CURVE.conf_low)
    np.testing.assert_array_equal(curve.conf_high, CURVE.conf_high)
    assert curve.times.dtype == float
    assert curve.at_risk == (10, 3)
    assert again[0].covariance.shape == (2, 2)
    assert again[0].ladder == RECORDS[0].ladder
    np.testing.assert_array_equal(again[2].contour, RECORDS[2].contour)
    np.testing.assert_array_equal(again[2].shifts[1], RECORDS[2].shifts[1])


@pytest.mark.parametrize("content", [b"{}x", b'[["NoSuchRecord", {}]]', b'[["MmrmRecord", {}]]'])
def test_what_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"records|Extra data"):
        read_records(content)
