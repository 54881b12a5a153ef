"""Memory fetched ahead of its turn: a hint to the processor, which changes no value.

A processor waits for a place far from the last one it wrote to, some hundred nanoseconds each time; told in time, it
goes on with other work meanwhile (``llvm.prefetch``, LLVM Language Reference).
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numpy.typing import NDArray

from features.compiled import instruction, within

AHEAD = 16
"""Rows from the fetching of one to its turn: far enough for memory to answer, few enough to stay in the first cache."""
LINE = 8
"""Doubles that come at once: 64 bytes."""
FOR_WRITING, KEPT, DATA = 1, 3, 1


@within
def fetch(rows: NDArray[Any], row: int, begin: int, end: int) -> None:
    """Fetch what is written next of a row of ``rows``, shape (n, parts, width): parts ``begin`` to ``end``."""
    width = rows.shape[2]
    for cell in range(begin * width, end * width, LINE):
        _fetch(rows, row, 0, cell)
    _fetch(rows, row, 0, end * width - 1)


@instruction
def _fetch(typing: Any, rows: Any, row: Any, part: Any, cell: Any) -> tuple[Any, Any]:
    """The line of memory that a cell is in."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind, (array, *indices) = signature.args[0], values
        held = context.make_array(kind)(context, builder, array)
        shape, strides = (cgutils.unpack_tuple(builder, each) for each in (held.shape, held.strides))
        place = cgutils.get_item_pointer2(context, builder, held.data, shape, strides, kind.layout, indices)
        flag, address = ir.IntType(32), cgutils.voidptr_t
        called = ir.FunctionType(ir.VoidType(), [address, flag, flag, flag])
        prefetch = cgutils.get_or_insert_function(builder.module, called, "llvm.prefetch.p0")
        flags = [flag(value) for value in (FOR_WRITING, KEPT, DATA)]
        builder.call(prefetch, [builder.bitcast(place, address), *flags])
        return context.get_dummy_value()

    return types.void(rows, row, part, cell), generate
