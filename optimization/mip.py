"""A problem as a MathOpt model, built from arrays.

MathOpt's Python layer needs 18 s and 548 MB for 760k variables; a ``ModelProto`` filled from arrays
needs a fraction. Columns: n candidates, then a unit short of lo or over hi for each bound that may
be broken. Rows: one a case, one a row of the problem.
"""

import numpy as np
from ortools.math_opt import model_pb2, sparse_containers_pb2

from optimization.arrays import NONE, Arrays, Flags, Floats, Ints


def exact_model(arrays: Arrays, cost: Floats | None = None, integer: bool = True) -> model_pb2.ModelProto:
    """Build the problem itself, or its linear relaxation: soft bounds may be broken at their penalty.

    Parameters
    ----------
    cost
        (n,) of the candidates, where it is not ``arrays.cost``.
    """
    short, over = np.flatnonzero(_soft_lo(arrays)), np.flatnonzero(_soft_hi(arrays))
    money = arrays.cost.astype(float) if cost is None else cost
    return _model(arrays, np.concatenate([money, arrays.under[short], arrays.over[over]]), short, over, integer)


def elastic_model(arrays: Arrays) -> model_pb2.ModelProto:
    """Build the elastic relaxation: every row may be broken, and as little as possible of hard ones is."""
    short, over = np.flatnonzero(arrays.lo > -NONE), np.flatnonzero(arrays.hi < NONE)
    hard = np.concatenate([arrays.hard_lo[short], arrays.hard_hi[over]]).astype(float)
    return _model(arrays, np.concatenate([np.zeros(len(arrays.cost)), hard]), short, over, True)


def _soft_lo(arrays: Arrays) -> Flags:
    return np.asarray((arrays.lo > -NONE) & ~arrays.hard_lo)


def _soft_hi(arrays: Arrays) -> Flags:
    return np.asarray((arrays.hi < NONE) & ~arrays.hard_hi)


def _model(arrays: Arrays, cost: Floats, short: Ints, over: Ints, integer: bool) -> model_pb2.ModelProto:
    n, total = len(arrays.cost), len(cost)
    upper = np.full(total, np.inf)
    upper[:n] = 1.0
    integers = np.zeros(total, bool)
    integers[:n] = integer
    ids = np.arange(total)
    return model_pb2.ModelProto(
        variables=model_pb2.VariablesProto(
            ids=ids, lower_bounds=np.zeros(total), upper_bounds=upper, integers=integers
        ),
        objective=model_pb2.ObjectiveProto(
            linear_coefficients=sparse_containers_pb2.SparseDoubleVectorProto(ids=ids, values=cost)
        ),
        linear_constraints=_rows(arrays),
        linear_constraint_matrix=_matrix(arrays, short, over),
    )


def _rows(arrays: Arrays) -> model_pb2.LinearConstraintsProto:
    one = np.ones(arrays.cases)
    lower = np.concatenate([one, np.where(arrays.lo > -NONE, arrays.lo, -np.inf)])
    upper = np.concatenate([one, np.where(arrays.hi < NONE, arrays.hi, np.inf)])
    return model_pb2.LinearConstraintsProto(ids=np.arange(len(lower)), lower_bounds=lower, upper_bounds=upper)


def _matrix(arrays: Arrays, short: Ints, over: Ints) -> sparse_containers_pb2.SparseDoubleMatrixProto:
    """Entries sorted by (row, column), as MathOpt demands."""
    n, cases = len(arrays.cost), arrays.cases
    used = np.repeat(np.arange(arrays.rows), np.diff(arrays.row_start))
    slack = n + np.arange(len(short) + len(over))
    row = np.concatenate([arrays.case, cases + used, cases + short, cases + over])
    column = np.concatenate([np.arange(n), arrays.row_action, slack])
    value = np.concatenate([np.ones(n), arrays.row_amount.astype(float), np.ones(len(short)), -np.ones(len(over))])
    order = np.lexsort((column, row))
    return sparse_containers_pb2.SparseDoubleMatrixProto(
        row_ids=row[order], column_ids=column[order], coefficients=value[order]
    )


def best_of_each(arrays: Arrays, values: Floats) -> Ints:
    """(C,) the candidate of each case with the largest value, the first of equals."""
    n = len(arrays.cost)
    order = np.lexsort((np.arange(n), -np.round(values[:n], 6), arrays.case))
    return order[arrays.starts[:-1]]
