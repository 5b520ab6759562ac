"""A Dask cluster that a user names, or one on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ketaoutcomes.errors import PlanError, Problem


@contextmanager
def joined_cluster(address: str) -> Iterator[Any]:
    """A client of the cluster, which is left again afterwards.

    Parameters
    ----------
    address : str
        Of a running scheduler, or "local" for a cluster on this machine.

    Raises
    ------
    PlanError
        If it cannot be reached.
    """
    # a cluster is an option of the installation, and slow to import
    from distributed import Client  # noqa: PLC0415

    options = {} if address == "local" else {"address": address}
    try:
        joined = Client(**options)
    except (OSError, ValueError) as error:
        problem = Problem(
            "--cluster",
            "the address of a running Dask scheduler, as in `tcp://name:8786`, or `local`",
            f"`{address}`: {error}",
            "start the scheduler, correct the address, or leave --cluster out",
        )
        raise PlanError("the cluster cannot be reached", (problem,)) from error
    with joined as client:
        yield client
