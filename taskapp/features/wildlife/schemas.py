"""Animals and plants on the wire."""

from marshmallow import RAISE, Schema, fields
from marshmallow.validate import Range

from taskapp.kit.fields import Form, ListOf, Single, Text

MAX_NAME_LENGTH, MAX_URL_LENGTH, MAX_TAXONOMY = 100, 2_000, 16
MAX_SIZE, MAX_SIGHTINGS = 100_000, 2**31 - 1
# A name is a path segment: a slash would end it, and clients take a leading dot for a relative segment.
_NAME = Form(r"[^./\u0000-\u001f\u0085\u2028\u2029][^/\u0000-\u001f\u0085\u2028\u2029]*",
             "Must not begin with a dot, nor hold a slash or a control character.")
_URL = Form(r"https?://[A-Za-z0-9\[][!#-;=?-~]*", "Not an http or https URL of visible ASCII characters.")


def _name(description: str, example: str) -> Text:
    return Text(shortest=1, longest=MAX_NAME_LENGTH, form=_NAME, required=True,
                metadata={"description": description, "example": example})


def _sightings() -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(0, MAX_SIGHTINGS), load_default=0,
                          metadata={"description": "How often it was seen."})


class AnimalCreate(Schema):
    """An animal to add."""

    class Meta:
        """Reject unknown members."""

        unknown = RAISE

    genus = _name("With the species it names the animal.", "Vanessa")
    species = _name("The second part of the name.", "cardui")
    image_url = Text(longest=MAX_URL_LENGTH, form=_URL, allow_none=True, load_default=None,
                     metadata={"description": "A picture.", "example": "https://imgur.com/WrPsKkD"})
    size_cm = Single(least=0, most=MAX_SIZE, allow_none=True, load_default=None,
                     metadata={"description": "Centimetres, in single precision.", "example": 5.5})
    sightings = _sightings()
    taxonomy = ListOf(Text(shortest=1, longest=MAX_NAME_LENGTH, one_line=True), most=MAX_TAXONOMY, load_default=list,
                      metadata={"description": "From phylum to family.", "example": ["Arthropoda", "Insecta"]})


class AnimalSchema(AnimalCreate):
    """An animal."""


class PlantSchema(Schema):
    """A plant."""

    genus = _name("The genus that was asked for.", "Plantago")
    species = _name("The second part of the name.", "major")
    sightings = _sightings()
