"""The kernel's money: floats that are rounded where the engine rounds, to 8 decimals and to the pair's steps.

A product of floats misses its decimals by a hair, so each rounding forgives one: `ceil` of a round number is itself.
"""

from math import ceil, floor

__all__ = ["cut_steps", "half_up8", "hourly", "round_up8", "up_steps"]


def half_up8(value: float) -> float:
    return floor(value * 1e8 + 0.5) / 1e8


def round_up8(value: float) -> float:
    scaled = value * 1e8
    near = floor(scaled + 0.5)
    if abs(scaled - near) <= 1e-6 + abs(scaled) * 4e-16:
        return near / 1e8
    return ceil(scaled) / 1e8


def cut_steps(value: float, units: float) -> float:
    scaled = value * units
    near = floor(scaled + 0.5)
    if abs(scaled - near) <= 1e-7 + abs(scaled) * 4e-16:
        return near / units
    return floor(scaled) / units


def up_steps(value: float, units: float) -> float:
    scaled = value * units
    near = floor(scaled + 0.5)
    if abs(scaled - near) <= 1e-7 + abs(scaled) * 4e-16:
        return near / units
    return ceil(scaled) / units


def hourly(principal: float, daily_rate: float) -> float:
    scaled = principal * daily_rate / 24.0 * 1e8
    near = floor(scaled + 0.5)
    if abs(scaled - near) <= 1e-6:
        return near / 1e8
    return ceil(scaled) / 1e8
