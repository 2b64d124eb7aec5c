"""The tutorial's animals and plants, and how to load them into the tables."""

from collections.abc import Callable
from typing import Any

from taskapp.features.wildlife import queries
from taskapp.features.wildlife.models import Animal, Plant

_BUTTERFLIES = ("Arthropoda", "Insecta", "Lepidoptera", "Nymphalidae")
ANIMALS = [
    Animal(genus="Vanessa", species="cardui", image_url="https://imgur.com/WrPsKkD", size_cm=5.5, sightings=12,
           taxonomy=_BUTTERFLIES),
    Animal(genus="Vanessa", species="atalanta", image_url="https://imgur.com/2fSEnt1", size_cm=4.8, sightings=43,
           taxonomy=_BUTTERFLIES),
    Animal(genus="Saitis", species="barbipes", image_url="https://imgur.com/coVy27e", size_cm=0.6, sightings=4,
           taxonomy=("Arthropoda", "Arachnida", "Aranea", "Salticidae")),
]
_PLANTAGO = """
afra africana aitchisonii alpina amplexicaulis arborescens arenaria argentea aristata asiatica aucklandica bigelovii
canescens coreana cordata coronopus cornuti cretica cynops debilis elongata erecta eriopoda erosa fernandezia fischeri
gentianoides glabrifolia grayana hawaiensis hedleyi helleri heterophylla hillebrandii himalaica holosteum hookeriana
incisa indica krajinai lagopus lanceolata lanigera leiopetala longissima macrocarpa major maritima maxima media
melanochrous moorei musicola nivalis nubicola obconica ovata pachyphylla palmata patagonica polysperma princeps purshii
pusilla psyllium raoulii rapensis remota reniformis rhodosperma rigida robusta rugelii rupicola schneideri sempervirens
sparsiflora spathulata subnuda tanalensis taqueti tenuiflora triandra triantha tweedyi virginica winteri wrightiana
"""
PLANTS = [
    Plant(genus="Plantago", species=species, sightings=1 + number % 5 + (number + 5) % 3)
    for number, species in enumerate(_PLANTAGO.split())]
OF = len(ANIMALS) + len(PLANTS)


def fill(report: Callable[[int], None] = lambda done: None) -> dict[str, int]:
    """Add the missing rows and return their number by kind; existing rows stay as they are, whoever changed them.

    :param report: called with how many of the ``OF`` rows are there
    """
    added, done = {"animals": 0, "plants": 0}, 0
    kinds: dict[str, tuple[list[Any], Any, Any]] = {
        "animals": (ANIMALS, queries.animals, queries.add_animal),
        "plants": (PLANTS, queries.plants, queries.add_plant)}
    for kind, (rows, known, add) in kinds.items():
        there = {(row.genus, row.species) for genus in {row.genus for row in rows} for page in known(genus)
                 for row in page.rows}
        for row in rows:
            if (row.genus, row.species) not in there and add(row) is None:
                added[kind] += 1
            done += 1
            report(done)
    return added
