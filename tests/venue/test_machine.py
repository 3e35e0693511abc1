"""The engine against the model in Fractions: a short run; `benchmarks/prove_engine.py` makes the long one."""

from hypothesis import HealthCheck, settings

from .machine import VenueAgainstModel

TestVenueAgainstModel = VenueAgainstModel.TestCase
TestVenueAgainstModel.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
