from random import Random

import pytest

from chaos.slope import slope

HOUR = 3_600
TIMES = [float(second) for second in range(0, HOUR, 10)]


def noisy(growth: float, noise: float = 1.0) -> list[float]:
    random = Random(1)
    return [100 + growth * at / HOUR + random.gauss(0, noise) for at in TIMES]


@pytest.mark.parametrize("growth", [-5.0, 0.0, 0.9])
def test_what_stays_flat_or_shrinks_is_not_said_to_grow(growth):
    assert not slope(TIMES, noisy(growth)).is_growing(1.0)


@pytest.mark.parametrize("growth", [2.0, 10.0])
def test_a_leak_is_found_below_the_noise(growth):
    found = slope(TIMES, noisy(growth))

    assert found.is_growing(1.0)
    assert found.per_hour == pytest.approx(growth, abs=0.5)


def test_one_outlier_is_not_a_leak():
    values = noisy(0.0)
    values[-1] = 10_000.0

    assert not slope(TIMES, values).is_growing(1.0)


def test_a_few_points_of_much_noise_prove_nothing():
    assert not slope(TIMES[:10], noisy(50.0, noise=20.0)[:10]).is_growing(1.0)
