"""Distributions as tables: drawing from one costs a random number and a look-up."""

from __future__ import annotations

from math import exp
from statistics import NormalDist
from typing import TypeVar

T = TypeVar("T")

STEPS = 4096


def log_normal(median_ms: float, sigma: float, longest_ms: float) -> tuple[int, ...]:
    """STEPS quantiles of a log-normal delay in milliseconds, ascending, none above `longest_ms`."""
    quantile = NormalDist(0.0, sigma).inv_cdf
    return tuple(
        int(min(median_ms * exp(quantile((step + 0.5) / STEPS)), longest_ms)) for step in range(STEPS)
    )


def bag(*weighted: tuple[T, int]) -> tuple[T, ...]:
    """Each value as often as its weight says, to be drawn with equal chances."""
    return tuple(value for value, weight in weighted for _ in range(weight))
