"""What the database room counts."""

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
