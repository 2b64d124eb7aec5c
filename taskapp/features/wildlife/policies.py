"""Who may do what with wildlife: it has no owner, so anyone who may read or write tasks may do so with all of it."""

READ, WRITE = "tasks:read", "tasks:write"
