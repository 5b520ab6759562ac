"""The command line: words in, exit code out. Heavy imports wait until a command needs them."""

import argparse
import atexit
import gc
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ketaoutcomes import __version__
from ketaoutcomes.cli.calibrate import add_calibrate_command
from ketaoutcomes.cli.ending import Ended, ended_in_order
from ketaoutcomes.cli.example import add_example_command
from ketaoutcomes.cli.export import add_export_command
from ketaoutcomes.cli.help import EXIT_CODES, LINE, commands_by_use, ending
from ketaoutcomes.cli.numbers import FEWEST_SITES, FEWEST_SUBJECTS, calendar_day, whole_number
from ketaoutcomes.cli.results import add_result_commands
from ketaoutcomes.cli.run import add_run_commands
from ketaoutcomes.cli.schema import add_schema_command
from ketaoutcomes.cli.start import add_start_command
from ketaoutcomes.cli.terminal import note, say
from ketaoutcomes.errors import CommandError, ExitCode, KetaOutcomesError, unexpected

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Sums by several threads differ in the last bit; read once, when numpy is first imported."""

FEW_COLLECTIONS = (1_000_000, 20, 100)
"""Objects made between two searches for cycles: what a command makes is freed by its count of
references. Python's 700 cost a tenth of a run, and with 200,000 searches among the libraries'
objects, half a million, still a fortieth."""

SHOW_PLACE = "KETAOUTCOMES_TRACEBACK"
"""Set by who develops the program: an unexpected error is shown with its place."""

SIGNALLED = 128
"""To which a shell adds the number of the signal that ended a command."""


WINDOWS = (
    "this runs on Linux and macOS. On Windows, install Ubuntu with `wsl --install`, and give this "
    "command there: files of the disk C are under /mnt/c"
)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done; 1 a check or a result failed; 2 the plan or the command is at fault; 3 the data are
        at fault; 128 and its number where a signal ended it.
    """
    os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))
    gc.set_threshold(*FEW_COLLECTIONS)
    # the system takes all memory back at once: a last search for cycles is a twentieth of a run
    atexit.register(gc.freeze)
    arguments = the_parser().parse_args(words)
    try:
        _refuse_windows()
        with ended_in_order():
            return int(arguments.command(arguments))
    except KetaOutcomesError as error:
        _tell_end(str(error), error)
        return int(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        return int(ExitCode.OK)
    except OSError as error:
        _tell_end(f"{error.filename or 'the disk'}: {error.strerror or error}", error)
        note("the previous files are unchanged")
        return int(ExitCode.FAILED_CHECK)
    except (KeyboardInterrupt, Ended) as stop:
        _tell_end("stopped; no file is half written", stop)
        return SIGNALLED + (stop.signal if isinstance(stop, Ended) else signal.SIGINT)
    except Exception as error:
        if os.environ.get(SHOW_PLACE):
            raise
        _tell_end(unexpected(error, "the command"), error)
        note(f"to see the place in the program, set {SHOW_PLACE}=1 and repeat the command")
        return int(ExitCode.FAILED_CHECK)


def _refuse_windows() -> None:
    if sys.platform == "win32":
        raise CommandError(WINDOWS)


def _tell_end(why: str, error: BaseException) -> None:
    """Why the command ends, and what it kept."""
    note(f"ketaoutcomes: {why}")
    for kept in getattr(error, "__notes__", ()):
        note(kept)


def the_parser() -> argparse.ArgumentParser:
    """The command line with all its commands."""
    parser = argparse.ArgumentParser(
        prog="ketaoutcomes",
        usage="ketaoutcomes COMMAND ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ketaoutcomes {__version__}")
    commands = parser.add_subparsers(
        required=True, metavar="COMMAND", help=argparse.SUPPRESS, prog="ketaoutcomes"
    )
    add_run_commands(partial(_add, commands))
    add_export_command(partial(_add, commands))
    add_example_command(partial(_add, commands))
    add_start_command(partial(_add, commands))
    _add(commands, "inspect", _inspect, "describe data files and propose a plan", _inspect_options)
    _add(commands, "simulate", _simulate, "write simulated cohorts as CSV", _simulate_options)
    add_result_commands(partial(_add, commands))
    add_calibrate_command(partial(_add, commands))
    add_schema_command(partial(_add, commands))
    _add(commands, "list", _list, "list scenarios, scales, models and covariances")
    words = {name: one.get_default("words") for name, one in commands.choices.items()}
    parser.description = (
        f"Run a study written as one YAML analysis plan.\n\n{commands_by_use(words)}"
    )
    parser.epilog = (
        f"help on a command: ketaoutcomes COMMAND --help\n\n{textwrap.fill(EXIT_CODES, LINE)}"
    )
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], ExitCode],
    words: str,
    *options: Callable[[argparse.ArgumentParser], None],
) -> None:
    parser = commands.add_parser(
        name,
        description=f"{words[0].upper()}{words[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option in options:
        option(parser)
    parser.epilog = ending(name, parser.epilog)
    parser.set_defaults(command=command, words=words)


def _simulate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", help="take these scenarios of `list`; default: all")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("data/synthetic"),
        help="write to this folder; default: data/synthetic",
    )
    parser.add_argument(
        "--seed",
        type=whole_number(0),
        metavar="N",
        default=20261124,
        help="set the seed; default: %(default)s",
    )
    parser.add_argument(
        "--subjects",
        type=whole_number(FEWEST_SUBJECTS),
        metavar="N",
        help="simulate N participants; default: the scenario's",
    )
    parser.add_argument(
        "--items", action="store_true", help="also write items of the MADRS and the HAM-D17"
    )
    parser.add_argument(
        "--visit-spread",
        type=whole_number(1),
        metavar="DAYS",
        default=0,
        help="allow visits and sessions up to so many days early or late",
    )
    parser.add_argument(
        "--dates",
        type=calendar_day,
        metavar="YYYY-MM-DD",
        help="also write dates; the year of enrolment begins here",
    )
    parser.add_argument(
        "--sites",
        type=whole_number(FEWEST_SITES),
        metavar="N",
        help="simulate N sites, each with effects of its own",
    )


def _inspect_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="read this folder of data files, or this file"
    )
    parser.add_argument("--plan", action="store_true", help="print a whole plan, and nothing else")
    parser.add_argument(
        "--accept",
        metavar="REASON",
        help="say why no column identifies a person; for the plan",
    )


def _inspect(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.data.inspection.inspect import inspect_folder
    from ketaoutcomes.data.inspection.words import inspection_words, plan_words

    seen = inspect_folder(arguments.folder, arguments.accept)
    if not arguments.plan or not seen.proposals:
        say(inspection_words(seen))
        return ExitCode.OK if not arguments.plan else ExitCode.DATA
    say(plan_words(seen).rstrip("\n"))
    return ExitCode.OK


def _simulate(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.cohorts.publish import OnRequest, publish_cohorts

    folder = publish_cohorts(
        tuple(arguments.scenario),
        arguments.out,
        arguments.seed,
        arguments.subjects,
        OnRequest(arguments.items, arguments.visit_spread, arguments.dates, arguments.sites),
    )
    say(f"cohorts written to {folder}")
    return ExitCode.OK


def _list(_arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.cohorts.simulation.scenario import read_scenario, scenario_names
    from ketaoutcomes.families.registry import models
    from ketaoutcomes.scales import SCALES
    from ketaoutcomes.vocabulary import COVARIANCE_LABELS

    for name in scenario_names():
        say(f"scenario    {name:<22}{read_scenario(name).label}")
    for scale in SCALES.values():
        say(f"scale       {scale.name:<26}{scale.label}, {scale.low:g} to {scale.high:g}")
    for structure, label in COVARIANCE_LABELS.items():
        say(f"covariance  {structure:<22}{label}")
    for model in models():
        say(f"model       {model}")
    return ExitCode.OK
