"""Metrics of the database."""

from prometheus_client import Counter, Histogram

STATEMENT_SECONDS = Histogram(
    "taskapp_statement_seconds", "Time from sending a statement to its answer.", ["statement"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0))
STATEMENT_ERRORS = Counter(
    "taskapp_statement_errors_total", "Statements that failed, by what the driver said.", ["statement", "error"])
RETRIES = Counter(
    "taskapp_statement_retries_total", "Idempotent statements that were sent to another node.", ["reason"])
CONFLICTS = Counter(
    "taskapp_conflicts_total", "Conditional writes that were not applied, since another came first.", ["statement"])
UNKNOWN_OUTCOMES = Counter(
    "taskapp_unknown_outcomes_total", "Conditional writes whose outcome a serial read had to tell.", ["found"])
PROJECTIONS_REPAIRED = Counter(
    "taskapp_projections_repaired_total", "Tasks whose projections a sweeper or repair derived again.", ["by"])
NODE_ERRORS = Counter(
    "taskapp_node_errors_total", "Tries that failed at a node or a connection, also those that another node mended.",
    ["kind"])


class DriverCounts:
    """Counts what the driver reports about each try.

    It has the interface of the driver's `Metrics` (`cassandra/metrics.py`), which needs an unmaintained package.
    Times and retries are counted elsewhere: by statement name, and by reason.
    """

    def __init__(self) -> None:
        self.request_timer = self

    def addValue(self, seconds: float) -> None:
        """Ignore the time of a statement."""

    def on_connection_error(self) -> None:
        """Count a connection that broke or could not be opened."""
        NODE_ERRORS.labels("connection").inc()

    def on_read_timeout(self) -> None:
        """Count a read timeout: a coordinator waited for replicas in vain."""
        NODE_ERRORS.labels("read_timeout").inc()

    def on_write_timeout(self) -> None:
        """Count a write timeout: a coordinator waited for replicas in vain."""
        NODE_ERRORS.labels("write_timeout").inc()

    def on_unavailable(self) -> None:
        """Count a coordinator that sees too few live replicas."""
        NODE_ERRORS.labels("unavailable").inc()

    def on_other_error(self) -> None:
        """Count any other error from a node: overloaded, starting, a statement it refuses."""
        NODE_ERRORS.labels("other").inc()

    def on_ignore(self) -> None:
        """Count nothing: our policy ignores no error."""

    def on_retry(self) -> None:
        """Count nothing: our policy counts retries, with the reason."""


def _from_zero() -> None:
    # What never happened is shown as 0, so that graphs and alerts can tell it from a name that does not exist.
    for kind in ("connection", "read_timeout", "write_timeout", "unavailable", "other"):
        NODE_ERRORS.labels(kind)
    for reason in ("read_timeout", "write_timeout", "unavailable", "request_error"):
        RETRIES.labels(reason)
    for found in ("stored", "not_stored", "unknown"):
        UNKNOWN_OUTCOMES.labels(found)
    for by in ("sweeper", "repair"):
        PROJECTIONS_REPAIRED.labels(by)


_from_zero()
