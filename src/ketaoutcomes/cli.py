"""The command line: words in, exit code out. Heavy imports wait until a command needs them."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ketaoutcomes import __version__
from ketaoutcomes.cli_calibrate import add_calibrate_command
from ketaoutcomes.cli_results import add_result_commands, word_option
from ketaoutcomes.errors import ExitCode, KetaOutcomesError

BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""Sums by several threads differ in the last bit; read once, when numpy is first imported."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done; 1 a check or a result failed; 2 the plan is at fault; 3 the data are at fault.
    """
    os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))
    arguments = _parser().parse_args(words)
    try:
        code: ExitCode = arguments.command(arguments)
    except KetaOutcomesError as error:
        print(f"ketaoutcomes: {error}", file=sys.stderr)
        return int(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        return int(ExitCode.OK)
    except OSError as error:
        place = error.filename or "the disk"
        print(f"ketaoutcomes: {place}: {error.strerror or error}", file=sys.stderr)
        print("what stood there before is as it was", file=sys.stderr)
        return int(ExitCode.FAILED_CHECK)
    except KeyboardInterrupt:
        print("ketaoutcomes: stopped; nothing was written", file=sys.stderr)
        return 130
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ketaoutcomes",
        description="Run a study written as one YAML analysis plan.",
        epilog="exit codes: 0 ok, 1 a check failed, 2 fault in the plan, 3 fault in the data",
    )
    parser.add_argument("--version", action="version", version=f"ketaoutcomes {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(
        commands,
        "run",
        _run,
        "run a plan and write its report",
        _plan,
        _data,
        _run_options,
        word_option,
        _loudness,
    )
    _add(commands, "validate", _validate, "check a plan and its data, fit nothing", _plan, _data)
    _add(commands, "inspect", _inspect, "look at data and propose a plan", _inspect_options)
    _add(
        commands,
        "power",
        _power,
        "simulate trials: bias, coverage, power, type I error",
        _plan,
        _power_options,
        _loudness,
    )
    _add(commands, "simulate", _simulate, "write synthetic cohorts as CSV", _simulate_options)
    add_result_commands(partial(_add, commands))
    add_calibrate_command(partial(_add, commands))
    _add(commands, "schema", _schema, "print the JSON Schema of a plan", _schema_options)
    _add(commands, "list", _list, "list scenarios, scales, models and covariances")
    return parser


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    command: Callable[[argparse.Namespace], ExitCode],
    words: str,
    *options: Callable[[argparse.ArgumentParser], None],
) -> None:
    parser = commands.add_parser(name, help=words, description=words.capitalize() + ".")
    for option in options:
        option(parser)
    parser.set_defaults(command=command)


def _plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", type=Path, metavar="PLAN", help="the analysis plan, a YAML file")


def _data(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument("--seed", type=int, metavar="N", help="seed of the synthetic cohort")
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check plan and data, say what would run, write nothing",
    )


def _loudness(parser: argparse.ArgumentParser) -> None:
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    loudness.add_argument(
        "-v", "--verbose", action="store_true", help="say how long each step took"
    )


def _power_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: reports/STUDY-power")
    parser.add_argument(
        "--work",
        type=Path,
        metavar="DIR",
        default=Path("work"),
        help="private folder of finished trials, from which a stopped run goes on; default: work",
    )
    parser.add_argument("--replicates", type=int, metavar="N", help="default: the plan's")
    parser.add_argument(
        "--subjects", type=int, nargs="+", metavar="N", default=(), help="sizes of the trial"
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", default=-1, help="processes; default: one a processor"
    )
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="a Dask scheduler, or `local`, in place of --workers"
    )


def _simulate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", help="scenarios; default: all")
    parser.add_argument("--out", type=Path, metavar="DIR", default=Path("data/synthetic"))
    parser.add_argument("--seed", type=int, metavar="N", default=20261124)
    parser.add_argument("--subjects", type=int, metavar="N", help="default: the scenario's")


def _run(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.pipeline import Request, run
    from ketaoutcomes.read.synthesis_file import is_synthesis

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
    outcome = run(request, _progress(arguments))
    if arguments.dry_run:
        print("\n".join(outcome.agenda))
        return ExitCode.OK
    if not arguments.quiet:
        print(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)


def _run_synthesis(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.synthesis import refuse_what_a_synthesis_has_not, run_synthesis

    refuse_what_a_synthesis_has_not(tuple(arguments.only), arguments.seed)
    outcome = run_synthesis(
        arguments.plan,
        arguments.data,
        arguments.out,
        _progress(arguments),
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


def _progress(arguments: argparse.Namespace) -> Callable[[str], None]:
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
    from ketaoutcomes.read.synthesis_file import is_synthesis
    from ketaoutcomes.synthesis import run_synthesis

    def silent(_step: str) -> None:
        return

    plan, folder = arguments.plan, arguments.data
    if is_synthesis(plan):
        agenda = run_synthesis(plan, folder, None, silent, dry_run=True).agenda
    else:
        agenda = run(Request(plan=plan, data_folder=folder, dry_run=True), silent).agenda
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
    outcome = run_power(request, _progress(arguments))
    if not arguments.quiet:
        print(f"report: {outcome.folder / 'report.html'}")
    return _told_failures(outcome.failures)


def _inspect_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a folder of data files, or one file"
    )
    parser.add_argument(
        "--plan", action="store_true", help="print a whole plan to start from, and nothing else"
    )
    parser.add_argument(
        "--accept",
        metavar="REASON",
        help="why columns that look like identifiers identify nobody; written into the plan",
    )


def _inspect(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.inspection.inspect import inspect_folder
    from ketaoutcomes.inspection.words import inspection_words, plan_words

    seen = inspect_folder(arguments.folder, arguments.accept)
    if not arguments.plan or not seen.proposals:
        print(inspection_words(seen))
        return ExitCode.OK if not arguments.plan else ExitCode.DATA
    print(plan_words(seen), end="")
    return ExitCode.OK


def _simulate(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.publish import publish_cohorts

    folder = publish_cohorts(
        tuple(arguments.scenario), arguments.out, arguments.seed, arguments.subjects
    )
    print(f"cohorts: {folder}")
    return ExitCode.OK


def _schema_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--synthesis", action="store_true", help="of a plan that pools published results"
    )


def _schema(arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.read.schema import plan_schema, synthesis_schema

    print(json.dumps((synthesis_schema if arguments.synthesis else plan_schema)(), indent=2))
    return ExitCode.OK


def _list(_arguments: argparse.Namespace) -> ExitCode:
    from ketaoutcomes.plan.analyses import MODELS
    from ketaoutcomes.scales import SCALES
    from ketaoutcomes.simulate.scenario import read_scenario, scenario_names
    from ketaoutcomes.vocabulary import COVARIANCE_LABELS

    for name in scenario_names():
        print(f"scenario    {name:<22}{read_scenario(name).label}")
    for scale in SCALES.values():
        print(f"scale       {scale.name:<26}{scale.label}, {scale.low:g} to {scale.high:g}")
    for structure, label in COVARIANCE_LABELS.items():
        print(f"covariance  {structure:<22}{label}")
    for model in MODELS:
        print(f"model       {model}")
    return ExitCode.OK
