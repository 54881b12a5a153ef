"""How functions of this house are compiled: numba without fastmath, so that the same numbers give the same bits."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])
# A zero to divide by is looked for where it can come up; Python's own check costs the scan of history a third.
compiled: Callable[[F], F] = numba.njit(cache=True, nogil=True, error_model="numpy")
"""Called from Python; lets go of the interpreter."""
within: Callable[[F], F] = numba.njit(cache=True, inline="always", error_model="numpy")
"""A part of compiled functions, put where it is called."""
instruction: Callable[[Callable[..., Any]], Callable[..., None]] = intrinsic
"""Generates instructions that Python has no word for."""
