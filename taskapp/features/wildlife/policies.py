"""Who may do what with wildlife: it belongs to nobody, so whoever may read or write tasks may do so with all of it."""

READ, WRITE = "tasks:read", "tasks:write"
