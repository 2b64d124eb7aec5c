"""Tables and their number go together: whoever changes a model or adds a migration writes down both."""

from taskapp import schema


def test_the_fingerprint_is_that_of_the_number() -> None:
    assert schema.current().fingerprint == schema.FINGERPRINT, (
        "the tables changed: raise VERSION in taskapp/schema.py, and set FINGERPRINT to "
        f"{schema.current().fingerprint!r}")


def test_no_two_tables_share_a_name() -> None:
    names = [model.__table_name__ for model in schema.current().tables]
    assert len(names) == len(set(names))


def test_every_table_says_which_question_it_answers() -> None:
    for model in schema.current().tables:
        assert "?" in (model.__doc__ or ""), model.__name__
