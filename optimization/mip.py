"""A problem as a MathOpt model, built from arrays.

MathOpt's Python layer needs 18 s and 548 MB for 760k variables; a ``ModelProto`` filled from arrays
needs a fraction. Columns: n candidates, then R units short of lo, R units over hi, then e units by
which an exclusion is broken. Rows: one a case, one a resource, one an exclusion.
"""

from dataclasses import dataclass

import numpy as np
from ortools.math_opt import model_pb2, sparse_containers_pb2

from optimization.arrays import Arrays, Floats, Ints


@dataclass(frozen=True, eq=False)
class Columns:
    """Objective, largest value and integrality of the columns of a model."""

    cost: Floats
    upper: Floats
    integer: bool


def exact_model(arrays: Arrays, integer: bool = True) -> model_pb2.ModelProto:
    """Build the problem itself, or its LP relaxation: hard bounds and exclusions have no slack."""
    soft_lo, soft_hi = np.isfinite(arrays.under), np.isfinite(arrays.over)
    pairs = np.zeros(len(arrays.exclusions))
    cost = [arrays.cost, np.where(soft_lo, arrays.under, 0), np.where(soft_hi, arrays.over, 0), pairs]
    upper = [
        np.ones(len(arrays.cost)),
        np.where(soft_lo, np.inf, 0),
        np.where(soft_hi, np.inf, 0),
        pairs,
    ]
    return _model(arrays, Columns(np.concatenate(cost), np.concatenate(upper), integer))


def elastic_model(arrays: Arrays) -> model_pb2.ModelProto:
    """Build the elastic relaxation: every row may be broken, and as little as possible of hard ones is."""
    hard_lo, hard_hi = np.isinf(arrays.under), np.isinf(arrays.over)
    pairs = np.ones(len(arrays.exclusions))
    cost = [np.zeros(len(arrays.cost)), hard_lo.astype(float), hard_hi.astype(float), pairs]
    free = np.full(len(arrays.rows), np.inf)
    upper = [np.ones(len(arrays.cost)), free, free, pairs]
    return _model(arrays, Columns(np.concatenate(cost), np.concatenate(upper), True))


def _model(arrays: Arrays, columns: Columns) -> model_pb2.ModelProto:
    n, total = len(arrays.cost), len(columns.cost)
    integers = np.zeros(total, bool)
    integers[:n] = columns.integer
    ids = np.arange(total)
    return model_pb2.ModelProto(
        variables=model_pb2.VariablesProto(
            ids=ids, lower_bounds=np.zeros(total), upper_bounds=columns.upper, integers=integers
        ),
        objective=model_pb2.ObjectiveProto(
            linear_coefficients=sparse_containers_pb2.SparseDoubleVectorProto(ids=ids, values=columns.cost)
        ),
        linear_constraints=_rows(arrays),
        linear_constraint_matrix=_matrix(arrays),
    )


def _rows(arrays: Arrays) -> model_pb2.LinearConstraintsProto:
    cases, pairs = len(arrays.starts), len(arrays.exclusions)
    lower = np.concatenate([np.ones(cases), arrays.lo, np.full(pairs, -np.inf)])
    upper = np.concatenate([np.ones(cases), arrays.hi, np.ones(pairs)])
    return model_pb2.LinearConstraintsProto(ids=np.arange(len(lower)), lower_bounds=lower, upper_bounds=upper)


def _matrix(arrays: Arrays) -> sparse_containers_pb2.SparseDoubleMatrixProto:
    """Entries sorted by (row, column), as MathOpt demands."""
    n, cases, rows, pairs = (
        len(arrays.cost),
        len(arrays.starts),
        len(arrays.rows),
        len(arrays.exclusions),
    )
    resource, pair = np.arange(rows), np.arange(pairs)
    first, second = arrays.exclusions[:, 0], arrays.exclusions[:, 1]
    entries: list[tuple[Ints, Ints, Floats]] = [
        (arrays.case, np.arange(n), np.ones(n)),
        (cases + arrays.use_resource, arrays.use_action, arrays.use_amount.astype(float)),
        (cases + resource, n + resource, np.ones(rows)),
        (cases + resource, n + rows + resource, -np.ones(rows)),
        (cases + rows + pair, first, np.ones(pairs)),
        (cases + rows + pair, second, np.ones(pairs)),
        (cases + rows + pair, n + 2 * rows + pair, -np.ones(pairs)),
    ]
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    kept = np.flatnonzero(value)
    order = kept[np.lexsort((column[kept], row[kept]))]
    return sparse_containers_pb2.SparseDoubleMatrixProto(
        row_ids=row[order], column_ids=column[order], coefficients=value[order]
    )
