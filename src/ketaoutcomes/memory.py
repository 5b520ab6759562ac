"""Memory that is free goes back to the system."""

import ctypes
from functools import cache
from typing import Any, Final

LIBRARY: Final = "malloc_trim"
"""Of the GNU C library, which else keeps what large arrays leave until it is asked for again."""


def give_back() -> None:
    """Give free memory back, where the system's library has a way; nothing elsewhere."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(None), LIBRARY, None)
    except (OSError, TypeError):  # a system without such libraries
        return None
