"""Rounds: the contestants one after the other, then in the opposite order, so that a drift of the machine hits all.

Goes are short and rounds many: on a machine that others use, too, what disturbs lasts some seconds, and hits one round
of twelve instead of one of three. Each round begins with another contestant.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

import psutil

from bench import load, servers
from bench.load import Load, Request
from bench.servers import Server

# The node compiles its code while it is first asked: what is measured before looks slower than what is measured after.
WARM_UP_SECONDS = 8.0


@dataclass
class Sample:
    """One go of one contestant."""

    load: Load
    app_ms: float
    database_ms: float | None


@dataclass
class Contestant:
    """A server and what it is asked, with all that was measured."""

    name: str
    server: Server
    request: Request
    samples: list[Sample] = field(default_factory=list)

    def warm_up(self, seconds: float) -> None:
        """Load the server, and measure nothing."""
        load.run(self.server.url, self.request, seconds)

    def go(self, seconds: float, database: psutil.Process | None) -> Sample:
        """Load the server, and measure."""
        processes, nodes = self.server.processes(), [database] if database else []
        before = servers.cpu_seconds(processes), servers.cpu_seconds(nodes)
        done = load.run(self.server.url, self.request, seconds)
        app, node = servers.cpu_seconds(processes) - before[0], servers.cpu_seconds(nodes) - before[1]
        self.server.settle()
        each = 1000 / max(1, done.requests)
        return Sample(done, app * each, node * each if database else None)

    @property
    def rate(self) -> float:
        return median(sample.load.rate for sample in self.samples)

    @property
    def failed(self) -> int:
        return sum(sample.load.failed for sample in self.samples)

    def as_json(self) -> dict[str, object]:
        databases = [sample.database_ms for sample in self.samples if sample.database_ms is not None]
        return {
            "requests_per_second": round(self.rate, 1), "failed": self.failed,
            "app_cpu_ms": round(median(sample.app_ms for sample in self.samples), 3),
            "database_cpu_ms": round(median(databases), 3) if databases else None,
            "p50_ms": round(median(sample.load.p50_ms for sample in self.samples), 2),
            "p99_ms": round(median(sample.load.p99_ms for sample in self.samples), 2),
            "rates": [round(sample.load.rate, 1) for sample in self.samples]}


@dataclass(frozen=True)
class Goal:
    """A ratio of two contestants' rates, and what it must be.

    :param least: the first one's rate is at least so many times the second one's
    :param most: the first one takes at most so many times the time
    """

    first: str
    second: str
    least: float | None = None
    most: float | None = None

    def ratios(self, contestants: dict[str, Contestant]) -> list[float]:
        """Give the ratio of each round; both of its goes count."""
        first, second = (_by_round(contestants[name]) for name in (self.first, self.second))
        pairs = zip(first, second, strict=True)
        return [b / a if self.most is not None else a / b for a, b in pairs if a and b]

    def met(self, ratio: float) -> bool:
        return ratio >= self.least if self.least is not None else ratio <= (self.most or 0)

    @property
    def text(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g} (time)"


def _by_round(contestant: Contestant) -> list[float]:
    rates = [sample.load.rate for sample in contestant.samples]
    return [(rates[index] + rates[index + 1]) / 2 for index in range(0, len(rates) - 1, 2)]


@dataclass
class Case:
    """Contestants that are measured together, and the goals of their ratios."""

    title: str
    contestants: list[Contestant]
    goals: Sequence[Goal]

    def run(self, rounds: int, seconds: float, database: psutil.Process | None, say: Callable[[str], None]) -> None:
        """Warm up, then measure."""
        for each in self.contestants:
            each.warm_up(WARM_UP_SECONDS)
        for number in range(rounds):
            first = number % len(self.contestants)
            order = [*self.contestants[first:], *self.contestants[:first]]
            for each in [*order, *reversed(order)]:
                say(f"{self.title}: round {number + 1} of {rounds}, {each.name}")
                each.samples.append(each.go(seconds, database))

    def as_json(self) -> dict[str, object]:
        by_name = {each.name: each for each in self.contestants}
        goals = []
        for goal in self.goals:
            ratios = goal.ratios(by_name) or [0.0]
            goals.append({
                "of": goal.first, "against": goal.second, "ratio": round(median(ratios), 3),
                "least": round(min(ratios), 3), "most": round(max(ratios), 3), "goal": goal.text,
                "met": goal.met(median(ratios))})
        return {"title": self.title, "contestants": {each.name: each.as_json() for each in self.contestants},
                "goals": goals}
