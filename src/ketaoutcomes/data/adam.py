"""What CDISC ADaM calls the columns (ADaM Implementation Guide 1.3; OCCDS 1.1; BDS for TTE 1.0)."""

from typing import Final

from ketaoutcomes.plan.files import FileRole

ADAM_COLUMNS: Final[dict[FileRole, dict[str, tuple[str, ...]]]] = {
    "subjects": {
        "subject": ("USUBJID",),
        "arm": ("TRT01P", "TRT01A"),
    },
    "visits": {
        "subject": ("USUBJID",),
        "arm": ("TRTP", "TRTA", "TRT01P", "TRT01A"),
        "visit": ("AVISIT",),
        "day": ("ADY",),
        "value": ("AVAL",),
        "baseline": ("BASE",),
        "scale": ("PARAMCD",),
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
    },
    "exposure": {
        "subject": ("USUBJID",),
        "arm": ("TRTA", "TRTP", "TRT01A", "TRT01P"),
        "day": ("ASTDY", "ADY", "EXSTDY"),
        "dose": ("ADOSE", "EXDOSE"),
        "unit": ("ADOSEU", "EXDOSU"),
        "route": ("EXROUTE",),
    },
}
"""Role -> field -> columns, the first that the file holds; the ends of subjects are made of several
columns each (`adam_subjects.py`)."""

ADAM_ROWS: Final[dict[FileRole, dict[str, tuple[str, ...]]]] = {
    "visits": {"ANL01FL": ("Y",), "DTYPE": ("",)},
    "times": {"ANL01FL": ("Y",)},
    "adverse_events": {"TRTEMFL": ("Y",)},
}
"""Role -> flag -> the values of the rows to analyse, where the file has the flag: the analysed
record of a visit, observed and not carried forward; harms that arose on treatment."""
