"""The errors of wildlife, beyond those that every feature has."""

from taskapp.kit.problem import Kind

PROBLEMS = {
    "differs": Kind(409, "It already exists with different values; it was not changed."),
}
