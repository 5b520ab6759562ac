"""The two values of a yes/no column: which says no, and which yes."""

import re
from typing import Final

from ketaoutcomes.data.inspection.profile import Column

YES: Final = re.compile(
    r"(?:[01][_ .-]*)?(?:yes|y|true|t|present|positive|event|case|remission|response|success|cured"
    r"|improved|dead|died|relapsed?)",
    re.IGNORECASE,
)


def two_values(column: Column) -> tuple[str, str]:
    """The value for no and the value for yes; of words that do not tell, the later is yes."""
    first, second = sorted(map(str, column.counts.index))
    return (
        (second, first) if YES.fullmatch(first) and not YES.fullmatch(second) else (first, second)
    )
