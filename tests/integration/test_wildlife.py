"""The wildlife tutorial over HTTP: its rows, its routes, and what is refused (tutorials.md, 2).

Red when a sighting is counted otherwise, when the insert loses its condition (the second of two different animals would
win), or when a name is looked for as it was sent and not in NFC.
"""

import unicodedata
from typing import Any
from urllib.parse import quote

import pytest

from tests.fixtures.client import Client
from tests.fixtures.command import Command, well
from tests.fixtures.service import Service

BUTTERFLIES = ["Arthropoda", "Insecta", "Lepidoptera", "Nymphalidae"]
CARDUI = {"genus": "Vanessa", "species": "cardui", "size_cm": 5.5, "sightings": 12, "taxonomy": BUTTERFLIES,
          "image_url": "https://imgur.com/WrPsKkD"}
ATALANTA = {"genus": "Vanessa", "species": "atalanta", "size_cm": 4.8, "sightings": 43, "taxonomy": BUTTERFLIES,
            "image_url": "https://imgur.com/2fSEnt1"}
BARBIPES = {"genus": "Saitis", "species": "barbipes", "size_cm": 0.6, "sightings": 4,
            "taxonomy": ["Arthropoda", "Arachnida", "Aranea", "Salticidae"], "image_url": "https://imgur.com/coVy27e"}
# As tutorials.md has them.
PLANTAGO = """
afra africana aitchisonii alpina amplexicaulis arborescens arenaria argentea aristata asiatica aucklandica bigelovii
canescens coreana cordata coronopus cornuti cretica cynops debilis elongata erecta eriopoda erosa fernandezia fischeri
gentianoides glabrifolia grayana hawaiensis hedleyi helleri heterophylla hillebrandii himalaica holosteum hookeriana
incisa indica krajinai lagopus lanceolata lanigera leiopetala longissima macrocarpa major maritima maxima media
melanochrous moorei musicola nivalis nubicola obconica ovata pachyphylla palmata patagonica polysperma princeps purshii
pusilla psyllium raoulii rapensis remota reniformis rhodosperma rigida robusta rugelii rupicola schneideri sempervirens
sparsiflora spathulata subnuda tanalensis taqueti tenuiflora triandra triantha tweedyi virginica winteri wrightiana
"""


@pytest.fixture(scope="module", autouse=True)
def filled(service: Service, command: Command, keyspace: str) -> None:
    """Fill the tables as the tutorial's reader would."""
    well(command(keyspace, "init-wildlife", "--json"))


# -- The tutorial

def test_the_animals_of_the_tutorial(client: Client) -> None:
    assert client.get("/animal/Vanessa").ok() == [ATALANTA, CARDUI]
    assert client.get("/animal/Saitis").ok() == [BARBIPES]
    assert client.get("/animal/Vanessa/cardui").ok() == CARDUI


def test_the_plants_of_the_tutorial(client: Client) -> None:
    plants = [{"genus": "Plantago", "species": species, "sightings": 1 + number % 5 + (number + 5) % 3}
              for number, species in enumerate(PLANTAGO.split())]
    assert len(plants) == 88
    assert client.get("/plant/Plantago").ok() == sorted(plants, key=lambda plant: plant["species"])


def test_what_is_missing(client: Client) -> None:
    assert client.get("/animal/Vanessa/io").problem(404, "not_found")["detail"] == "Animal not found"
    for path in ("/animal/Nobody", "/plant/Nobody", "/plant/Vanessa", "/animal/Plantago"):
        assert client.get(path).ok() == []


def test_an_animal_is_added(client: Client) -> None:
    io = {**CARDUI, "genus": "Aglais", "species": "io", "size_cm": 5.3}
    answer = client.post("/animal", json=io)
    assert (answer.ok(201), answer.headers["Location"]) == (io, "/animal/Aglais/io")
    assert client.get(answer.headers["Location"]).ok() == io
    assert client.get("/animal/Aglais").ok() == [io]


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_is_never_needed_and_never_wrong(client: Client, slash: str) -> None:
    assert client.get(f"/animal/Vanessa{slash}").ok() == [ATALANTA, CARDUI]
    assert client.get(f"/animal/Vanessa/cardui{slash}").ok() == CARDUI
    assert len(client.get(f"/plant/Plantago{slash}").ok()) == 88
    assert client.post(f"/animal{slash}", json=CARDUI).ok(201) == CARDUI


# -- Adding

def test_the_same_animal_again_is_answered_as_the_first_time(client: Client) -> None:
    for _ in range(3):
        assert client.post("/animal", json=ATALANTA).ok(201) == ATALANTA


@pytest.mark.parametrize("other", [{"sightings": 44}, {"size_cm": 4.81}, {"size_cm": None}, {"taxonomy": []},
                                   {"taxonomy": BUTTERFLIES[::-1]}, {"image_url": None}])
def test_another_animal_of_that_name_is_refused(client: Client, other: dict[str, Any]) -> None:
    problem = client.post("/animal", json={**ATALANTA, **other}).problem(409, "differs")
    assert "Vanessa atalanta" in problem["detail"]
    assert client.get("/animal/Vanessa/atalanta").ok() == ATALANTA


def test_what_is_not_sent_is_null_or_nothing(client: Client) -> None:
    added = client.post("/animal", json={"genus": "Ateles", "species": "fusciceps"}).ok(201)
    assert added == {"genus": "Ateles", "species": "fusciceps", "image_url": None, "size_cm": None, "sightings": 0,
                     "taxonomy": []}
    assert client.get("/animal/Ateles").ok() == [added]
    assert client.post("/animal", json=added).ok(201) == added


def test_an_idempotency_key_works_as_on_every_write(client: Client) -> None:
    keyed, pavo = {"Idempotency-Key": "a-moth"}, {"genus": "Saturnia", "species": "pavonia"}
    first = client.post("/animal", json=pavo, headers=keyed)
    again = client.post("/animal", json=pavo, headers=keyed)
    assert first.ok(201) == again.ok(201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    client.post("/animal", json={**pavo, "sightings": 1}, headers=keyed).problem(422, "idempotency_mismatch")


def test_sizes_come_back_as_they_were_written(client: Client) -> None:
    # The column has four bytes; a double made of them would be 0.10000000149011612.
    for number, size in enumerate([0, 0.1, 0.3, 1.1, 33.333, 2999.99, 16777.217, 100_000]):
        animal = {"genus": "Sizes", "species": f"number {number}", "size_cm": size}
        assert client.post("/animal", json=animal).ok(201)["size_cm"] == pytest.approx(size, rel=1e-7)
        assert client.post("/animal", json=animal).ok(201)["size_cm"] == client.get(
            f"/animal/Sizes/number%20{number}").ok()["size_cm"]
    assert client.get("/animal/Sizes/number%201").ok()["size_cm"] == 0.1


BAD = [
    ({}, ["/genus", "/species"]), ({"genus": "a", "species": "b", "colour": "red"}, ["/colour"]),
    ({"genus": "", "species": "b"}, ["/genus"]), ({"genus": "a", "species": "x" * 101}, ["/species"]),
    ({"genus": "a/b", "species": "c"}, ["/genus"]), ({"genus": "..", "species": "."}, ["/genus", "/species"]),
    ({"genus": "a", "species": "b\nc"}, ["/species"]), ({"genus": 3, "species": None}, ["/genus", "/species"]),
    *(({"genus": "a", "species": "b", "size_cm": size}, ["/size_cm"]) for size in ("5", True, -0.1, 100_001, [5])),
    *(({"genus": "a", "species": "b", "sightings": seen}, ["/sightings"]) for seen in (-1, 1.0, "1", None, 2**31)),
    *(({"genus": "a", "species": "b", "image_url": url}, ["/image_url"]) for url in (
        "imgur.com/x", "ftp://imgur.com/x", "javascript:alert(1)", "http://", "http://a b", "https://\u00e9.eu/", 5,
        "https://a.eu/" + "x" * 2000)),
    *(({"genus": "a", "species": "b", "taxonomy": taxa}, ["/taxonomy"]) for taxa in ("Insecta", None, ["x"] * 17)),
    ({"genus": "a", "species": "b", "taxonomy": ["x", "", 3]}, ["/taxonomy/1", "/taxonomy/2"]),
]


@pytest.mark.parametrize(("body", "where"), BAD)
def test_bad_animals_are_refused_by_name(client: Client, body: dict[str, Any], where: list[str]) -> None:
    client.post("/animal", json=body).problem(422, "invalid", *where)
    assert client.get("/animal/a").ok() == []


@pytest.mark.parametrize("body", [b'{"genus":"a","species":"b","size_cm":1e999}', b'{"genus":"a","species":"b",'
                                  b'"size_cm":99999999999999999999999}'])
def test_numbers_beyond_all_are_refused(client: Client, body: bytes) -> None:
    client.post("/animal", body=body, headers={"Content-Type": "application/json"}).problem(422, "invalid", "/size_cm")


def test_not_a_number_is_no_json(client: Client) -> None:
    client.post("/animal", body=b'{"genus":"a","species":"b","size_cm":NaN}').problem(400, "bad_json")
    client.post("/animal", json=[CARDUI]).problem(422, "invalid")


# -- Names in paths

@pytest.mark.parametrize("name", ["\u00d7 Cupressocyparis", "a b", "50% & more?", "Stra\u00dfe;x=1", "\u5c71\u8336",
                                  "tail.", "a+b", "#1", "x" * 100])
def test_any_name_has_an_address(client: Client, name: str) -> None:
    answer = client.post("/animal", json={"genus": name, "species": name})
    added = answer.ok(201)
    assert added["genus"] == name
    assert client.get(answer.headers["Location"]).ok() == added
    assert client.get(f"/animal/{quote(name, safe='')}").ok() == [added]
    assert client.get(f"/animal/{quote(name, safe='')}/{quote(name, safe='')}").ok() == added


def test_a_name_is_found_in_either_unicode_form(client: Client) -> None:
    composed, decomposed = "Hypn\u00e9", unicodedata.normalize("NFD", "Hypn\u00e9")
    assert client.post("/animal", json={"genus": decomposed, "species": "x"}).ok(201)["genus"] == composed
    for form in (composed, decomposed):
        assert len(client.get(f"/animal/{quote(form)}").ok()) == 1
        assert client.get(f"/animal/{quote(form)}/x").ok()["genus"] == composed


def test_an_encoded_slash_is_a_slash(client: Client) -> None:
    # No name holds one, so the path means one thing only.
    assert client.get("/animal/Vanessa%2Fcardui").ok() == CARDUI
    client.get("/plant/Plantago%2Fmajor").problem(404, "not_found")


@pytest.mark.parametrize("name", ["%00", "%ff", "x" * 4000, "%F0%9F%A6%8B", "%0A", ".%2e"])
def test_names_that_nothing_can_have_are_unknown(client: Client, name: str) -> None:
    assert client.get(f"/plant/a{name}").ok() == []
    client.get(f"/animal/Vanessa/a{name}").problem(404, "not_found")


# -- What every route does

def test_reads_take_a_consistency_level(client: Client) -> None:
    for level in ("ONE", "LOCAL_QUORUM", "ALL", "SERIAL"):
        for path in ("/animal/Vanessa", "/animal/Vanessa/cardui", "/plant/Plantago"):
            assert client.get(path, headers={"Consistency-Level": level}).status == 200
    client.get("/plant/Plantago", headers={"Consistency-Level": "TWO"}).problem(400, "bad_header")


def test_what_is_not_read_is_refused(client: Client) -> None:
    client.get("/plant/Plantago", limit="5").problem(422, "invalid", "limit")
    client.get("/animal/Vanessa", headers={"If-None-Match": '"1"'}).problem(400, "bad_header")
    for method, path in (("POST", "/plant/Plantago"), ("DELETE", "/animal/Vanessa/cardui"), ("GET", "/animal")):
        client.send(method, path).problem(405, "method_not_allowed")
