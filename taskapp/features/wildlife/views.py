"""The routes of wildlife."""

from flask import Blueprint, Response, current_app, url_for

from taskapp.features.wildlife import policies
from taskapp.features.wildlife.schemas import AnimalCreate, AnimalSchema, PlantSchema
from taskapp.features.wildlife.service import WildlifeService
from taskapp.http import answers, body, headers, streaming
from taskapp.http.contract import promises
from taskapp.http.idempotency import idempotent
from taskapp.kit.dump import compile_dump

bp = Blueprint("wildlife", __name__)
_dump_animal, _dump_plant = compile_dump(AnimalSchema()), compile_dump(PlantSchema())


def service() -> WildlifeService:
    """Return this application's wildlife service."""
    found: WildlifeService = current_app.extensions["wildlife"]
    return found


@bp.post("/animal")
@promises(summary="Add an animal", scope=policies.WRITE, tag="wildlife", body=AnimalCreate(),
          answers={201: AnimalSchema()}, problems=("differs", "outcome_unknown"), writes=True)
@idempotent
def add_animal() -> Response:
    """Add an animal under its genus and species.

    Adding the same animal again gets the same answer; a different one of that name is refused and changes nothing.
    """
    animal = service().add_animal(body.read_json())
    place = url_for(".animal", genus=animal.genus, species=animal.species)
    return answers.json(_dump_animal(animal), 201, {"Location": place})


@bp.get("/animal/<genus>")
@promises(summary="List a genus's animals", scope=policies.READ, tag="wildlife", answers={200: [AnimalSchema()]},
          streamed=True, reads_task=True)
def animals(genus: str) -> Response:
    """List all animals of a genus by species; an unknown genus has none."""
    return streaming.rows(service().animals(genus, headers.consistency()), _dump_animal)


@bp.get("/animal/<genus>/<species>")
@promises(summary="Get an animal", scope=policies.READ, tag="wildlife", answers={200: AnimalSchema()},
          problems=("not_found",), reads_task=True)
def animal(genus: str, species: str) -> Response:
    """Get an animal by its name."""
    return answers.json(_dump_animal(service().animal(genus, species, headers.consistency())))


@bp.get("/plant/<genus>")
@promises(summary="List a genus's plants", scope=policies.READ, tag="wildlife", answers={200: [PlantSchema()]},
          streamed=True, reads_task=True)
def plants(genus: str) -> Response:
    """List all plants of a genus by species; an unknown genus has none."""
    return streaming.rows(service().plants(genus, headers.consistency()), _dump_plant)
