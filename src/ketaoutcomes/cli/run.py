"""Commands on a plan: run it, check it, try its power."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ketaoutcomes.cli.numbers import FEWEST_SUBJECTS, whole_number
from ketaoutcomes.cli.results import word_option
from ketaoutcomes.errors import ExitCode


def add_run_commands(add: Callable[..., None]) -> None:
    """Add the commands; `add` takes a name, a function, words and options."""
    add(
        "run",
        _run,
        "run a plan and write its report",
        takes_plan,
        takes_data,
        _run_options,
        word_option,
        loudness,
    )
    add("validate", _validate, "check a plan and its data, fit nothing", takes_plan, takes_data)
    add(
        "power",
        _power,
        "simulate trials: bias, coverage, power, type I error",
        takes_plan,
        _power_options,
        loudness,
    )


def takes_plan(parser: argparse.ArgumentParser) -> None:
    """The plan, the first word of a command."""
    parser.add_argument("plan", type=Path, metavar="PLAN", help="the analysis plan, a YAML file")


def takes_data(parser: argparse.ArgumentParser) -> None:
    """Where the data files stand."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="folder of the data files; default: the plan's folder",
    )


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: reports/STUDY")
    parser.add_argument(
        "--only", nargs="+", metavar="ID", default=(), help="run only these analyses of the plan"
    )
    parser.add_argument(
        "--seed", type=whole_number(0), metavar="N", help="seed of the synthetic cohort"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check plan and data, say what would run, write nothing",
    )


def loudness(parser: argparse.ArgumentParser) -> None:
    """How much a command says of its steps."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    group.add_argument("-v", "--verbose", action="store_true", help="say how long each step took")


def _power_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: reports/STUDY-power")
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        default=Path("work"),
        help="private folder of finished trials, from which a stopped run goes on; default: work",
    )
    parser.add_argument(
        "--replicates", type=whole_number(2), metavar="N", help="default: the plan's"
    )
    parser.add_argument(
        "--subjects",
        type=whole_number(FEWEST_SUBJECTS),
        nargs="+",
        metavar="N",
        default=(),
        help="sizes of the trial",
    )
    parser.add_argument(
        "--workers",
        type=whole_number(1),
        metavar="N",
        default=-1,
        help="processes; default: one a processor",
    )
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="a Dask scheduler, or `local`, in place of --workers"
    )


def _run(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.pipeline import Request, run
    from ketaoutcomes.plan.reading.synthesis_file import is_synthesis

    if is_synthesis(arguments.plan):
        return _run_synthesis(arguments)
    request = Request(
        plan=arguments.plan,
        data_folder=arguments.data,
        out=arguments.out,
        only=tuple(arguments.only),
        seed=arguments.seed,
        dry_run=arguments.dry_run,
        word=arguments.word,
    )
    outcome = run(request, progress(arguments))
    if arguments.dry_run:
        print("\n".join(outcome.agenda))
        return ExitCode.OK
    if not arguments.quiet:
        print(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)


def _run_synthesis(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.synthesis.run import refuse_what_a_synthesis_has_not, run_synthesis

    refuse_what_a_synthesis_has_not(tuple(arguments.only), arguments.seed)
    outcome = run_synthesis(
        arguments.plan,
        arguments.data,
        arguments.out,
        progress(arguments),
        dry_run=arguments.dry_run,
        word=arguments.word,
    )
    if arguments.dry_run:
        print("\n".join(outcome.agenda))
        return ExitCode.OK
    if not arguments.quiet:
        print(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)


def _told_failures(failures: Sequence[str]) -> ExitCode:
    """Name each result that could not be had."""
    for failure in failures:
        print(f"ketaoutcomes: {failure}", file=sys.stderr)
    return ExitCode.FAILED_CHECK if failures else ExitCode.OK


def progress(arguments: argparse.Namespace) -> Callable[[str], None]:
    """How steps are told: on stderr, with seconds where asked."""
    if arguments.quiet:
        return lambda _step: None
    started = time.monotonic()

    def tell(step: str) -> None:
        clock = f"{time.monotonic() - started:6.1f} s  " if arguments.verbose else ""
        print(f"{clock}{step}", file=sys.stderr)

    return tell


def _validate(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.pipeline import Request, run
    from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
    from ketaoutcomes.synthesis.run import run_synthesis

    def warn(step: str) -> None:
        if step.startswith(("warning:", "note:")):
            print(step, file=sys.stderr)

    plan, folder = arguments.plan, arguments.data
    if is_synthesis(plan):
        agenda = run_synthesis(plan, folder, None, warn, dry_run=True).agenda
    else:
        agenda = run(Request(plan=plan, data_folder=folder, dry_run=True), warn).agenda
    print(f"{plan}: the plan and its data are in order")
    print("\n".join(agenda))
    return ExitCode.OK


def _power(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.power.run import PowerRequest, run_power

    request = PowerRequest(
        plan=arguments.plan,
        out=arguments.out,
        work=arguments.work,
        replicates=arguments.replicates,
        subjects=tuple(arguments.subjects),
        workers=arguments.workers,
        cluster=arguments.cluster,
    )
    outcome = run_power(request, progress(arguments))
    if not arguments.quiet:
        print(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)
