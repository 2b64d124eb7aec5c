"""What the tests need is said at once, by any Python: a machine with nothing but it, simulated by an empty PATH."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import stream_module

ROOT = Path(__file__).parents[2]


def lacking(tmp_path: Path, *commands: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Ask on a machine that has these commands, no browser, and no network to get one by."""
    for name in commands:
        (tmp_path / name).symlink_to(shutil.which(name) or "")
    # -S: without the packages that are installed here.
    return subprocess.run([sys.executable, "-S", "-m", "tests.needs"], cwd=ROOT, text=True, capture_output=True,
                          check=False, timeout=20, env={
                              "PATH": str(tmp_path), "HOME": str(tmp_path),
                              "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9", **environment})


def test_what_cannot_be_had_is_said_with_the_command_that_gets_it(tmp_path: Path) -> None:
    done = lacking(tmp_path)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert ["apt install git" in line for line in lines].count(True) == 1
    assert ["apt install chromium" in line for line in lines].count(True) == 1
    assert "ALLOW_SKIPS=1" in lines[-1]


def test_who_allows_skips_goes_on(tmp_path: Path) -> None:
    done = lacking(tmp_path, "git", ALLOW_SKIPS="1")
    assert done.returncode == 0
    assert "a browser" in done.stderr
    assert "git" not in done.stderr


@pytest.mark.parametrize("where", ["system", "playwright"])
def test_a_browser_that_is_there_needs_no_network(where: str, tmp_path: Path) -> None:
    if where == "system":
        (tmp_path / "chromium").touch(0o755)
    else:
        (tmp_path / "browsers" / "chromium_headless_shell-1").mkdir(parents=True)
    done = lacking(tmp_path, "git", PLAYWRIGHT_BROWSERS_PATH=str(tmp_path / "browsers"))
    assert "browser" not in done.stderr


def test_an_nginx_without_its_stream_module_is_seen(tmp_path: Path) -> None:
    def built(*options: str) -> str | None:
        program = tmp_path / "nginx"
        program.write_text(f"#!/bin/sh\necho configure arguments: {' '.join(options)} >&2\n")
        program.chmod(0o755)
        return stream_module(str(program))

    preread, dynamic = "--with-stream_ssl_preread_module", "--with-stream=dynamic"
    module = tmp_path / "ngx_stream_module.so"
    assert built("--with-stream") is None
    assert built("--with-stream", preread) == ""
    assert built(dynamic, preread, f"--modules-path={tmp_path}") is None
    module.touch()
    assert built(dynamic, preread, f"--modules-path={tmp_path}") == f"load_module {module};"
