"""The node's configuration keeps the product's promise."""

import json
from itertools import pairwise
from pathlib import Path

from taskapp.localnode import configuration, jvm


def test_an_acknowledged_write_is_on_the_disk(tmp_path: Path) -> None:
    yaml = configuration.yaml(tmp_path, "127.0.0.9", 9142, 7100)
    assert yaml["commitlog_sync"] == "batch"
    assert yaml["paxos_variant"] == "v2"
    assert (yaml["native_transport_port"], yaml["storage_port"]) == (9142, 7100)
    assert yaml["listen_address"] == yaml["rpc_address"] == "127.0.0.9"
    assert yaml["seed_provider"][0]["parameters"] == [{"seeds": "127.0.0.9"}]


def test_every_folder_is_inside_the_nodes(tmp_path: Path) -> None:
    yaml = configuration.yaml(tmp_path, "127.0.0.9", 9142, 7100)
    folders = [value for name, value in yaml.items() if name.endswith("_directory")] + yaml["data_file_directories"]
    assert len(folders) == 5
    assert all(Path(folder).parent == tmp_path for folder in folders)


def test_the_file_is_json(tmp_path: Path) -> None:
    configuration.write(tmp_path, {"num_tokens": 1})
    assert json.loads((tmp_path / "cassandra.yaml").read_text()) == {"num_tokens": 1}
    assert f"<file>{tmp_path}/node.log</file>" in (tmp_path / "logback.xml").read_text()


def test_tokens_divide_the_ring() -> None:
    tokens = [configuration.token(index, 3) for index in range(3)]
    assert tokens[0] == -2**63
    assert {(after - before) // 10 for before, after in pairwise(tokens)} == {2**64 // 30}


def test_a_given_property_wins(tmp_path: Path) -> None:
    command = jvm.command(Path("java"), [Path("a.jar"), Path("b.jar")], tmp_path, "300m",
                          {"cassandra.ring_delay_ms": "5000"})
    assert command[:2] == ["java", "-Xmx300m"]
    assert "-Dcassandra.ring_delay_ms=5000" in command
    assert "-Dcassandra.ring_delay_ms=1000" not in command
    assert command[-3:] == ["-cp", "a.jar:b.jar", "org.apache.cassandra.service.CassandraDaemon"]
