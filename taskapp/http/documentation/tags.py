"""What each group of routes is for, in the order in which they are shown."""

TAGS = {
    "tasks": "Tasks, their trash and their history.",
    "users": "Users and what they did.",
    "tokens": "Logging in, and further tokens for other clients.",
    "wildlife": "Animals and plants, as in the streaming tutorial.",
    "health": "For operators: liveness, readiness and metrics.",
    "documentation": "This document, the page that shows it, and the meaning of each problem code.",
    "welcome": "The root and the web page.",
}
