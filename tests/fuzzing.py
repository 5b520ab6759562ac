"""Runs a command in this process and says whether it ended as a command should."""

from collections.abc import Sequence
from pathlib import Path

from ketaoutcomes.cli.main import main

CODES = (0, 1, 2, 3)


def ended_well(words: Sequence[str], kept: Path) -> int:
    """The exit code; it fails on a traceback and names the file that led to it.

    Parameters
    ----------
    kept : Path
        The input that is told where something goes wrong.
    """
    try:
        code = main(list(words))
    except SystemExit as left:  # argparse, of words that are no command
        code = int(left.code or 0)
    except BaseException as error:
        raise AssertionError(f"{type(error).__name__} from {kept.read_bytes()[:6000]!r}") from error
    assert code in CODES
    return code
