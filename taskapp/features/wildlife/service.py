"""The use cases of wildlife."""

from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

from taskapp.cassandra.mapper.stream import Page
from taskapp.features.wildlife import queries
from taskapp.features.wildlife.models import Animal, Plant
from taskapp.features.wildlife.schemas import AnimalCreate
from taskapp.kit.problem import Problem
from taskapp.kit.validation import load_body


class WildlifeService:
    """Add and read animals, and read plants.

    Names in paths come as they were sent; they are stored in Unicode NFC, and so are looked up in it.
    """

    def add_animal(self, sent: Any) -> Animal:
        """Add an animal; adding the same one again changes nothing.

        :raise Problem: ``invalid``, or ``differs`` if a different one of its name exists
        """
        given = load_body(AnimalCreate(), sent)
        animal = Animal(**{**given, "taxonomy": tuple(given["taxonomy"])})
        there = queries.add_animal(animal)
        if there not in (None, animal):
            raise Problem("differs", f"{animal.genus} {animal.species} already exists with different values; "
                          "it was not changed.")
        return animal

    def animal(self, genus: str, species: str, consistency: int | None) -> Animal:
        """Find one animal.

        :raise Problem: ``not_found``
        """
        found = queries.animal(normalize("NFC", genus), normalize("NFC", species), consistency)
        if found is None:
            raise Problem("not_found", "Animal not found")
        return found

    def animals(self, genus: str, consistency: int | None) -> Iterator[Page[Animal]]:
        """List the animals of a genus, page by page; an unknown genus has none."""
        return queries.animals(normalize("NFC", genus), consistency)

    def plants(self, genus: str, consistency: int | None) -> Iterator[Page[Plant]]:
        """List the plants of a genus, page by page; an unknown genus has none."""
        return queries.plants(normalize("NFC", genus), consistency)
