"""Animals and plants in the API description."""

_ANIMAL = {"genus": "Vanessa", "species": "cardui", "image_url": "https://imgur.com/WrPsKkD", "size_cm": 5.5,
           "sightings": 12, "taxonomy": ["Arthropoda", "Insecta", "Lepidoptera", "Nymphalidae"]}
TAGS = {"wildlife": "Animals and plants, as in the streaming tutorial."}
EXAMPLES = {"AnimalCreate": _ANIMAL, "Animal": _ANIMAL,
            "Plant": {"genus": "Plantago", "species": "major", "sightings": 3}}
