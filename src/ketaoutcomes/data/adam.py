"""ADaM datasets: which variables hold what, and subjects from ADSL."""

from dataclasses import dataclass
from typing import Final

import pandas as pd

from ketaoutcomes.data.readers.raw import RawTable, as_text
from ketaoutcomes.plan.files import FileRole

OF_MEASURED: Final[dict[str, tuple[str, ...]]] = {
    "subject": ("USUBJID",),
    "arm": ("TRTA", "TRTP", "TRT01A", "TRT01P"),
    "test": ("PARAMCD",),
    "result": ("AVAL",),
    "range_low": ("A1LO", "ANRLO"),
    "range_high": ("A1HI", "ANRHI"),
    "indicator": ("ANRIND",),
    "baseline_indicator": ("BNRIND",),
    "baseline_flag": ("ABLFL",),
}
"""What ADLB and ADEG have in common."""

ADAM_COLUMNS: Final[dict[FileRole, dict[str, tuple[str, ...]]]] = {
    "subjects": {
        "subject": ("USUBJID",),
        "arm": ("TRT01P", "TRT01A"),
        "died": ("DTHFL",),
    },
    "visits": {
        "subject": ("USUBJID",),
        "arm": ("TRTP", "TRTA", "TRT01P", "TRT01A"),
        "visit": ("AVISIT",),
        "day": ("ADY",),
        "value": ("AVAL",),
        "baseline": ("BASE",),
        "scale": ("PARAMCD",),
        "derived": ("DTYPE",),
    },
    "events": {
        "subject": ("USUBJID",),
        "arm": ("TRTP", "TRTA", "TRT01P", "TRT01A"),
        "day": ("ASTDY", "ADY"),
        "event": ("PARAMCD", "AEDECOD", "DSDECOD"),
    },
    "times": {
        "subject": ("USUBJID",),
        "arm": ("TRTP", "TRTA", "TRT01P", "TRT01A"),
        "time": ("AVAL",),
        "censored": ("CNSR",),
        "reason": ("EVNTDESC",),
        "time_unit": ("AVALU",),
        "parameter": ("PARAM",),
    },
    "adverse_events": {
        "subject": ("USUBJID",),
        "arm": ("TRTA", "TRTP", "TRT01A", "TRT01P"),
        "day": ("ASTDY",),
        "soc": ("AEBODSYS", "AESOC"),
        "term": ("AEDECOD",),
        "severity": ("ASEV", "AESEV"),
        "serious": ("AESER",),
        "related": ("AREL", "AEREL"),
        "fatal": ("AESDTH", "AEOUT"),
    },
    "exposure": {
        "subject": ("USUBJID",),
        "arm": ("TRTA", "TRTP", "TRT01A", "TRT01P"),
        "day": ("ASTDY", "ADY", "EXSTDY"),
        "dose": ("ADOSE", "EXDOSE"),
        "unit": ("ADOSEU", "EXDOSU"),
        "route": ("EXROUTE",),
    },
    "laboratory": {
        **OF_MEASURED,
        "day": ("ADY", "LBDY"),
        "unit": ("AVALU", "LBSTRESU"),
    },
    "ecg": {
        **OF_MEASURED,
        "day": ("ADY", "EGDY"),
        "unit": ("AVALU", "EGSTRESU"),
    },
}
"""Role -> field -> columns, the first that the file holds; the ends of subjects are made of several
columns each."""

ADAM_ROWS: Final[dict[FileRole, dict[str, tuple[str, ...]]]] = {
    "visits": {"ANL01FL": ("Y",), "DTYPE": ("",)},
    "times": {"ANL01FL": ("Y",)},
    "adverse_events": {"TRTEMFL": ("Y",)},
    "laboratory": {"DTYPE": ("",)},
    "ecg": {"DTYPE": ("",)},
}
"""Role -> flag -> the values of the rows to analyse, where the file has the flag: the analysed
record of a visit, observed and not carried forward; harms that arose on treatment."""


FIRST_DOSE: Final = "TRTSDT"
ONGOING: Final = "ongoing"


@dataclass(frozen=True)
class End:
    """Where an end stands: its study day, the date that gives it, and why; the first of each."""

    days: tuple[str, ...]
    date: str
    reasons: tuple[str, ...]


ENDS: Final[dict[tuple[str, str], End]] = {
    ("day", "reason"): End(("EOSDY",), "EOSDT", ("DCSREAS", "DCDECOD", "EOSSTT")),
    ("treatment_day", "treatment_reason"): End(
        ("TRTDURD", "TRTDUR", "TRTEDY", "EOTDY"), "TRTEDT", ("DCTREAS", "EOTSTT")
    ),
}
"""Fields of the plan -> the columns of ADSL."""


def ends_of_subjects(raw: RawTable) -> tuple[pd.DataFrame, dict[str, str]]:
    """The ends as fields of the plan, as far as the file holds them, and the columns of each.

    Each subject has the first value that is there: the reason of `DCSREAS`, which a completer
    lacks, or else the status of `EOSSTT`. Who is still in the study, or on treatment, has no
    reason. A date gives the study day, date - TRTSDT + 1 (ADaM, section 3.1.2).
    """
    frame, columns = pd.DataFrame(index=raw.frame.index), {}
    for (day, why), end in ENDS.items():
        days = {name: raw.frame[name] for name in map(raw.find, end.days) if name is not None}
        if (told := _study_day(raw, end.date)) is not None:
            days[str(raw.find(end.date))] = told
        reasons = {name: raw.frame[name] for name in map(raw.find, end.reasons) if name is not None}
        for field, found in ((day, days), (why, reasons)):
            if found:
                frame[field] = _first_there(list(found.values()))
                columns[field] = "`, `".join(found)
        if why in frame:
            still = frame[why].str.casefold() == ONGOING
            frame[why] = frame[why].mask(still, None)
    return frame, columns


FATAL: Final = ("AESDTH", "AEOUT")
"""Criterion of seriousness and outcome: either of them tells that an event was fatal."""
OUTCOME_FATAL: Final = "fatal"


def fatal_events(raw: RawTable) -> pd.Series | None:
    """Whether each adverse event was fatal, in words, by any column of ADAE that tells it.

    AESDTH holds Y, N or nothing; AEOUT is "FATAL" or another outcome (CDISC terminology).
    """
    criterion, outcome = map(raw.find, FATAL)
    told = pd.Series(None, raw.frame.index, dtype=object)
    if criterion is None and outcome is None:
        return None
    if criterion is not None:
        told = raw.frame[criterion].astype(object)
    if outcome is not None:
        ended = raw.frame[outcome]
        fatal = ended.str.strip().str.casefold() == OUTCOME_FATAL
        told = told.mask(told.isna() & ended.notna(), "N").mask(fatal, "Y")
    return told.mask(told.isna(), None)


def _first_there(values: list[pd.Series]) -> pd.Series:
    first = values[0].astype(object)
    for other in values[1:]:
        first = first.fillna(other)
    told: pd.Series = first.mask(first.isna(), None)
    return told


def _study_day(raw: RawTable, date: str) -> pd.Series | None:
    """Study days of a column of dates; there is no day 0."""
    columns = raw.find(date), raw.find(FIRST_DOSE)
    if columns[0] is None or columns[1] is None:
        return None
    end, start = (_days(raw.frame[column]) for column in columns)
    between = end - start
    return as_text(between.where(between < 0, between + 1))


def _days(dates: pd.Series) -> pd.Series:
    """Dates as days since one origin: numbers as SAS keeps them, else as ISO 8601 writes them."""
    numbers = pd.to_numeric(dates, errors="coerce")
    if numbers.notna().equals(dates.notna()):
        return numbers
    moments = pd.to_datetime(dates, errors="coerce", format="ISO8601")
    return (moments - pd.Timestamp(1960, 1, 1)).dt.floor("D").dt.days.astype(float)
