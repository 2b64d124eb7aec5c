"""`taskapp run` from the command to the first answer, and what all its processes hold when they are idle."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.servers import ROOT, answers
from taskapp.localnode import ports

ADDRESS = "127.0.0.31"
DEADLINE = 180
_KEPT = ("TASKAPP_CACHE_DIR", "TASKAPP_JAVA_HOME", "TASKAPP_MAVEN_REPO")
_COMMAND = [str(Path(sys.executable).with_name("taskapp")), "run"]
GOAL_SECONDS, GOAL_MEBIBYTES = 12, 900


def run(idle_seconds: float) -> dict[str, object]:
    """Start it on an empty data folder (jars and packages are there already), and again on the folder it left."""
    with tempfile.TemporaryDirectory(prefix="taskapp-bench-") as folder:
        first = _measure(Path(folder), idle=0)
        second = _measure(Path(folder), idle=idle_seconds)
    return {
        "first_seconds": first["seconds"], "second_seconds": second["seconds"],
        "second_goal": f"≤ {GOAL_SECONDS} s", "second_met": second["seconds"] <= GOAL_SECONDS,
        "idle_after_seconds": idle_seconds, "resident_mib": second["resident_mib"],
        "proportional_mib": second["proportional_mib"], "processes": second["processes"],
        "resident_goal": f"≤ {GOAL_MEBIBYTES} MiB", "resident_met": second["resident_mib"] <= GOAL_MEBIBYTES}


def _measure(folder: Path, idle: float) -> dict[str, float]:
    port = ports.find_free("127.0.0.1")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TASKAPP_") or name in _KEPT}
    environment = {**kept, "PORT": str(port), "TASKAPP_DATA_DIR": str(folder / "data"), "TASKAPP_NODE_ADDRESS": ADDRESS,
                   "TASKAPP_CASSANDRA_PORT": str(ports.find_free(ADDRESS)),
                   "TASKAPP_NODE_STORAGE_PORT": str(ports.find_free(ADDRESS))}
    begun = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = psutil.Popen(_COMMAND, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        while not answers(f"http://127.0.0.1:{port}/tasks/"):
            if process.poll() is not None or time.monotonic() - begun > DEADLINE:
                raise RuntimeError(f"taskapp run does not serve:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        seconds = time.monotonic() - begun
        # Nothing is waited for: idleness is what is measured.
        time.sleep(idle)
        return {"seconds": round(seconds, 2), **_memory(process)}
    finally:
        process.terminate()
        process.wait(60)


def _memory(process: psutil.Process) -> dict[str, float]:
    tree = [process, *process.children(recursive=True)]
    resident = sum(each.memory_info().rss for each in tree)
    # Pages that processes share count once; Linux alone tells.
    proportional = sum(getattr(each.memory_full_info(), "pss", 0) for each in tree)
    return {"resident_mib": round(resident / 2**20), "proportional_mib": round(proportional / 2**20),
            "processes": len(tree)}
