"""What `taskapp run` prints for a newcomer can be pasted, and works the way the service runs."""

import pytest

from taskapp.cli.run import first_lines
from taskapp.settings import Settings

URL = "http://localhost:8001"


@pytest.mark.parametrize(("given", "paths"), [
    ({"auth": "open"}, ["/tasks/"]),
    ({"auth": "token"}, ["/users/", "/tokens/", "/tasks/"]),
    ({"auth": "token", "registration": "closed"}, ["/tokens/", "/tasks/"]),
])
def test_the_lines_are_those_of_the_mode(given: dict[str, str], paths: list[str]) -> None:
    text = first_lines(Settings(**given), URL)
    assert [line.split(URL)[1].split('"')[0] for line in text.splitlines() if URL in line] == paths
    assert ("Authorization" in text) == (given["auth"] == "token")
    assert "{{" not in text
