"""What a member of a project can be."""

VIEWER, EDITOR, ADMIN = ROLES = ("viewer", "editor", "admin")
