"""The Grafana dashboard and the alerts ask for metrics and labels that the service really shows."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.client import Client
from tests.fixtures.metrics import samples
from tests.fixtures.replicas import too_few_replicas
from tests.fixtures.service import ROOT, NewService

FOLDER = ROOT / "deploy" / "grafana"
Shown = dict[str, set[str]]
# What Prometheus adds to each sample.
OF_THE_SCRAPE = {"instance", "job"}
# What is no metric where a name may stand.
WORDS = {"sum", "min", "max", "by", "rate", "increase", "deriv", "histogram_quantile", "label_values"}
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?")
MATCHER = re.compile(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


@pytest.fixture(scope="module")
def shown(new_service: NewService, session: Any, new_keyspace: Callable[[], str]) -> Shown:
    """The names that a service shows after requests of each kind, well and ill, each with its labels."""
    keyspace = new_keyspace()
    client = Client(new_service(TASKAPP_CASSANDRA_KEYSPACE=keyspace, TASKAPP_SWEEP_INTERVAL=0).url)
    path = f"/tasks/{uuid.uuid4()}"
    once = {"If-None-Match": "*"}
    assert [client.put(path, json={"title": "x"}, headers=once).status for _ in range(2)] == [201, 412]
    with too_few_replicas(session, keyspace):
        client.get(path).problem(503)
    found: Shown = {}
    for name, labels in samples(client):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    client.close()
    return found


def unknown(query: str, shown: Shown, legend: str = "") -> list[str]:
    """List the metrics and labels of a query that nobody shows."""
    bare = re.sub(r'"[^"]*"', '""', re.sub(r"\[[^\]]*\]", "", query))
    grouped = {each.strip() for labels in GROUPED.findall(bare) for each in labels.split(",")}
    named = [(name, labels) for name, labels in SELECTOR.findall(GROUPED.sub("", bare)) if name not in WORDS]
    wrong = [name for name, _ in named if name not in shown]
    known = OF_THE_SCRAPE.union(*(shown.get(name, set()) for name, _ in named))
    wrong += [label for name, labels in named if name in shown for label in MATCHER.findall(labels)
              if label not in shown[name] | OF_THE_SCRAPE]
    return wrong + sorted(label for label in grouped | set(re.findall(r"\{\{(\w+)\}\}", legend)) if label not in known)


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "taskapp.json").read_text())
    return found


def targets() -> list[dict[str, Any]]:
    return [target for panel in dashboard()["panels"] for target in panel.get("targets", ())]


def alerts() -> list[str]:
    return re.findall(r"^ +expr: (.+)$", (FOLDER / "alerts.yaml").read_text(), re.MULTILINE)


def test_every_query_of_the_dashboard_has_an_answer(shown: Shown) -> None:
    wrong = {target["expr"]: found for target in targets()
             if (found := unknown(target["expr"], shown, target["legendFormat"]))}
    assert wrong == {}
    assert len(targets()) > 15


def test_every_alert_has_an_answer(shown: Shown) -> None:
    assert {query: found for query in alerts() if (found := unknown(query, shown))} == {}
    assert len(alerts()) > 5


def test_the_choices_of_the_dashboard_have_an_answer(shown: Shown) -> None:
    queries = [each["definition"] for each in dashboard()["templating"]["list"] if each["type"] == "query"]
    for query in queries:
        (name, label), = re.findall(r"^label_values\((\w+), (\w+)\)$", query)
        assert label in shown[name] | OF_THE_SCRAPE
    assert queries


def test_every_metric_of_the_service_is_on_the_dashboard(shown: Shown) -> None:
    queries = " ".join(target["expr"] for target in targets())
    metrics = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown if name.startswith("taskapp_")}
    assert sorted(name for name in metrics if name not in queries) == []


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [(panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y) for panel in panels
             for x in range(panel["gridPos"]["w"]) for y in range(panel["gridPos"]["h"])]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize(("query", "legend", "wrong"), [
    ("rate(taskapp_request_total[5m])", "", ["taskapp_request_total"]),
    ("rate(taskapp_request_seconds_total[5m])", "", ["taskapp_request_seconds_total"]),
    ('taskapp_requests_total{state="200"}', "", ["state"]),
    ("sum by (path) (taskapp_requests_total)", "", ["path"]),
    ("sum by (le) (taskapp_requests_total)", "", ["le"]),
    ("taskapp_connections", "{{route}}", ["route"]),
    ('sum by (le, route) (rate(taskapp_request_seconds_bucket{route=~"$route"}[5m]))', "{{route}}", [])])
def test_control_a_wrong_name_is_seen(shown: Shown, query: str, legend: str, wrong: list[str]) -> None:
    assert unknown(query, shown, legend) == wrong
