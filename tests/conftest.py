"""Fixtures for all tests; see the modules of `fixtures/`.

TASKAPP_CASSANDRA_CONTACT_POINTS names a given cluster; else TASKAPP_TEST_CASSANDRA=container starts one in a
container; else the local node is started, once per run. ALLOW_SKIPS=1 skips what the machine cannot run.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.fixtures.cassandra", "tests.fixtures.service", "tests.fixtures.client",
                  "tests.fixtures.command", "tests.fixtures.accounts", "tests.fixtures.secured",
                  "tests.fixtures.astra", "tests.fixtures.forward",
                  "tests.fixtures.protocol_proxy", "tests.fixtures.tables", "tests.fixtures.wheel"]

# Nodes of tests live for seconds or minutes: a third of all processor time went into compiling code for hours to come.
os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")

# No deadlines: how long an example takes says more about the machine than about the code.
_QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True,
          "phases": [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]}
settings.register_profile("quick", max_examples=60, **_QUIET)
settings.register_profile("thorough", max_examples=2000, **_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# Files that take longest, which begin first: the last ones to end should be short, so that no worker is left alone.
_LONG = ("test_streaming", "test_node", "test_tls_and_roles", "test_state_machine", "test_openapi_fuzz",
         "test_commands", "test_driver_errors", "test_expiry_on_the_node", "test_astra", "test_cluster", "test_page",
         "test_walks", "test_rolling", "test_nginx", "test_trace", "test_incomplete_rows", "test_models_on_a_node")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


def pytest_configure(config: pytest.Config) -> None:
    # The driver's threads draw random numbers while hypothesis looks whether a strategy does.
    config.addinivalue_line("filterwarnings", "ignore:Do not use the `random` module inside strategies")
    # A task has many members; this is about how a failure is printed, which controls provoke.
    config.addinivalue_line("filterwarnings", "ignore:Generating overly large repr")
