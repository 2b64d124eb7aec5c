"""Queries for animals and plants."""

from collections.abc import Iterator

from taskapp.cassandra.mapper import Insert, Select, bind
from taskapp.cassandra.mapper.stream import Page, pages
from taskapp.features.wildlife.models import Animal, Plant

_OF_GENUS = Animal.objects.filter(Animal.genus == bind("genus"))
_ANIMALS = Select("animals.of_genus", _OF_GENUS)
_ANIMAL = Select("animals.get", _OF_GENUS.filter(Animal.species == bind("species")))
_PLANTS = Select("plants.of_genus", Plant.objects.filter(Plant.genus == bind("genus")))
# Safe to send twice: the result is the same, and its answer is read the same: the row is there.
_ADD_ANIMAL = Insert("animals.add", Animal, if_not_exists=True, idempotent=True, nulls=True)
_ADD_PLANT = Insert("plants.add", Plant, if_not_exists=True, idempotent=True, nulls=True)


def animal(genus: str, species: str, consistency: int | None = None) -> Animal | None:
    """Read an animal."""
    return _ANIMAL.one(genus=genus, species=species, consistency=consistency)


def animals(genus: str, consistency: int | None = None) -> Iterator[Page[Animal]]:
    """Read the animals of a genus by species, page by page."""
    return pages(_ANIMALS, genus=genus, consistency=consistency)


def plants(genus: str, consistency: int | None = None) -> Iterator[Page[Plant]]:
    """Read the plants of a genus by species, page by page."""
    return pages(_PLANTS, genus=genus, consistency=consistency)


def add_animal(animal: Animal) -> Animal | None:
    """Store an animal unless one of its name exists; return the existing one."""
    return _ADD_ANIMAL.unless_there(animal)


def add_plant(plant: Plant) -> Plant | None:
    """Store a plant unless one of its name exists; return the existing one."""
    return _ADD_PLANT.unless_there(plant)
