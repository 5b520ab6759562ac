"""Chunks are run by processes of this machine or by a Dask cluster; finished ones are kept."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from functools import partial
from io import BytesIO
from pathlib import Path

import pandas as pd

from ketaoutcomes.cluster import joined_cluster
from ketaoutcomes.power.design import Chunk
from ketaoutcomes.power.replicates import Job, run_chunk
from ketaoutcomes.processes import shared_out
from ketaoutcomes.progress import Share
from ketaoutcomes.runs.disk import hash_of, parquet_bytes, write_file
from ketaoutcomes.runs.uninterrupted import uninterrupted

Tell = Callable[[str], None]
Done = tuple[Chunk, pd.DataFrame]


def run_chunks(
    job: Job,
    chunks: Sequence[Chunk],
    folder: Path | None,
    workers: int,
    cluster: str | None,
    tell: Tell,
) -> dict[Chunk, pd.DataFrame]:
    """The table of every chunk.

    Chunks that an earlier, perhaps interrupted, run finished are read from the folder. What a chunk
    holds depends on nothing but the job and the chunk, so the number of workers does not matter.

    Parameters
    ----------
    folder : Path or None
        Private work folder of this job; None where nothing is to be kept.
    workers : int
        Processes of this machine.
    cluster : str or None
        Address of a Dask scheduler, "local" for a cluster on this machine, None for none.

    Raises
    ------
    PlanError
        If there is no scheduler at the address.
    CheckError
        If the system stopped a process.

    Whatever stops the work carries a note of what is kept.
    """
    paths = {} if folder is None else {chunk: folder / _file_name(chunk) for chunk in chunks}
    found = _done_before(paths, tell)
    missing = [chunk for chunk in chunks if chunk not in found]
    line = f"{len(found)} of {len(chunks)} chunks"
    tell(Share(f"{line} were done before" if found else line, len(found), len(chunks)))
    work = partial(_run, job)
    run = _on_cluster(work, missing, cluster) if cluster else shared_out(work, missing, workers)
    try:
        with closing(run) as finished:
            for chunk, table in finished:
                with uninterrupted():  # what is written is counted
                    if chunk in paths:
                        write_file(paths[chunk], sealed(parquet_bytes(table)))
                    found[chunk] = table
                tell(Share(f"{len(found)} of {len(chunks)} chunks", len(found), len(chunks)))
    except BaseException as stopped:
        if folder is not None:
            stopped.add_note(
                f"{len(found)} of {len(chunks)} chunks are kept in {folder}; "
                "the same command goes on from there"
            )
        raise
    return {chunk: found[chunk] for chunk in chunks}


def _done_before(paths: Mapping[Chunk, Path], tell: Tell) -> dict[Chunk, pd.DataFrame]:
    """The chunks that an earlier run finished."""
    kept = {chunk: _kept(path) for chunk, path in paths.items() if path.is_file()}
    found = {chunk: table for chunk, table in kept.items() if table is not None}
    broken = [paths[chunk] for chunk in kept if chunk not in found]
    if broken:
        files = "1 file" if len(broken) == 1 else f"{len(broken)} files"
        tell(f"{files} of {broken[0].parent} cut short or changed; the trials run again")
    return found


def sealed(content: bytes) -> bytes:
    """Bytes after their own SHA-256, by which it is seen that all of them are there unchanged."""
    return f"{hash_of(content)}\n".encode() + content


def _kept(path: Path) -> pd.DataFrame | None:
    """The table that an earlier run wrote; None where the file is cut short, changed or another."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    content = whole.partition(b"\n")[2]
    return pd.read_parquet(BytesIO(content)) if sealed(content) == whole else None


def _run(job: Job, chunk: Chunk) -> Done:
    return chunk, run_chunk(job, chunk)


def _on_cluster(
    run: Callable[[Chunk], Done], chunks: Sequence[Chunk], address: str
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
    return f"{effect}-{cell.subjects}-{chunk.number:05d}-{chunk.size}.chunk"
