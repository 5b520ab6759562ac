"""How a command ends."""

import subprocess
import sys

ENDING = """
import atexit, gc
from ketaoutcomes.cli.main import main
# the last to be registered are the first to be called: this one is called after those of `main`
atexit.register(lambda: print(gc.get_freeze_count() > 1000))
main(["list"])
"""


def test_no_last_search_for_cycles_goes_through_all_that_is_left() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "True"
