"""Tables and types on the nodes: made, changed and checked; numbered migrations."""
