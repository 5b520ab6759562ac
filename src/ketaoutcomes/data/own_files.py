"""The files that `simulate` writes, as a plan would name them to read them back."""

import csv
import json
from pathlib import Path
from typing import Any, Final

from ketaoutcomes.cohort import COHORTS_MANIFEST, SIMULATED_COLUMNS

ALWAYS: Final = ("subjects", "assignments", "visits", "events", "follow_up")
WITH_COVARIATES: Final = ("subjects", "assignments")
"""Files whose further columns are covariates, strata and factors."""
RENAMED: Final = {"day": ["day", "last_day"], "value": "score"}
"""Fields of a plan that have another name in the files."""
FIELDS: Final = (
    *("subject", "arm", "phase", "visit", "day", "value", "scale", "event", "reason"),
    *("soc", "term", "severity", "serious", "related", "dose", "unit", "route"),
    *("item", "amount", "currency"),
)


def block_of_own_files(folder: Path) -> dict[str, Any] | None:
    """The `data:` block that reads a cohort of `simulate` back; None where it is none.

    Parameters
    ----------
    folder : Path
        A folder such as `data/synthetic/trd_short_term`.

    Returns
    -------
    dict or None
        What stands under `data:` in a plan, without labels.
    """
    heads = {role: _head(folder / f"{role}.csv") for role in SIMULATED_COLUMNS}
    there = {role: head for role, head in heads.items() if head is not None}
    if any(role not in there for role in ALWAYS):
        return None
    if any(
        head[: len(SIMULATED_COLUMNS[role])] != SIMULATED_COLUMNS[role]
        for role, head in there.items()
    ):
        return None
    seen = {column for head in there.values() for column in head}
    columns: dict[str, Any] = {
        field: RENAMED.get(field, field) for field in FIELDS if field in seen or field in RENAMED
    }
    further = [c for role in WITH_COVARIATES for c in there[role][len(SIMULATED_COLUMNS[role]) :]]
    if further:
        columns["covariates"] = {column: column for column in dict.fromkeys(further)}
    return {
        "files": {role: f"{role}.csv" for role in there},
        "first_dose_day": 0,
        "columns": columns,
    }


def scenario_of_own_files(folder: Path) -> str | None:
    """The scenario that a folder holds by the manifest above it; None without such a manifest."""
    name = folder.resolve().name
    try:
        cohorts = json.loads((folder.resolve().parent / COHORTS_MANIFEST).read_bytes())["cohorts"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return name if isinstance(cohorts, dict) and name in cohorts else None


def _head(path: Path) -> tuple[str, ...] | None:
    """The names of the columns of a CSV file, if it is there and says any."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(next(csv.reader(file), ()))
    except (OSError, UnicodeDecodeError):
        return None
