"""What the database is asked about animals and plants."""

from collections.abc import Iterator
from typing import Any

from taskapp.cassandra.model import column_names
from taskapp.cassandra.statement import Row, Statement
from taskapp.cassandra.stream import Page, pages
from taskapp.features.wildlife.models import Animals, Plants

ANIMAL, PLANT = column_names(Animals), column_names(Plants)


def _insert(name: str, table: str, columns: list[str]) -> Statement:
    # Sent twice it ends the same, and its answer is read the same: the row is there. So it may be.
    return Statement(name, f"INSERT INTO $ks.{table} ({', '.join(columns)}) "
                     f"VALUES ({', '.join(':' + column for column in columns)}) IF NOT EXISTS")


_ANIMAL = Statement("animals.get", f"SELECT {', '.join(ANIMAL)} FROM $ks.animals WHERE genus = :genus "
                    "AND species = :species")
_ANIMALS = Statement("animals.of_genus", f"SELECT {', '.join(ANIMAL)} FROM $ks.animals WHERE genus = :genus")
_PLANTS = Statement("plants.of_genus", f"SELECT {', '.join(PLANT)} FROM $ks.plants WHERE genus = :genus")
_ADD_ANIMAL = _insert("animals.add", "animals", ANIMAL)
_ADD_PLANT = _insert("plants.add", "plants", PLANT)


def animal(genus: str, species: str, consistency: int | None = None) -> Row | None:
    """Read an animal, as a row of ``ANIMAL``."""
    rows = _ANIMAL.run(genus=genus, species=species, consistency=consistency)
    return rows[0] if rows else None


def animals(genus: str, consistency: int | None = None) -> Iterator[Page]:
    """Read the animals of a genus by species, page by page, as rows of ``ANIMAL``."""
    return pages(_ANIMALS, genus=genus, consistency=consistency)


def plants(genus: str, consistency: int | None = None) -> Iterator[Page]:
    """Read the plants of a genus by species, page by page, as rows of ``PLANT``."""
    return pages(_PLANTS, genus=genus, consistency=consistency)


def add_animal(animal: dict[str, Any]) -> dict[str, Any] | None:
    """Store an animal, unless there is one of its name; return the one that was there."""
    return _add(_ADD_ANIMAL, animal)


def add_plant(plant: dict[str, Any]) -> dict[str, Any] | None:
    """Store a plant, unless there is one of its name; return the one that was there."""
    return _add(_ADD_PLANT, plant)


def _add(statement: Statement, row: dict[str, Any]) -> dict[str, Any] | None:
    result = statement.send(**row).result()
    applied, *there = result.current_rows[0]
    return None if applied else dict(zip(result.column_names[1:], there, strict=True))
