"""What can be wrong with wildlife, beside what every feature has."""

from taskapp.kit.problem import Kind

PROBLEMS = {
    "differs": Kind(409, "There is one under this name already, and it differs; it was not changed."),
}
