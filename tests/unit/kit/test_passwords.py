"""argon2id with OWASP's parameters, and equal work for nobody."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type

from taskapp.kit import passwords

# OWASP Password Storage Cheat Sheet: m=19456 (19 MiB), t=2, p=1.
OWASP = (Type.ID, 19_456, 2, 1)


def parameters(stored: str) -> tuple[object, ...]:
    found = extract_parameters(stored)
    return found.type, found.memory_cost, found.time_cost, found.parallelism


def test_the_parameters_are_those_of_owasp() -> None:
    assert parameters(passwords.hashed("correct horse")) == OWASP


def test_a_password_is_known_again() -> None:
    stored = passwords.hashed("correct horse")
    assert passwords.checked(stored, "correct horse") == (True, None)
    assert passwords.checked(stored, "correct horsf") == (False, None)
    assert passwords.hashed("correct horse") != stored


def test_another_hash_is_made_when_the_parameters_changed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("correct horse")
    right, anew = passwords.checked(weak, "correct horse")
    assert right
    assert anew is not None
    assert parameters(anew) == OWASP
    assert passwords.checked(weak, "wrong horse") == (False, None)


def test_nobody_costs_as_much_work_as_somebody() -> None:
    # A hash that could not be read would be refused at once.
    assert parameters(passwords._NOBODYS) == OWASP
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(passwords._NOBODYS, "anything")
    assert passwords.checked(None, "anything") == (False, None)
