"""Whose activity a caller may see."""

from taskapp.features.users import check_sees

READ = "tasks:read"
__all__ = ["READ", "check_sees"]
