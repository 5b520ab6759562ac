"""The command that writes datasets and scripts for others to repeat a study."""

import argparse
from collections.abc import Callable
from pathlib import Path

from ketaoutcomes.cli.run import loudness, takes_data, takes_plan, told_as_asked
from ketaoutcomes.cli.terminal import say
from ketaoutcomes.errors import ExitCode


def add_export_command(add: Callable[..., None]) -> None:
    """Add the command; `add` takes a name, a function, words and options."""
    words = "write datasets and scripts in R and SAS"
    add("export", _export, words, takes_plan, _to, takes_data, loudness)


def _to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        required=True,
        help="write rows of participants here, apart from reports",
    )


def _export(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.export.run import export

    with told_as_asked(arguments) as tell:
        made = export(arguments.plan, arguments.to, arguments.data, tell)
    if not arguments.quiet:
        say(f"datasets and scripts: {made.folder}")
        say(f"to repeat the numbers: Rscript {made.folder / 'analysis.R'}")
    return ExitCode.OK
