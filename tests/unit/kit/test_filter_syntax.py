"""The syntax of filters: what they mean, where they are wrong, and that nothing else happens.

Red when: `&&` and `||` bind alike; a column is off by one; a text makes the parser fail in another way.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp.kit.filter_syntax import (
    MAX_FILTER_DEPTH,
    MAX_FILTER_LENGTH,
    And,
    Comparison,
    Expression,
    FilterError,
    Literal,
    Not,
    Or,
    parse,
)

PIECES = st.sampled_from(["status", "=", "!=", "<", "<=", ">", ">=", "in", "has", "(", ")", ",", "&&", "||",
                          "!", '"a b"', "null", "me", "now+7d", "2027-01-15", "2027-01-15T12:00:00Z", "pending", "3",
                          '"', "\\", "é", "&", "|", "\t"])


def term(name: str, at: int) -> Comparison:
    return Comparison(name, "=", (Literal("1", False, at + 4),), at)


A, B, C = (term(name, at) for name, at in (("a", 1), ("b", 10), ("c", 19)))


@pytest.mark.parametrize(("text", "meaning"), [
    ("a = 1", A), ("a=1", Comparison("a", "=", (Literal("1", False, 3),), 1)),
    ("a = 1 && b = 1", And((A, B))), ("a = 1 || b = 1", Or((A, B))),
    ("a = 1 || b = 1 && c = 1", Or((A, And((B, C))))), ("a = 1 && b = 1 || c = 1", Or((And((A, B)), C))),
    ("!a = 1 && b = 1", And((Not(term("a", 2)), term("b", 11)))),
    ("!(a = 1 && b = 1)", Not(And((term("a", 3), term("b", 12))))),
    ("(a = 1)", term("a", 2)), ("!!a = 1", Not(Not(term("a", 3)))),
    ('a in (x, "y z")', Comparison("a", "in", (Literal("x", False, 7), Literal("y z", True, 10)), 1)),
    ('a has "\\u00e9\\n\\""', Comparison("a", "has", (Literal('é\n"', True, 7),), 1)),
    ("a < now-30m", Comparison("a", "<", (Literal("now-30m", False, 5),), 1)),
    ("a >= 2027-01-15T12:00:00.5+02:00", Comparison("a", ">=", (Literal("2027-01-15T12:00:00.5+02:00", False, 6),), 1)),
    ("a = in", Comparison("a", "=", (Literal("in", False, 5),), 1))])
def test_meaning(text: str, meaning: Expression) -> None:
    assert parse(text) == meaning


@pytest.mark.parametrize(("text", "column", "detail"), [
    ("", 1, "Expected a field, not the end."), ("a", 2, "Expected =, !=, <, <=, >, >=, in or has, not the end."),
    ("a =", 4, "Expected a value, not the end."), ("a = 1 b", 7, "Expected &&, || or the end, not b."),
    ("(a = 1", 7, "Expected &&, || or ), not the end."), ("a in 1", 6, "Expected (, not 1."),
    ("a in (1 2)", 9, "Expected , or ), not 2."), ('a = "b', 5, "This string has no end."),
    ("a = 1 & b", 7, "Unexpected character '&'."), ('a = "\\x"', 5, "Not a JSON string of valid text."),
    ('a = "\\udc00"', 5, "Not a JSON string of valid text."), ('a = "\\u0000"', 5, "Must not hold a NUL character."),
    ("a = 1 &&", 9, "Expected a field, not the end."), ("&& a = 1", 1, "Expected a field, not &&.")])
def test_errors_say_where(text: str, column: int, detail: str) -> None:
    with pytest.raises(FilterError) as raised:
        parse(text)
    assert (raised.value.column, raised.value.detail) == (column, detail)


def test_depth_and_length_are_bounded() -> None:
    parse("(" * MAX_FILTER_DEPTH + "a = 1" + ")" * MAX_FILTER_DEPTH)
    with pytest.raises(FilterError, match="More than 8"):
        parse("(" * 5 + "!" * 4 + "a = 1" + ")" * 5)
    # What is closed does not count.
    parse(" && ".join(["!(a = 1)"] * 50))
    longest = "a = " + "x" * (MAX_FILTER_LENGTH - 4)
    parse(longest)
    with pytest.raises(FilterError, match="Longer than"):
        parse(longest + "x")


@given(st.lists(PIECES, max_size=30).map(" ".join) | st.text(max_size=60))
def test_a_text_is_a_filter_or_wrong_somewhere_in_it(text: str) -> None:
    column = 1
    try:
        parse(text)
    except FilterError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
