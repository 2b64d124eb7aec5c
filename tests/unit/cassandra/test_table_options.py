"""Which table options go where."""

from taskapp import schema
from taskapp.cassandra.schema.options import ASTRA_CHOOSES, for_astra
from taskapp.cassandra.schema.reload import create_text


def options(text: str) -> set[str]:
    return {name for name in ASTRA_CHOOSES if f"{name} = " in text}


def test_astra_is_sent_no_option_that_it_chooses() -> None:
    assert {model.__table_name__: options(create_text(for_astra(model), "ks")) for model in schema.current().tables
            if options(create_text(for_astra(model), "ks"))} == {}


def test_control_other_places_are() -> None:
    assert all("speculative_retry" in options(create_text(model, "ks")) for model in schema.current().tables)


def test_what_astra_takes_stays() -> None:
    here = [create_text(model, "ks") for model in schema.current().tables]
    there = [create_text(for_astra(model), "ks") for model in schema.current().tables]
    for word in ("default_time_to_live", "CLUSTERING ORDER", " static"):
        assert sum(word in text for text in there) == sum(word in text for text in here) > 0
