"""What two readers could take differently is refused: 400 for what is no JSON, 422 for what cannot be a value."""

import json
import sys
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.kit.problem import Problem
from taskapp.kit.strict_json import MAX_DEPTH, MAX_MARKS, MAX_TEXT, MAX_VALUES, loads

_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | _TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3), max_leaves=12)


def refused(body: bytes) -> Problem:
    with pytest.raises(Problem) as caught:
        loads(body)
    return caught.value


def nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [nfc(each) for each in value]
    if isinstance(value, dict):
        return {nfc(name): nfc(each) for name, each in value.items()}
    return value


@given(_VALUES)
def test_json_comes_out_as_it_is_after_nfc(value: Any) -> None:
    assert loads(json.dumps(value, ensure_ascii=False).encode()) == nfc(value)
    assert loads(json.dumps(value).encode()) == nfc(value)


@pytest.mark.parametrize("body", [
    b"", b" ", b"{", b"[1,]", b"{'a': 1}", b'{"a" 1}', b"nul", b'"a', b'{"a":1}}', b'"\x01"', b'"\\x41"', b"01", b"+1",
    b".5", b"NaN", b"Infinity", b"-Infinity", b'{"a":NaN}', b"\xff", b'"\xc3"', b'"\xed\xa0\x80"',
    "{}".encode("utf-16"), b"\xef\xbb\xbf{}", b'{"a":1}\0'])
def test_what_is_no_json_is_bad_json(body: bytes) -> None:
    assert refused(body).code == "bad_json"


@pytest.mark.parametrize("body", [
    b'{"a":1,"a":2}', b'{"a":1,"a":1}', b'[{"b":{"c":0,"d":0,"c":0}}]', b'{"a":1,"\\u0061":2}'])
def test_a_member_given_twice_is_bad_json(body: bytes) -> None:
    assert refused(body).code == "bad_json"


def test_two_names_that_are_one_after_nfc_are_not_two_values() -> None:
    # "é" in one code point and in two: a reader that folds them would see the member twice.
    assert refused('{"\u00e9":1,"e\u0301":2}'.encode()).status in (400, 422)


@pytest.mark.parametrize(("body", "pointer"), [
    (b'{"a":"x\\u0000y"}', "/a"), (b'{"a":{"b":["ok","\\u0000"]}}', "/a/b/1"), (b'{"a":"\\ud800"}', "/a"),
    (b'{"a":"\\udc00\\ud800"}', "/a"), (b'{"a/b":{"~":"\\ud800"}}', "/a~1b/~0"), (b'"\\u0000"', "")])
def test_nul_and_lone_surrogates_are_invalid_at_their_place(body: bytes, pointer: str) -> None:
    problem = refused(body)
    assert (problem.code, [error["pointer"] for error in problem.errors or ()]) == ("invalid", [pointer])


@pytest.mark.parametrize("body", [b'{"\\u0000":1}', b'{"\\ud800":1}'])
def test_names_of_members_are_held_to_the_same(body: bytes) -> None:
    problem = refused(body)
    assert problem.code == "invalid"
    json.dumps(problem.body("id")).encode()


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads(b'"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_is_bounded_at_16(opening: str, closing: str) -> None:
    inner = "[]" if opening == "[" else "{}"

    def nested(depth: int) -> bytes:
        return (opening * (depth - 1) + inner + closing * (depth - 1)).encode()

    assert MAX_DEPTH == 16
    loads(nested(16))
    assert refused(nested(17)).code == "invalid"


@pytest.mark.parametrize("depth", [1_000, 100_000, 500_000])
def test_a_very_deep_body_is_invalid_and_no_fault(depth: int) -> None:
    assert refused(b"[" * depth + b"]" * depth).code == "invalid"


@pytest.mark.parametrize("body", [b"1e999", b"-1e999", b"9" * 5000, b"-" + b"9" * 5000, b"9" * 100_000])
def test_numbers_beyond_reason_stay_numbers_that_no_field_takes(body: bytes) -> None:
    value = loads(body)
    assert isinstance(value, int | float)
    assert type(value) is not int or abs(value) > 2**63


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_problem(body: bytes) -> None:
    with suppress(Problem):
        loads(body)


ACUTE, BELOW = "\u0301", "\u0316"


@pytest.mark.parametrize(("marks", "pointer"), [
    (ACUTE * 31, "/a/0"), ((ACUTE + BELOW) * 16, "/a/0"), ("\u0f73" * 31, "/a/0"), ("\U0001d165" * 31, "/a/0"),
    # NFC takes each apart into two.
    ("\u0344" * 16, "/a/0")])
def test_marks_that_cost_their_number_squared_are_invalid(marks: str, pointer: str) -> None:
    problem = refused(json.dumps({"a": ["x" + marks]}).encode())
    assert [error["pointer"] for error in problem.errors or ()] == [pointer]
    assert "30 combining marks" in problem.detail
    assert refused(json.dumps({"x" + marks: 1}).encode()).status == 422


def test_marks_that_a_language_needs_are_kept() -> None:
    text = "x" + BELOW * 15 + ACUTE * 15
    assert loads(json.dumps([text, text * 100]).encode()) == nfc([text, text * 100])


def test_every_character_that_is_nothing_but_marks_is_counted() -> None:
    made = (chr(code) for code in range(sys.maxunicode + 1) if not 0xd800 <= code < 0xe000)
    marks = [each for each in made if all(map(unicodedata.combining, unicodedata.normalize("NFD", each)))]
    assert len(marks) > 900
    for mark in marks:
        assert "marks" in refused(json.dumps(mark * (MAX_MARKS + 1)).encode()).detail, hex(ord(mark))


@given(st.text(st.sampled_from("ab\u0958\u1f82\u0344\u0f73\u0301\u0316\U0001d160"), max_size=80))
def test_what_was_taken_is_taken_again(text: str) -> None:
    with suppress(Problem):
        once = loads(json.dumps(text).encode())
        assert loads(json.dumps(once).encode()) == once


def test_text_that_no_member_could_hold_is_not_composed() -> None:
    # Each becomes three characters, which is what costs most for its size.
    note = "\U0001d164"
    assert loads(json.dumps(note * MAX_TEXT).encode()) == nfc(note * MAX_TEXT)
    assert refused(json.dumps({"a": note * (MAX_TEXT + 1)}).encode()).errors[0]["pointer"] == "/a"
    half = note * (MAX_TEXT // 2)
    assert refused(json.dumps([half, half, note]).encode()).errors[0]["pointer"] == "/2"
    # What is in NFC costs next to nothing.
    assert loads(json.dumps(["\u00e9" * MAX_TEXT] * 3).encode())


@pytest.mark.parametrize("value", ["1", '"a"', '",\\\\"', '"[[{,\\""'])
def test_values_are_counted(value: str) -> None:
    def array(length: int) -> bytes:
        return f"[{','.join([value] * length)}]".encode()

    assert len(loads(array(MAX_VALUES - 1))) == MAX_VALUES - 1
    problem = refused(array(MAX_VALUES))
    assert (problem.code, problem.detail) == ("invalid", "body: Must hold at most 10,000 values.")


@pytest.mark.parametrize("value", ["[]", "{}"])
def test_empty_arrays_and_objects_are_two_values(value: str) -> None:
    assert refused(f"[{','.join([value] * (MAX_VALUES // 2))}]".encode()).code == "invalid"
