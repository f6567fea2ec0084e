"""How properties are tried out."""

from hypothesis import HealthCheck, settings

# A slow machine is no reason to fail.
settings.register_profile("shop", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shop")
