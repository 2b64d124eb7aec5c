"""What an animal may be: the schema, the compiled dump and the OpenAPI document agree on it."""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskapp import create_app
from taskapp.cassandra.mapper import names
from taskapp.cassandra.mapper.rows import maker
from taskapp.features.wildlife import sample
from taskapp.features.wildlife.models import Animal
from taskapp.features.wildlife.schemas import AnimalCreate, AnimalSchema
from taskapp.features.wildlife.views import _dump_animal
from taskapp.http.documentation.openapi import build
from taskapp.kit.problem import Problem
from taskapp.kit.single import rounded
from taskapp.kit.validation import load_body
from taskapp.settings import Settings

NAMED = {"genus": "a", "species": "b"}
BODIES: list[tuple[Any, bool]] = [
    (NAMED, True), ({}, False), ([], False), ({"genus": "a"}, False), ({**NAMED, "more": 1}, False),
    *(({**NAMED, "genus": name}, fits) for name, fits in (
        ("x" * 100, True), ("x" * 101, False), ("", False), ("a b", True), ("a/b", False), ("/", False), (".", False),
        ("..", False), (".a", False), ("a.", True), ("a\nb", False), ("a\n", False), ("a\u2028", False),
        ("\u00d7 a", True), ("a\u0000", False), ("\u0085", False), ("50%?", True), (5, False), (None, False))),
    *(({**NAMED, "image_url": url}, fits) for url, fits in (
        ("https://imgur.com/WrPsKkD", True), ("http://[::1]:80/a?b=c#d", True), (None, True), ("", False),
        ("HTTPS://a.eu", False), ("ftp://a.eu", False), ("https://", False), ("https://?", False),
        ("https://a b", False), ("https://a.eu\n", False), ("https://a.eu/\"", False), ("https://a.eu/<b>", False),
        ("https://a.eu/" + "x" * 1987, True), ("https://a.eu/" + "x" * 1988, False), (5, False))),
    *(({**NAMED, "size_cm": size}, fits) for size, fits in (
        (0, True), (0.6, True), (100_000, True), (100_000.5, False), (-1, False), (None, True), ("5", False),
        (True, False))),
    *(({**NAMED, "sightings": seen}, fits) for seen, fits in (
        (0, True), (2**31 - 1, True), (2**31, False), (-1, False), (None, False), ("1", False), (True, False))),
    *(({**NAMED, "taxonomy": taxa}, fits) for taxa, fits in (
        ([], True), (["x"] * 16, True), (["x"] * 17, False), ([""], False), (["x" * 101], False), ([1], False),
        (None, False), ("x", False), (["a\nb"], False))),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build(create_app(Settings()))


@pytest.mark.parametrize(("body", "fits"), BODIES)
def test_a_body_fits_the_document_if_the_service_takes_it(document: dict[str, Any], body: Any, fits: bool) -> None:
    schema = document["paths"]["/animal"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    assert jsonschema_rs.Draft202012Validator(whole).is_valid(body) == fits
    assert accepted(body) == fits


def accepted(body: Any) -> bool:
    try:
        load_body(AnimalCreate(), body)
    except Problem:
        return False
    return True


ANIMALS = st.fixed_dictionaries({
    "genus": st.text(min_size=1), "species": st.text(min_size=1), "image_url": st.none() | st.text(),
    "size_cm": st.none() | st.floats(0, 1e5).map(rounded), "sightings": st.integers(0, 2**31 - 1),
    "taxonomy": st.none() | st.lists(st.text())})


@given(ANIMALS)
def test_the_compiled_dump_is_the_schemas_own(animal: dict[str, Any]) -> None:
    assert _dump_animal(*maker(Animal)([[animal[name] for name in names(Animal)]])) == AnimalSchema().dump(animal)


def test_a_list_is_documented_in_both_forms(document: dict[str, Any]) -> None:
    for path in ("/animal/{genus}", "/plant/{genus}"):
        content = document["paths"][path]["get"]["responses"]["200"]["content"]
        assert set(content) == {"application/json", "application/x-ndjson"}
    assert document["components"]["schemas"]["Animal"]["properties"]["taxonomy"]["uniqueItems"] is False


def test_the_tutorials_animals_are_animals() -> None:
    for animal in sample.ANIMALS:
        sent = {**animal.as_dict(), "taxonomy": list(animal.taxonomy)}
        assert load_body(AnimalCreate(), sent) == {**sent, "size_cm": rounded(animal.size_cm)}
