"""Which certificates are for which host."""

import pytest

from taskapp.cassandra.reach.proxy import names


def certificate(*alternatives: tuple[str, str]) -> dict[str, object]:
    return {"subject": ((("commonName", "in.the.subject"),),), "subjectAltName": alternatives}


@pytest.mark.parametrize(("alternative", "host"), [
    (("DNS", "db.example"), "db.example"), (("DNS", "DB.example"), "db.EXAMPLE"),
    (("DNS", "db.example"), "db.example."),
    (("DNS", "*.db.example"), "one.db.example"), (("IP Address", "127.0.0.1"), "127.0.0.1")])
def test_it_is_for_the_host(alternative: tuple[str, str], host: str) -> None:
    assert names(certificate(("DNS", "other"), alternative), host)


@pytest.mark.parametrize(("alternative", "host"), [
    (("DNS", "db.example"), "other.example"), (("DNS", "*.db.example"), "db.example"),
    (("DNS", "*.db.example"), "a.b.db.example"), (("DNS", "*"), "db"), (("DNS", "*.example"), "db.other"),
    (("DNS", "127.0.0.1"), "127.0.0.2"), (("IP Address", "127.0.0.1"), "127.0.0.11"),
    (("email", "db.example"), "db.example"), (("DNS", "other"), "in.the.subject")])
def test_it_is_for_another(alternative: tuple[str, str], host: str) -> None:
    assert not names(certificate(alternative), host)


def test_one_without_names_is_for_nobody() -> None:
    assert not names({}, "db.example")
