"""One way for all tests: Hypothesis looks at the same examples every time, however slow the machine is.

The long proofs under benchmarks/ are where luck is tried.
"""

from hypothesis import settings

settings.register_profile("same_every_time", deadline=None, derandomize=True)
settings.load_profile("same_every_time")
