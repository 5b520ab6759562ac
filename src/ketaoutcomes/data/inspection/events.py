"""What two words or codes of a column say of an event: that it occurred, or that it did not."""

import re
from typing import Final

from ketaoutcomes.data.inspection.profile import Column

PLAIN: Final = frozenset(("0", "1", "true", "false"))
"""What a plan reads without being told."""
NOT_SEEN: Final = re.compile(
    r"(?:right[ -]?)?censor\w*|no|n|f|alive|none|(?:no|not|without)\b.*", re.IGNORECASE
)
SEEN: Final = re.compile(
    r"yes|y|t|event|relapsed?|dead|died|death|recurrence|failed|failure", re.IGNORECASE
)
CODES: Final = {"1": False, "2": True}
"""Status as R's `Surv` has it: 1 censored, 2 the event."""


def event_meaning(column: Column) -> dict[str, bool]:
    """Word or code -> whether the event occurred; empty where the column does not say.

    A word that may be somebody's own is not repeated: it is one of those above, or one that many
    rows share.
    """
    values = sorted(map(str, column.counts.index))
    if len(values) != 2:  # noqa: PLR2004 - it occurred, or it did not
        return {}
    if values == list(CODES):
        return dict(CODES)
    censored = [value for value in values if NOT_SEEN.fullmatch(value)]
    others = [value for value in values if value not in censored]
    known = all(SEEN.fullmatch(value) or value in column.labels() for value in others)
    return {value: value in others for value in values} if len(censored) == 1 and known else {}


def tells_censoring(column: Column) -> bool:
    """Whether one of two words is "censored", whatever the column is called."""
    words = [str(value).casefold() for value in column.counts.index]
    return any(word.startswith(("censor", "right cens", "right-cens")) for word in words)
