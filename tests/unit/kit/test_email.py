"""One mailbox has one key."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from taskapp.kit.email import MAX_LENGTH, Email, email_key


@pytest.mark.parametrize(("one", "other"), [
    ("ann@example.com", "ANN@Example.COM"),
    ("straße@example.com", "STRASSE@example.com"),
    ("jos\u00e9@example.com", "jose\u0301@example.com"),
    ("\ufb01n@example.com", "fin@example.com"),
    ("ann@xn--bcher-kva.example", "ann@BÜCHER.example"),
    ("\uff41nn@example.com", "ann@example.com"),
    ("ΣΊΣΥΦΟΣ@example.com", "σίσυφος@example.com"),
])
def test_case_and_unicode_form_make_no_difference(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(("one", "other"), [
    ("ann@example.com", "anne@example.com"), ("ann@example.com", "ann@example.org"),
    ("ann+1@example.com", "ann@example.com"), ("a.nn@example.com", "ann@example.com")])
def test_other_mailboxes_have_other_keys(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


@given(st.text(min_size=1, max_size=20))
def test_the_key_of_a_key_is_itself(local: str) -> None:
    key = email_key(f"{local}@example.com")
    assert email_key(key) == key
    assert unicodedata.is_normalized("NFKC", key)


@pytest.mark.parametrize("wrong", ["", "ann", "@example.com", "ann@", "a b@example.com", "ann@exa mple.com",
                                   "ann@@example.com", "ann@example..com", 3, None, ["ann@example.com"],
                                   "a" * MAX_LENGTH + "@example.com"])
def test_what_is_no_address_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        Email().deserialize(wrong)


@pytest.mark.parametrize("unseen", "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u180f\u200b\u200d\u202e\u2060"
                                   "\u2800\u3164\ufe00\ufe0f\ufeff\uffa0\U000e0041\U000e0100", ids=ascii)
def test_nobody_registers_what_looks_like_another_s_address(unseen: str) -> None:
    with pytest.raises(ValidationError):
        Email().deserialize(f"an{unseen}n@example.com")


@pytest.mark.parametrize("right", ["ann@example.com", "ann+tasks@sub.example.com", "ann@intranet",
                                   "jörg@bücher.example"])
def test_an_address_is_kept(right: str) -> None:
    assert Email().deserialize(right) == right
