"""Outcomes research for rapid-acting antidepressants, from one analysis plan to one report.

`import ketaoutcomes as ko` is fast: a name is loaded when it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that editors and type checkers see them
    from ketaoutcomes.api.cohorts import simulate, simulate_in_parts
    from ketaoutcomes.api.competing import cumulative_incidence, fine_gray
    from ketaoutcomes.api.hazards import cox
    from ketaoutcomes.api.imputation import impute
    from ketaoutcomes.api.inspection import inspect
    from ketaoutcomes.api.mmrm import mmrm
    from ketaoutcomes.api.parametric import parametric_survival
    from ketaoutcomes.api.plans import read_plan
    from ketaoutcomes.api.power import power
    from ketaoutcomes.api.study import run, validate
    from ketaoutcomes.api.survival import kaplan_meier, log_rank, pseudo_values, restricted_mean
    from ketaoutcomes.errors import (
        CheckError,
        CommandError,
        DataError,
        DataNote,
        ModelError,
        PlanError,
    )

__version__ = "0.1.0"

_LAZY = {
    "CheckError": "ketaoutcomes.errors",
    "CommandError": "ketaoutcomes.errors",
    "DataError": "ketaoutcomes.errors",
    "DataNote": "ketaoutcomes.errors",
    "ModelError": "ketaoutcomes.errors",
    "PlanError": "ketaoutcomes.errors",
    "cox": "ketaoutcomes.api.hazards",
    "cumulative_incidence": "ketaoutcomes.api.competing",
    "fine_gray": "ketaoutcomes.api.competing",
    "impute": "ketaoutcomes.api.imputation",
    "inspect": "ketaoutcomes.api.inspection",
    "kaplan_meier": "ketaoutcomes.api.survival",
    "log_rank": "ketaoutcomes.api.survival",
    "mmrm": "ketaoutcomes.api.mmrm",
    "parametric_survival": "ketaoutcomes.api.parametric",
    "power": "ketaoutcomes.api.power",
    "pseudo_values": "ketaoutcomes.api.survival",
    "read_plan": "ketaoutcomes.api.plans",
    "restricted_mean": "ketaoutcomes.api.survival",
    "run": "ketaoutcomes.api.study",
    "simulate": "ketaoutcomes.api.cohorts",
    "simulate_in_parts": "ketaoutcomes.api.cohorts",
    "validate": "ketaoutcomes.api.study",
}
"""The module of each name."""

__all__ = [
    "CheckError",
    "CommandError",
    "DataError",
    "DataNote",
    "ModelError",
    "PlanError",
    "__version__",
    "cox",
    "cumulative_incidence",
    "fine_gray",
    "impute",
    "inspect",
    "kaplan_meier",
    "log_rank",
    "mmrm",
    "parametric_survival",
    "power",
    "pseudo_values",
    "read_plan",
    "restricted_mean",
    "run",
    "simulate",
    "simulate_in_parts",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Load a name when it is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
