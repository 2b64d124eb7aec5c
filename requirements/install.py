"""Install a lock file, and show how far it is: ``python requirements/install.py requirements/service.txt``."""

import re
import subprocess
import sys
from pathlib import Path

PIP = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-color", "--progress-bar", "off",
       "--require-hashes", "--requirement"]


def main(lock: str) -> int:
    """Return the exit code of pip; all that it said is shown when it failed."""
    every = len(re.findall("^[^ #]", Path(lock).read_text(), re.MULTILINE))
    process = subprocess.Popen([*PIP, lock], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    found = 0
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if match := re.match(r"(Collecting|Requirement already satisfied:) (\S+)", line):
            found += 1
            show(f"{found} of {every}: {match[2]}")
        elif match := re.match(r" +Downloading (\S+) (.*)", line):
            show(f"{found} of {every}: downloading {match[1].rpartition('/')[2]} {match[2]}")
        elif line.startswith("Installing collected packages"):
            show(f"unpacking {line.count(',') + 1}")
    show("")
    if process.wait():
        sys.stderr.write("".join(said))
    return process.returncode


def show(text: str) -> None:
    """Write over the line before, on a terminal."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\x1b[K  {text}" if text else "\r\x1b[K")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
