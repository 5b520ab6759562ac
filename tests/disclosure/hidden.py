"""Which counts a run hides, what they are, and which of them an attack pinned."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from disclosure.attacker import Attack, attack

COUNTS = {
    *("count", "pattern", "observed", "missing", "subjects", "responders", "events"),
    *("event by", "censored"),
}
OF_SUMS = {"sums", "levels of severity"}
"""Ways by which a large count may follow from others that are shown: it was hidden in vain."""

NUMBERS = (
    *("estimate", "std_error", "df", "test_statistic", "conf_low", "conf_high", "p_value"),
    *("n", "n_events"),
)


@dataclass
class Tally:
    """How many small counts were tried and pinned, by the way, and how much is not shown."""

    tried: int = 0
    pinned: dict[str, str] = field(default_factory=dict)
    ways: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    withheld: int = 0
    rounded: int = 0


def tally(folder: Path, open_folder: Path, data: Path | None, smallest: int) -> Tally:
    """Attack a run and compare with the same run that hides nothing, and with made data."""
    hidden, shown = rows_of(folder), rows_of(open_folder)
    truth = _truth(hidden, shown, smallest)
    found = attack(folder)
    truth |= _truth_of_sizes(found, shown, smallest)
    truth |= _truth_of_shares(found, shown, smallest)
    truth |= {} if data is None else _truth_of_data(found, data, smallest)
    result = Tally(tried=len(truth))
    for target, count in truth.items():
        for way, left in found.left.get(target, {}).items():
            follows = way in OF_SUMS and count >= smallest
            if left == {count} and not follows:
                result.pinned["/".join(target)] = f"{way}: {count}"
                result.ways[way] += 1
    for name, row in hidden.items():
        before = shown.get(name, row)
        words = {w.partition(":")[0]: ":" in w for w in row["suppressed"].split()}
        there = [one for one in NUMBERS if before[one]]
        result.numbers += len(there)
        result.withheld += sum(not row[one] for one in there)
        result.rounded += sum(words.get(one, False) for one in there)
    return result


def rows_of(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "results.csv").open(newline="") as lines:
        return {row["id"]: row for row in csv.DictReader(lines)}


def _truth(hidden, shown, smallest: int) -> dict[tuple[str, str], int]:
    """Counts of the open run that the run does not show, or not as they are.

    Large ones, too: they are hidden because a small one is their distance from another.
    """
    found = {}
    for name, row in shown.items():
        after = hidden.get(name)
        for one in ("n", "n_events", *(["estimate"] if row["statistic"] in COUNTS else [])):
            small = row[one] and 0 < float(row[one]) < smallest
            words = [] if after is None else after["suppressed"].split()
            less = after is not None and any(w.partition(":")[0] == one for w in words)
            if row[one] and ((small and after is None) or less):
                found[name, one] = round(float(row[one]))
    return found


def _truth_of_data(found: Attack, data: Path, smallest: int) -> dict[tuple[str, str], int]:
    """Small counts that no table of the open run holds: zeros and ones, events between days."""
    truth = {}
    subjects = pd.read_csv(data / "subjects.csv")
    times = pd.read_csv(data / "times.csv")
    if "PERIOD" not in subjects:
        times = times.merge(subjects[["ID", "TRT"]], on="ID")
    for name, what in found.left:
        parts = name.split("/")
        if what == "ones":
            arm = (
                subjects
                if parts[2] not in {"drug", "placebo"}
                else subjects[parts[2] == subjects.TRT]
            )
            truth[name, what] = int(arm.ATTEMPT.sum())
        if what.startswith("of value ") and parts[3] == "stage":
            arm = (
                subjects
                if parts[2] not in {"drug", "placebo"}
                else subjects[parts[2] == subjects.TRT]
            )
            truth[name, what] = int((int(what[-1]) == arm.STAGE).sum())
        if what == "events between days":
            arm, start, stop = parts[1], float(parts[2]), float(parts[3])
            inside = times[(arm == times.TRT) & (start < times.TTE) & (stop >= times.TTE)]
            truth[name, what] = int((inside.EVENT == "yes").sum())
        if what == "events of a kind":
            _, arm, start, stop, kind = parts
            inside = times[(arm == times.TRT) & times.TTE.between(float(start) + 1, float(stop))]
            of_kind = inside.REASON.eq("death") if kind == "death" else inside.EVENT.eq("yes")
            truth[name, what] = int(of_kind.sum())
    return {key: count for key, count in truth.items() if 0 < count < smallest}


def _truth_of_sizes(found: Attack, shown, smallest: int) -> dict[tuple[str, str], int]:
    """How many a class is expected to have in an arm, and the smallest of all."""
    analysed = {
        (row["analysis"], row["arm"]): float(row["n"])
        for row in shown.values()
        if row["table"] == "dst01" and row["statistic"] == "analysed"
    }
    truth = {}
    for name, what in found.left:
        if what == "size" and shown[name]["estimate"]:
            row = shown[name]
            n = float(row["n"]) if not row["arm"] else analysed[row["analysis"], row["arm"]]
            truth[name, what] = round(float(row["estimate"]) * n / 100)
    return {key: count for key, count in truth.items() if 0 < count < smallest}


def _truth_of_shares(found: Attack, shown, smallest: int) -> dict[tuple[str, str], int]:
    """How many of those at a visit, or of an arm, had the outcome of which a share is estimated."""
    truth = {
        (name, what): round(float(shown[name]["estimate"]) * float(shown[name]["n"]))
        for name, what in found.left
        if what in {"successes", "outcomes"} and shown[name]["estimate"]
    }
    return {key: count for key, count in truth.items() if 0 < count < smallest}
