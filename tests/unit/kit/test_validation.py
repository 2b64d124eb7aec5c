"""Errors are JSON Pointers (RFC 6901) into what was sent, or names of parameters."""

from typing import Any

import pytest
from marshmallow import RAISE, Schema, fields
from marshmallow.validate import Range

from taskapp.kit.fields import MapOf, SetOf, Text
from taskapp.kit.parameters import Flag, Many, One, Parameters, Whole
from taskapp.kit.problem import Problem
from taskapp.kit.validation import load_body, load_parameters


class Thing(Schema):
    class Meta:
        unknown = RAISE

    name = Text(longest=5, required=True)
    size = fields.Integer(strict=True, validate=Range(0, 5))
    labels = SetOf(Text(longest=2), most=3)
    pairs = MapOf(Text(longest=3), Text(longest=2), most=2)


class Asked(Parameters):
    limit = One(Whole(validate=Range(1, 9)), load_default=5)
    status = Many(Text(longest=3), most=2, load_default=())
    ids = Many(Text(shortest=1, longest=3), most=3, commas=True, load_default=None)
    trash = Flag(load_default=False)


@pytest.mark.parametrize(("body", "pointers"), [
    ({}, ["/name"]), ({"name": None}, ["/name"]), ({"name": 3, "size": "3"}, ["/name", "/size"]),
    ({"name": "a", "x": 1, "a/b~c": 2}, ["/x", "/a~1b~0c"]),
    ({"name": "a", "labels": ["a", "bbb", 3]}, ["/labels/1", "/labels/2"]),
    ({"name": "a", "pairs": {"k/": "vvv"}}, ["/pairs/k~1"]), ({"name": "a", "pairs": {"k": 1}}, ["/pairs/k"])])
def test_the_place_of_each_error_is_told(body: dict[str, Any], pointers: list[str]) -> None:
    with pytest.raises(Problem) as caught:
        load_body(Thing(), body)
    assert caught.value.code == "invalid"
    assert sorted(error["pointer"] for error in caught.value.errors or ()) == sorted(pointers)
    assert all(pointer in caught.value.detail for pointer in pointers)


@pytest.mark.parametrize("body", [None, [], "text", 3, True])
def test_a_body_is_an_object(body: object) -> None:
    with pytest.raises(Problem) as caught:
        load_body(Thing(), body)
    assert [error["pointer"] for error in caught.value.errors or ()] == [""]


@pytest.mark.parametrize(("sent", "names"), [
    ({"limit": ["0"]}, {"limit"}), ({"limit": ["3", "4"]}, {"limit"}), ({"limit": ["3.0"]}, {"limit"}),
    ({"limit": ["+3"]}, {"limit"}), ({"limit": [" 3"]}, {"limit"}), ({"limit": ["٣"]}, {"limit"}),
    ({"limit": [""]}, {"limit"}),
    ({"limit": ["9" * 5000]}, {"limit"}), ({"status": ["aaaa"]}, {"status"}), ({"status": ["a"] * 3}, {"status"}),
    ({"trash": ["yes"]}, {"trash"}), ({"trash": ["true", "true"]}, {"trash"}),
    ({"nope": ["1"], "limit": ["x"]}, {"nope", "limit"}),
    ({"ids": ["a,b,c,d"]}, {"ids"}), ({"ids": ["a", "b"]}, {"ids"}), ({"ids": [""]}, {"ids"}),
    ({"status": ["a\0"]}, {"status"})])
def test_the_name_of_each_wrong_parameter_is_told(sent: dict[str, list[str]], names: set[str]) -> None:
    with pytest.raises(Problem) as caught:
        load_parameters(Asked(), sent)
    assert caught.value.code == "invalid"
    assert {error["parameter"] for error in caught.value.errors or ()} == names


def test_good_parameters() -> None:
    sent = {"limit": ["3"], "status": ["a", "b"], "ids": ["a, b"], "trash": ["true"]}
    assert load_parameters(Asked(), sent) == {"limit": 3, "status": ["a", "b"], "ids": ["a", "b"], "trash": True}
