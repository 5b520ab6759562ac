"""Chunks are run by processes of this machine or by a Dask cluster; finished ones are kept."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from ketaoutcomes.cluster import joined_cluster
from ketaoutcomes.power.design import Chunk
from ketaoutcomes.power.replicates import COLUMNS, Job, run_chunk
from ketaoutcomes.runs.disk import hash_of, parquet_bytes, write_file

Tell = Callable[[str], None]
Done = tuple[Chunk, pd.DataFrame]


def run_chunks(
    job: Job,
    chunks: Sequence[Chunk],
    folder: Path,
    workers: int,
    cluster: str | None,
    tell: Tell,
) -> dict[Chunk, pd.DataFrame]:
    """The table of every chunk.

    Chunks that an earlier, perhaps interrupted, run finished are read from the folder. What a chunk
    holds depends on nothing but the job and the chunk, so the number of workers does not matter.

    Parameters
    ----------
    folder : Path
        Private work folder of this job.
    workers : int
        Processes of this machine.
    cluster : str or None
        Address of a Dask scheduler, "local" for a cluster on this machine, None for none.

    Raises
    ------
    PlanError
        If there is no scheduler at the address.
    """
    paths = {chunk: folder / _file_name(chunk) for chunk in chunks}
    kept = {chunk: _kept(path) for chunk, path in paths.items() if path.is_file()}
    found = {chunk: table for chunk, table in kept.items() if table is not None}
    if len(found) < len(kept):
        tell(f"{len(kept) - len(found)} files of {folder} cannot be read; their trials run again")
    missing = [chunk for chunk in chunks if chunk not in found]
    if found:
        tell(f"{len(found)} of {len(chunks)} chunks were done before")
    run = _on_cluster if cluster else _on_this_machine
    with closing(run(partial(_run, job), missing, cluster or workers)) as finished:
        for count, (chunk, table) in enumerate(finished, start=len(found) + 1):
            write_file(paths[chunk], parquet_bytes(table))
            found[chunk] = table
            tell(f"{count} of {len(chunks)} chunks")
    return {chunk: found[chunk] for chunk in chunks}


def _kept(path: Path) -> pd.DataFrame | None:
    """The table that an earlier run wrote; None where the file is cut short or is another one."""
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError):
        return None
    return table if tuple(table) == tuple(COLUMNS) else None


def _run(job: Job, chunk: Chunk) -> Done:
    return chunk, run_chunk(job, chunk)


def _on_this_machine(
    run: Callable[[Chunk], Done], chunks: Sequence[Chunk], workers: int | str
) -> Generator[Done]:
    parallel = Parallel(n_jobs=workers, return_as="generator_unordered", pre_dispatch="2*n_jobs")
    yield from parallel(delayed(run)(chunk) for chunk in chunks)


def _on_cluster(
    run: Callable[[Chunk], Done], chunks: Sequence[Chunk], address: int | str
) -> Generator[Done]:
    # a cluster is an option of the installation, and slow to import
    from distributed import as_completed  # noqa: PLC0415

    with joined_cluster(str(address)) as client:
        futures = client.map(run, list(chunks), pure=False)
        for future in as_completed(futures):
            yield future.result()
            future.release()


def _file_name(chunk: Chunk) -> str:
    """As short for many true hypotheses as for one."""
    cell = chunk.cell
    which = hash_of(" ".join((cell.family, *cell.true)).encode())[:12] if cell.true else ""
    effect = f"{cell.effect}-{which}" if which else cell.effect
    return f"{effect}-{cell.subjects}-{chunk.number:05d}-{chunk.size}.parquet"
