"""Designs tried on many simulated trials.

This folder has the name of the function that users call, `ketaoutcomes.power(plan)`. Python puts a
folder that was imported in the place of a function of its name, so that the folder is called, too.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Called(ModuleType):
    """A folder that is called as the function of its name."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """`ketaoutcomes.api.power.power`, loaded when it is used."""
        return import_module("ketaoutcomes.api.power").power(*arguments, **options)


sys.modules[__name__].__class__ = _Called
