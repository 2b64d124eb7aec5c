"""What a token may be used for with tasks; which tasks a caller may access depends on projects (`features/access`)."""

READ, WRITE = "tasks:read", "tasks:write"
SCOPES = {READ: "read tasks", WRITE: "create, change and delete tasks"}
