"""nginx with the configuration that is deployed; only the lines marked `site:` are another site's."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import urllib3

from taskapp.localnode import ports
from tests.fixtures.missing import missing
from tests.fixtures.service import ROOT, until

CONFIGURATION = ROOT / "deploy" / "nginx.conf"


class Nginx:
    """One nginx on a free port, in front of services on others.

    :param read_timeout: seconds that an instance may take to answer
    """

    def __init__(self, folder: Path, instances: list[int], max_conns: int, read_timeout: int) -> None:
        self._folder, self._port = folder, ports.find_free("127.0.0.1")
        self._file = folder / "nginx.conf"
        self._file.write_text(instantiate(CONFIGURATION.read_text(), folder, self._port, instances, max_conns,
                                          read_timeout))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if program is None:
            missing("no nginx")
        directives = f"daemon off; pid {self._folder}/nginx.pid;" + (" user root root;" if os.geteuid() == 0 else "")
        command = [program, "-p", str(self._folder), "-c", str(self._file), "-g", directives]
        with (self._folder / "start.log").open("wb") as output:
            self._process = subprocess.Popen(command, stderr=output)
        until(self._answers, 10, lambda: f"nginx does not answer: {(self._folder / 'start.log').read_text()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "start.log").read_text()
        try:
            return urllib3.request("TRACE", self.url, retries=False, timeout=2).status == 405
        except urllib3.exceptions.HTTPError:
            return False


def logged(folder: Path, request_id: str) -> dict[str, Any]:
    """Read what the access log says of a request; it is written after the answer."""
    def find() -> list[dict[str, Any]]:
        lines = (folder / "access.log").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["request_id"] == request_id]

    found: dict[str, Any] = until(find, 10, f"{request_id} is not in the log")[0]
    return found


def instantiate(text: str, folder: Path, port: int, instances: list[int], max_conns: int, read_timeout: int) -> str:
    """Give a site's own lines the values of this one."""
    server = re.search(r"server 127\.0\.0\.1:8000 max_conns=32 (.*);  # site: instances", text)
    assert server is not None
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    servers = "\n".join(f"server 127.0.0.1:{each} max_conns={max_conns} {server[1]};" for each in instances)
    for old, new in [
        (server[0], servers),
        ("listen 127.0.0.1:8080;", f"listen 127.0.0.1:{port};"),
        ("error_log /var/log/nginx/error.log", f"error_log {folder}/error.log"),
        ("access_log /var/log/nginx/access.log", f"access_log {folder}/access.log"),
        ("http {\n", "http {\n" + temporary),
        ("proxy_read_timeout 15s;  #", f"proxy_read_timeout {read_timeout}s;  #"),
    ]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text
