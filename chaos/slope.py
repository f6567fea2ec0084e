"""Slopes: whether something that is measured again and again grows, and how sure that is."""

import math
from collections.abc import Sequence
from typing import NamedTuple

# Two-sided, of a normal distribution: 99.9 %.
_SURE = 3.29


class Slope(NamedTuple):
    """A straight line through points: its growth an hour, and the error of that."""

    start: float
    per_hour: float
    error: float

    def is_growing(self, most_per_hour: float) -> bool:
        """Tell whether it surely grows by more than that an hour."""
        return self.per_hour - _SURE * self.error > most_per_hour


def slope(seconds: Sequence[float], values: Sequence[float]) -> Slope:
    """
    Draw a line by Theil and Sen: the median of the slopes between all pairs, which outliers spare.

    Its error is that of least squares on the line's residuals.
    """
    count = len(values)
    pairs = sorted(
        (values[j] - values[i]) / (seconds[j] - seconds[i])
        for i in range(count)
        for j in range(i + 1, count)
        if seconds[j] > seconds[i]
    )
    if not pairs:
        return Slope(values[0] if values else 0.0, 0.0, 0.0)
    middle = pairs[len(pairs) // 2]
    mean_time, mean = sum(seconds) / count, sum(values) / count
    spread = sum((at - mean_time) ** 2 for at in seconds)
    residuals = [
        value - mean - middle * (at - mean_time) for at, value in zip(seconds, values, strict=True)
    ]
    variance = sum(one**2 for one in residuals) / max(1, count - 2)
    error = math.sqrt(variance / spread)
    return Slope(mean - middle * mean_time, middle * 3_600, error * 3_600)
