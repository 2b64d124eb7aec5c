"""Fixtures for all tests; see the modules of `fixtures/`.

TASKAPP_CASSANDRA_CONTACT_POINTS names a given cluster; else TASKAPP_TEST_CASSANDRA=container starts one in a
container; else the local node is started, once per run. ALLOW_SKIPS=1 skips what the machine cannot run.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.fixtures.cassandra", "tests.fixtures.service", "tests.fixtures.client",
                  "tests.fixtures.command", "tests.fixtures.accounts", "tests.fixtures.secured",
                  "tests.fixtures.astra", "tests.fixtures.forward"]

# No deadlines: how long an example takes says more about the machine than about the code.
_QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True,
          "phases": [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]}
settings.register_profile("quick", max_examples=60, **_QUIET)
settings.register_profile("thorough", max_examples=2000, **_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure(config: pytest.Config) -> None:
    # The driver's threads draw random numbers while hypothesis looks whether a strategy does.
    config.addinivalue_line("filterwarnings", "ignore:Do not use the `random` module inside strategies")
    # A task has many members; this is about how a failure is printed, which controls provoke.
    config.addinivalue_line("filterwarnings", "ignore:Generating overly large repr")
