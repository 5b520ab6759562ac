"""`import ketaoutcomes` is light, and its names are there when they are used."""

import subprocess
import sys

import pytest

import ketaoutcomes as ko

LIGHT = """
import sys, ketaoutcomes
heavy = {"numpy", "pandas", "scipy", "formulaic", "pydantic", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
assert "mmrm" in dir(ketaoutcomes)
"""


def test_the_import_loads_nothing_heavy():
    """That is what keeps it under 0.2 s on any machine."""
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ko.__all__)
def test_every_name_is_there(name):
    assert getattr(ko, name) is not None


def test_another_name_is_not():
    with pytest.raises(AttributeError, match="`ketaoutcomes` has no attribute `mmmr`"):
        _ = ko.mmmr
