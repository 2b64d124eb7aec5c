"""Passwords: argon2id, with the parameters that OWASP recommends.

Password Storage Cheat Sheet (2025): 19 MiB of memory, two passes, one lane. A hash costs some 25 ms of one core.
"""

import hashlib

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

MIN_LENGTH, MAX_LENGTH = 8, 128
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# The hash of a password that nobody has: an unknown e-mail costs as much work as a known one.
_NOBODYS = ("$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IG9mIG91cnM$"
            "1Mh9D5FpVqFOgGHNXOMUMBr1fR3WQFxy0vNjyqHVvGk")


def hashed(password: str) -> str:
    """Hash a password with a salt of its own."""
    return _HASHER.hash(password)


def checked(stored: str | None, password: str) -> tuple[bool, str | None]:
    """Return whether a password is the one that was hashed, and a new hash if the parameters have changed since.

    :param stored: None for a user that does not exist, which takes as long
    """
    try:
        _HASHER.verify(stored or _NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return False, None
    if stored is None:
        return False, None
    return True, _HASHER.hash(password) if _HASHER.check_needs_rehash(stored) else None


def fingerprint(secret: bytes, salt: bytes) -> bytes:
    """Hash a secret as slowly as a password, but deterministically, to recognize it when it is sent again."""
    return hash_secret_raw(secret, hashlib.sha256(salt).digest()[:16], time_cost=_HASHER.time_cost,
                           memory_cost=_HASHER.memory_cost, parallelism=1, hash_len=32, type=Type.ID)
