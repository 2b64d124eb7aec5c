"""What a token may be used for with tasks; whose tasks they are is told by projects (`features/access`)."""

READ, WRITE = "tasks:read", "tasks:write"
SCOPES = {READ: "read tasks", WRITE: "create, change and delete tasks"}
