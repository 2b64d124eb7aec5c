"""Tables and types on the nodes: created, changed and checked; numbered migrations."""
