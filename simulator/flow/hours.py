"""Hours of service: how long a drive takes when the driver must rest (49 CFR 395.3).

At most 11 hours of driving within 14 hours on duty, 30 minutes' break after 8 hours of driving, then 10 hours off.
Both functions are exact and vectorised; the second is the first one's inverse.
"""

import numpy as np

from simulator.network.noise import Floats

SHIFT_MIN = 660.0
DUTY_MIN = 840.0
BREAK_AFTER_MIN = 480.0
BREAK_MIN = 30.0
REST_MIN = 600.0
CYCLE_MIN = SHIFT_MIN + BREAK_MIN + REST_MIN


def first_shift(on_duty_min: Floats) -> Floats:
    """Minutes of driving left in the first shift after so long on duty (waiting at a dock counts)."""
    return np.clip(DUTY_MIN - BREAK_MIN - on_duty_min, 0.0, SHIFT_MIN)


def elapsed_min(drive_min: Floats, on_duty_min: Floats) -> Floats:
    """Minutes on the clock for so much driving, rests and breaks included."""
    first = first_shift(on_duty_min)
    later = np.maximum(0.0, drive_min - first)
    shifts = np.ceil(later / SHIFT_MIN)
    last = later - SHIFT_MIN * np.maximum(0.0, shifts - 1)
    full = np.maximum(0.0, shifts - 1) * CYCLE_MIN
    after = np.where(later > 0, _first_leg(first, drive_min) + REST_MIN + full + last + _break(last), 0.0)
    return np.where(later > 0, after, drive_min + _break(drive_min))


def drivable_min(clock_min: Floats, on_duty_min: Floats) -> Floats:
    """Most driving that fits into so many minutes on the clock; at or below 0 where none does."""
    first = first_shift(on_duty_min)
    leg = first + _break(first)
    rest = clock_min - leg - REST_MIN
    cycles = np.floor(np.maximum(0.0, rest) / CYCLE_MIN)
    within = np.minimum(_without_break(np.maximum(0.0, rest) - cycles * CYCLE_MIN), SHIFT_MIN)
    beyond = first + cycles * SHIFT_MIN + within
    return np.where(rest > 0, beyond, np.minimum(_without_break(clock_min), first))


def _break(drive_min: Floats) -> Floats:
    return np.where(drive_min > BREAK_AFTER_MIN, BREAK_MIN, 0.0)


def _first_leg(first: Floats, drive_min: Floats) -> Floats:
    driven = np.minimum(first, drive_min)
    return driven + _break(driven)


def _without_break(clock_min: Floats) -> Floats:
    return np.where(
        clock_min > BREAK_AFTER_MIN + BREAK_MIN, clock_min - BREAK_MIN, np.minimum(clock_min, BREAK_AFTER_MIN)
    )
