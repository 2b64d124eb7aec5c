"""Of a failed start the last error's deepest cause is told."""

from pathlib import Path

from taskapp.localnode import logs

LOG = """INFO  [main] 2026-01-01 10:00:00,000 A.java:1 - all is well
ERROR [main] 2026-01-01 10:00:01,000 B.java:2 - Exception encountered during startup
java.lang.RuntimeException: outer
\tat a.b.c(D.java:3)
Caused by: org.apache.cassandra.exceptions.ConfigurationException: Invalid yaml
\tat a.b.c(D.java:3)
INFO  [main] 2026-01-01 10:00:02,000 A.java:1 - goodbye
"""


def test_the_deepest_cause(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text(LOG)
    assert logs.first_error(tmp_path) == "ConfigurationException: Invalid yaml"
    assert logs.tail(tmp_path, 1).endswith("goodbye")


def test_an_error_without_an_exception(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_text("ERROR [main] 2026-01-01 10:00:01,000 B.java:2 - Port in use\n")
    assert logs.first_error(tmp_path) == "Port in use"


def test_what_java_itself_said(tmp_path: Path) -> None:
    (tmp_path / "jvm.log").write_text("Unrecognized VM option 'x'\nError: Could not create the Java Virtual Machine.\n")
    assert logs.first_error(tmp_path) == \
        "Unrecognized VM option 'x' Error: Could not create the Java Virtual Machine."


def test_no_log_at_all(tmp_path: Path) -> None:
    assert logs.first_error(tmp_path) == ""
    assert logs.tail(tmp_path) == ""
