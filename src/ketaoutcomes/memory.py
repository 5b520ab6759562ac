"""Memory that is free goes back to the system."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

LIBRARY: Final = "malloc_trim"
"""Of the GNU C library, which else keeps what large arrays leave until it is asked for again."""


def give_back() -> None:
    """Give free memory back, where the system's library has a way; nothing elsewhere."""
    trim = _trim()
    if trim is not None:
        trim(0)


def free_all() -> None:
    """Free what refers to itself, too, as the design of a model does with all its rows."""
    gc.collect()
    give_back()


@contextmanager
def without_what_is_there() -> Iterator[None]:
    """Until the end `free_all` does not look through what is there already: mostly libraries."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@cache
def _trim() -> Any:
    try:
        return getattr(ctypes.CDLL(None), LIBRARY, None)
    except (OSError, TypeError):  # a system without such libraries
        return None
