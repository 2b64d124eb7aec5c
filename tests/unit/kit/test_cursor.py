"""A cursor opens for its own query, caller and secret, and for nothing else."""

import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taskapp.kit.cursor import open_, seal
from taskapp.kit.problem import Problem

SECRETS, BINDINGS = st.binary(min_size=1, max_size=40), st.text(max_size=30)
POSITIONS = st.lists(st.integers(-(2**60), 2**60) | st.text(max_size=20) | st.none() | st.booleans(), max_size=4)
LETTERS = string.ascii_letters + string.digits + "-_."


def refused(secret: bytes, binding: str, cursor: str) -> None:
    with pytest.raises(Problem) as caught:
        open_(secret, binding, cursor)
    assert caught.value.code == "bad_cursor"
    assert caught.value.errors == [{"parameter": "cursor", "detail": caught.value.detail}]


@given(SECRETS, BINDINGS, POSITIONS)
def test_it_opens_to_what_was_sealed(secret: bytes, binding: str, position: list[Any]) -> None:
    cursor = seal(secret, binding, position)
    assert open_(secret, binding, cursor) == position
    assert set(cursor) <= set(LETTERS)


@given(SECRETS, BINDINGS, POSITIONS, st.data())
def test_any_altered_character_is_refused(secret: bytes, binding: str, position: list[Any],
                                          data: st.DataObject) -> None:
    cursor = seal(secret, binding, position)
    place = data.draw(st.integers(0, len(cursor) - 1))
    letter = data.draw(st.sampled_from(LETTERS + "+/= é\n"))
    assume(letter != cursor[place])
    refused(secret, binding, cursor[:place] + letter + cursor[place + 1:])


@given(SECRETS, BINDINGS, POSITIONS, st.text(max_size=40))
def test_anything_else_is_refused(secret: bytes, binding: str, position: list[Any], text: str) -> None:
    cursor = seal(secret, binding, position)
    assume(text)
    assume(text != cursor)
    for sent in (text, cursor + text, text + cursor, cursor[:-1], cursor[1:]):
        refused(secret, binding, sent)


@given(SECRETS, BINDINGS, BINDINGS, POSITIONS)
def test_another_query_or_caller_is_refused(secret: bytes, binding: str, other: str, position: list[Any]) -> None:
    assume(binding != other)
    refused(secret, other, seal(secret, binding, position))


@given(SECRETS, SECRETS, BINDINGS, POSITIONS)
def test_another_secret_is_refused(secret: bytes, other: bytes, binding: str, position: list[Any]) -> None:
    # HMAC pads keys with zeros, so a secret and the same with zeros behind are one.
    assume(secret.rstrip(b"\0") != other.rstrip(b"\0"))
    refused(other, binding, seal(secret, binding, position))
