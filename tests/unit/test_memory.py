"""Free memory goes back to the system, and its absence there is no matter."""

import platform
from pathlib import Path

import pytest

from ketaoutcomes import memory

MEGABYTES = 64


def resident() -> float:
    """Megabytes of this process that stand in the memory."""
    status = Path("/proc/self/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0]) / 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library keeps it")
def test_what_small_arrays_leave_goes_back() -> None:
    pieces = [bytearray(60_000) for _ in range(MEGABYTES * 1_000_000 // 60_000)]
    last = bytearray(60_000)  # the heap cannot shrink below it
    pieces.clear()
    before = resident()
    memory.give_back()
    assert before - resident() > MEGABYTES / 2
    assert len(last) == 60_000


def test_a_system_without_the_function_keeps_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_trim", lambda: None)
    memory.give_back()
