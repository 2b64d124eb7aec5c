"""What an event of Cassandra's trace may say: words, not data."""

import pytest

from taskapp.cassandra.driver.tracing import without_data


@pytest.mark.parametrize(("activity", "told"), [
    ("Read 3 live rows and 0 tombstone cells", "Read 3 live rows and 0 tombstone cells"),
    ("READ_REQ message received from /127.0.0.2:7000", "READ_REQ message received from /127.0.0.2:7000"),
    ("Accepting proposal Accepted(1:2, 3:key=k\n    Row: EMPTY | title=secret)", "Accepting proposal Accepted"),
    ("CAS precondition does not match current values [ks.t] key=secret", "CAS precondition does not match current"),
    ("Digest mismatch: Mismatch for key DecoratedKey(1, 7365)", "Digest mismatch"),
    ("Executing seq scan across 0 sstables for (min(-92), min(7)]", "Executing seq scan across 0 sstables for"),
])
def test_words_stay_and_data_go(activity: str, told: str) -> None:
    assert without_data(activity) == told
