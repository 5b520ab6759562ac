"""Parquet files into tables of text."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_expansion, refuse_many_cells
from ketaoutcomes.data.readers.raw import RawTable, all_text, columns_of_words
from ketaoutcomes.data.readers.refusals import empty, malformed, nested, refuse_same_names
from ketaoutcomes.plan.files import Writing

ROWS_AT_ONCE = 65_536


def read_parquet(held: Held, _writing: Writing) -> RawTable:
    """Read a Parquet file, by pieces, once its footer has said that it is not too large.

    Every column is read, the index of a pandas table among them.

    Texts stay as a dictionary until each distinct one is written once, so that a long text
    repeated by a short code does not fill the memory.
    """
    name = held.name
    try:
        file = pq.ParquetFile(held.opened())
        _refuse_declared(file, held.size, name)
        _refuse_nested(file.schema_arrow, name)
        refuse_same_names(file.schema_arrow.names, name, "rename one of them in the file")
        texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
        file = pq.ParquetFile(held.opened(), read_dictionary=texts)
        if file.metadata.num_rows == 0:
            raise empty(name)
        frame = _unpacked(file, held.size, name)
    except (OSError, ValueError) as error:  # pyarrow's own errors are of these kinds
        raise malformed(name, "Parquet", error) from None
    dates = (field.name for field in file.schema_arrow if pa.types.is_temporal(field.type))
    words = columns_of_words(frame)
    return RawTable(name, all_text(frame), dates=frozenset(dates), worded=words)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _refuse_declared(file: pq.ParquetFile, packed: int, name: str) -> None:
    """Refuse what the footer declares."""
    footer = file.metadata
    refuse_many_cells(name, footer.num_rows, max(footer.num_columns, 1))
    groups = (footer.row_group(index) for index in range(footer.num_row_groups))
    refuse_expansion(name, packed, sum(group.total_byte_size for group in groups))


def _unpacked(file: pq.ParquetFile, packed: int, name: str) -> pd.DataFrame:
    """The rows, counted on the way."""
    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
        batches.append(batch)
        size += batch.nbytes
        refuse_expansion(name, max(packed, 8 * file.metadata.num_rows), size)
    table = pa.Table.from_batches(batches, schema=batches[0].schema)
    # whole numbers stay whole where some are missing; pandas' own words would hide its index
    frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True, ignore_metadata=True)
    return frame


def _refuse_nested(schema: pa.Schema, name: str) -> None:
    found = [field.name for field in schema if pa.types.is_nested(field.type)]
    if found:
        place = f"{name}, column `{found[0]}`"
        raise nested(place, "write the table with one value a column")
