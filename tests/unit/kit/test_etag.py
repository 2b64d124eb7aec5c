"""Entity tags are versions; If-Match compares strongly, If-None-Match on GET weakly (RFC 9110, 13.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.kit.etag import etag, matches, none_match, parse
from taskapp.kit.problem import Problem

VERSIONS = st.integers(1, 2**31 - 1)


@given(VERSIONS, VERSIONS)
def test_a_tag_matches_its_version_alone(version: int, other: int) -> None:
    tags = parse("If-Match", etag(version))
    assert tags is not None
    assert matches(tags, version)
    assert matches(tags, other) == (other == version)


@pytest.mark.parametrize(("sent", "match", "due"), [
    ('"7"', True, False), ("*", True, False), (" * ", True, False), ('"6"', False, True), ('W/"7"', False, False),
    ('"6", "7"', True, False), ('"6","8"', False, True), ('W/"7", "7"', True, False), ('"07"', False, True),
    ('""', False, True), ('"abc"', False, True)])
def test_at_version_7(sent: str, match: bool, due: bool) -> None:
    tags = parse("If-Match", sent)
    assert tags is not None
    assert matches(tags, 7) is match
    assert none_match(tags, 7) is due


def test_a_header_that_was_not_sent_is_no_condition() -> None:
    assert parse("If-Match", None) is None


@pytest.mark.parametrize("sent", ["7", "", '"7', "'7'", '"7" "8"', 'w/"7"', '*, "7"', 'W/7', '"a b"'])
def test_what_is_no_tag_is_a_bad_header(sent: str) -> None:
    with pytest.raises(Problem) as caught:
        parse("If-Match", sent)
    assert caught.value.code == "bad_header"
    assert "If-Match" in caught.value.detail
