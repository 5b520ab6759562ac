"""Outcomes research for rapid-acting antidepressants, from one analysis plan to one report.

`import ketaoutcomes as ko` is fast: a name is loaded when it is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that editors and type checkers see them
    from ketaoutcomes.api.mmrm import mmrm
    from ketaoutcomes.errors import DataError, DataNote, ModelError

__version__ = "0.1.0"

_LAZY = {
    "DataError": "ketaoutcomes.errors",
    "DataNote": "ketaoutcomes.errors",
    "ModelError": "ketaoutcomes.errors",
    "mmrm": "ketaoutcomes.api.mmrm",
}
"""The module of each name."""

__all__ = ["DataError", "DataNote", "ModelError", "__version__", "mmrm"]


def __getattr__(name: str) -> Any:
    """Load a name when it is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
