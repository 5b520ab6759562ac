"""Where the processor time of a whole `run` goes, by stage.

    python benchmarks/where.py PLAN FOLDER

The command runs as it always does; a timer of the processor interrupts it each millisecond, and the
stage is told by the functions that are then at work. The share of the interruptions is that of the
time. What is kept between runs is used where it is there: run it twice for a run again.
"""

import os
import signal
import sys
from collections import Counter
from types import FrameType

from ketaoutcomes.cli.main import main

EACH = 0.001
"""Seconds of the processor between two looks."""

SHOWN = 0.005
"""A stage of fewer seconds is not listed."""

LIBRARIES, OURS, ELSE = "libraries imported", "the package's own modules imported", "the rest"
STAGES = {
    "figure_svg": "figures",
    "page_and_files": "the page as HTML, its tables and figures as files",
    "report_of": "sections, words and tables of the page",
    "run_files": "the other files",
    "suppress": "small counts hidden",
    "second_checks": "second programs",
    "true_values": "true values",
    "fit_analysis": "models fitted",
    "_part": "descriptive tables and families of hypotheses",
    "_read": "plan read and checked",
    "_prepared": "cohort and endpoints",
}
"""The stage by the function at work; the first of these that is, counts."""


def where(frame: FrameType | None) -> str:
    """The stage of what is at work."""
    names, module = set(), None
    while frame is not None:
        names.add(frame.f_code.co_name)
        if module is None and frame.f_code.co_name == "<module>":
            module = frame.f_globals.get("__name__", "")
        frame = frame.f_back
    if "_find_and_load" in names:
        own = module is not None and module.partition(".")[0] == "ketaoutcomes"
        return OURS if own else LIBRARIES
    return next((stage for name, stage in STAGES.items() if name in names), ELSE)


def measured(plan: str, folder: str) -> dict[str, float]:
    """Seconds of the processor by stage, the longest first, and of the whole process."""
    seen: Counter[str] = Counter()

    def look(_signal: int, frame: FrameType | None) -> None:
        seen[where(frame)] += 1

    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EACH, EACH)
    code = main(["run", plan, "--out", folder, "-q"])
    signal.setitimer(signal.ITIMER_PROF, 0)
    if code:
        raise SystemExit(code)
    taken = os.times()
    total = taken.user + taken.system
    shares = {stage: total * times / seen.total() for stage, times in seen.most_common()}
    return shares | {"together": total}


if __name__ == "__main__":
    for stage, seconds in measured(*sys.argv[1:]).items():
        if seconds >= SHOWN:
            print(f"| {stage} | {seconds:.2f} |")
