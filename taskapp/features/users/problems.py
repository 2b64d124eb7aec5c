"""The errors of users, beyond those that every feature has."""

from taskapp.kit.problem import Kind

PROBLEMS = {
    "registration_closed": Kind(403, "Only administrators can add users here."),
    "forbidden": Kind(403, "The caller may know the user's name, but nothing else, and change nothing."),
    "wrong_password": Kind(403, "The current password is incorrect."),
    "email_taken": Kind(409, "This e-mail address is already in use."),
    "not_stored": Kind(409, "The user of open mode is built in: it cannot be changed and has no tokens."),
}
