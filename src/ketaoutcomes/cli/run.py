"""Commands on a plan: run it, check it, try its power."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from ketaoutcomes.cli.numbers import FEWEST_SUBJECTS, whole_number
from ketaoutcomes.cli.results import word_option
from ketaoutcomes.cli.telling import Tell, told
from ketaoutcomes.cli.terminal import note, say
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
    add(
        "validate",
        _validate,
        "check a plan and its data without running it",
        takes_plan,
        takes_data,
    )
    add(
        "power",
        _power,
        "simulate trials for power and type I error",
        takes_plan,
        _power_options,
        loudness,
    )


def takes_plan(parser: argparse.ArgumentParser) -> None:
    """The plan, the first word of a command."""
    parser.add_argument(
        "plan", type=Path, metavar="PLAN", help="read this analysis plan, a YAML file"
    )


def takes_data(parser: argparse.ArgumentParser) -> None:
    """Where the data files stand."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="read the data here; default: the plan's folder",
    )


def _run_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write the report here; default: reports/STUDY"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="ID", default=(), help="run only these analyses of the plan"
    )
    parser.add_argument(
        "--seed", type=whole_number(0), metavar="N", help="set the seed of a simulated cohort"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check plan and data, list what would run",
    )
    parser.add_argument(
        "-j",
        "--jobs",
        type=whole_number(1),
        metavar="N",
        default=1,
        help="run N analyses at a time; default: 1",
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="use a Dask scheduler, or `local`, for data in parts",
    )


def loudness(parser: argparse.ArgumentParser) -> None:
    """How much a command says of its steps."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="print the time of each step")


def _power_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write here; default: reports/STUDY-power"
    )
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        default=Path("work"),
        help="keep results to resume from here; default: work",
    )
    parser.add_argument(
        "--replicates",
        type=whole_number(2),
        metavar="N",
        help="simulate N trials; default: the plan's",
    )
    parser.add_argument(
        "--subjects",
        type=whole_number(FEWEST_SUBJECTS),
        nargs="+",
        metavar="N",
        default=(),
        help="simulate trials of N participants",
    )
    parser.add_argument(
        "--workers",
        type=whole_number(1),
        metavar="N",
        default=-1,
        help="use N processes; default: one per processor",
    )
    parser.add_argument("--cluster", metavar="ADDRESS", help="use a Dask scheduler, or `local`")


def _run(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.pipeline import Request, run
    from ketaoutcomes.plan.reading.plan_text import read_text
    from ketaoutcomes.plan.reading.synthesis_file import is_synthesis

    text = read_text(arguments.plan)
    if is_synthesis(arguments.plan, text):
        return _run_synthesis(arguments, text)
    request = Request(
        plan=arguments.plan,
        plan_text=text,
        data_folder=arguments.data,
        out=arguments.out,
        only=tuple(arguments.only),
        seed=arguments.seed,
        dry_run=arguments.dry_run,
        jobs=arguments.jobs,
        word=arguments.word,
        rtf=arguments.rtf,
        cluster=arguments.cluster,
    )
    with told_as_asked(arguments) as tell:
        outcome = run(request, tell)
    if arguments.dry_run:
        say("\n".join(outcome.agenda))
        return ExitCode.OK
    if not arguments.quiet:
        say(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)


def _run_synthesis(arguments: argparse.Namespace, text: str) -> ExitCode:
    from ketaoutcomes.synthesis.run import refuse_what_a_synthesis_has_not, run_synthesis

    refuse_what_a_synthesis_has_not(tuple(arguments.only), arguments.seed)
    with told_as_asked(arguments) as tell:
        outcome = run_synthesis(
            arguments.plan,
            arguments.data,
            arguments.out,
            tell,
            dry_run=arguments.dry_run,
            word=arguments.word,
            rtf=arguments.rtf,
            text=text,
        )
    if arguments.dry_run:
        say("\n".join(outcome.agenda))
        return ExitCode.OK
    if not arguments.quiet:
        say(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)


def _told_failures(failures: Sequence[str]) -> ExitCode:
    """Name each result that could not be had."""
    for failure in failures:
        note(f"ketaoutcomes: {failure}")
    return ExitCode.FAILED_CHECK if failures else ExitCode.OK


def told_as_asked(arguments: argparse.Namespace) -> AbstractContextManager[Tell]:
    """How steps are told: as the user asked for it."""
    return told(quiet=arguments.quiet, timed=arguments.verbose)


def _validate(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.pipeline import Request, run
    from ketaoutcomes.plan.reading.plan_text import read_text
    from ketaoutcomes.plan.reading.synthesis_file import is_synthesis

    def warn(step: str) -> None:
        if step.startswith(("warning:", "note:")):
            note(step)

    plan, folder = arguments.plan, arguments.data
    text = read_text(plan)
    if is_synthesis(plan, text):
        from ketaoutcomes.synthesis.run import run_synthesis

        agenda = run_synthesis(plan, folder, None, warn, dry_run=True, text=text).agenda
    else:
        request = Request(plan=plan, plan_text=text, data_folder=folder, dry_run=True)
        agenda = run(request, warn).agenda
    say(f"{plan}: the plan and its data are valid")
    say("\n".join(agenda))
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
    with told_as_asked(arguments) as tell:
        outcome = run_power(request, tell)
    if not arguments.quiet:
        say(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)
