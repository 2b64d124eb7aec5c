"""What is compared with what, and the goals of the ratios."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from urllib.parse import quote
from urllib.request import urlopen

from bench import floor, place, seed, servers, stream
from bench.load import Request
from bench.rounds import Case, Contestant, Goal
from bench.servers import Server
from taskapp.settings import Settings

KEYSPACE = "taskapp_bench"
SMALL, LARGE = 1_000, 100_000
NAMES = ("get", "list", "post", "pages", "stream")
Run = Callable[[Case], None]


def run_all(only: tuple[str, ...], run: Run, large: int = LARGE, plants: int = stream.PLANTS, auth: str = "open"
            ) -> None:
    """Run the cases that are asked for.

    :param auth: how the service of the cases of one request runs
    """
    if {"get", "list", "post"} & set(only):
        with _contestants(auth) as (running, ids, token):
            for case in _single(running, ids, only, token):
                run(case)
    if "pages" in only:
        for case in _pages(large):
            with case as made:
                run(made)
    if "stream" in only:
        with stream.case(plants) as made:
            run(made)


@contextmanager
def _contestants(auth: str) -> Iterator[tuple[dict[str, Server], dict[str, str], str]]:
    settings = Settings.from_env()
    keyspaces = {name: f"{KEYSPACE}_{name}" for name in ("service", "floor", "tutorial")}
    session = floor.connect("system")
    session.execute(f"DROP KEYSPACE IF EXISTS {keyspaces['service']}", timeout=60)
    ids = {name: str(seed.small(session, keyspaces[name], of_floor=name == "floor")) for name in ("floor", "tutorial")}
    session.cluster.shutdown()
    with ExitStack() as stack:
        running = {each.name: stack.enter_context(each) for each in (
            servers.service("service", keyspaces["service"], auth),
            servers.floor(keyspaces["floor"], settings.workers, settings.threads),
            servers.tutorial("tutorial, one session", "one_session", keyspaces["tutorial"]),
            servers.tutorial("tutorial, as published", "as_published", keyspaces["tutorial"]))}
        token = seed.user(running["service"].url) if auth == "token" else ""
        ids["service"] = seed.through_the_service(running["service"].url, token)
        yield running, ids, token


def _single(running: dict[str, Server], ids: dict[str, str], only: tuple[str, ...], token: str) -> Iterator[Case]:
    def contestants(request: Callable[[str], Request], *names: str) -> list[Contestant]:
        asked = {name: request(ids[name.split(",")[0]]) for name in names}
        return [Contestant(name, running[name], replace(asked[name], token=token if name == "service" else ""))
                for name in names]

    shared, published = "tutorial, one session", "tutorial, as published"
    if "get" in only:
        yield Case("GET one task", contestants(lambda id_: Request(f"/tasks/{id_}"), "service", "floor", shared,
                                               published),
                   [Goal("service", "floor", least=0.75), Goal("service", shared, least=1.7),
                    Goal("service", published, least=25)])
    if "list" in only:
        yield Case("list of 50", contestants(lambda _: Request("/tasks/"), "service", "floor", shared),
                   [Goal("service", "floor", least=0.70), Goal("service", shared, least=1.1)])
    if "post" in only:
        # The tutorial's plain insert promises nothing; it stands beside the others without a goal.
        yield Case("POST a task", contestants(lambda _: Request("/tasks/", seed.BODY), "service", "floor", shared),
                   [Goal("service", "floor", least=0.6)])


def _pages(large: int) -> list["contextmanager[Case]"]:
    return [_page(title, sort, large) for title, sort in
            (("page of 50, by creation", "-created_at"), ("page of 50, by due date", "due_date"))]


@contextmanager
def _page(title: str, sort: str, large: int) -> Iterator[Case]:
    with ExitStack() as stack:
        made = []
        for size in (SMALL, large):
            keyspace = f"{KEYSPACE}_{size}"
            server = stack.enter_context(servers.service(f"{size:,}", keyspace))
            seed.project(keyspace, size)
            for place_, cursor in (("first", ""), ("deep", _halfway(server.url, sort, size))):
                path = f"/tasks/?sort={sort}" + (f"&cursor={quote(cursor)}" if cursor else "")
                made.append(Contestant(f"{place_} of {size:,}", server, Request(path)))
        goals = [Goal(f"{place_} of {large:,}", f"{place_} of {SMALL:,}", most=1.2) for place_ in ("first", "deep")]
        yield Case(title, made, goals)


def _halfway(url: str, sort: str, size: int) -> str:
    """Walk to the middle of a project; return the cursor there."""
    step, cursor = min(200, size // 2), ""
    for _ in range(size // 2 // step):
        target = f"{url}/tasks/?sort={sort}&limit={step}" + (f"&cursor={quote(cursor)}" if cursor else "")
        with urlopen(target, timeout=10) as answer:
            cursor = answer.headers["Next-Cursor"]
    return cursor


def keyspaces_kept() -> str:
    """Name what stays in the database for the next run."""
    return f"{KEYSPACE}_{SMALL}, {KEYSPACE}_{LARGE} at {', '.join(place.contact_points())}"
