#!/usr/bin/env bash
# Write the hash-locked requirement files anew from pyproject.toml (`make lock`). No file names a registry.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
compile() { "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --no-annotate --no-header --no-config "$@"; }
extra() { .venv/bin/python -c "import sys, tomllib
for line in tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies'][sys.argv[1]]: print(line)" "$1"; }
# setuptools builds the editable install without a download of its own.
echo 'setuptools>=80' | compile pyproject.toml - -o requirements/service.txt
for name in node java dev; do
  extra "$name" | compile - -c requirements/service.txt -o "requirements/$name.txt"
done
# It is installed beside the development packages.
extra bench | compile - -c requirements/service.txt -c requirements/dev.txt -o requirements/bench.txt
