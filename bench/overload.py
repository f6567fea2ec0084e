"""
Overload: more checkouts than the shop can do, with its gate and without, in turn.

The crowd comes at one, two and four times the rate of a closed loop, and does not slow down for
being kept waiting. Of what is answered only that is good which comes within a second: after that a
buyer has pressed the button again. A few others ask all the time, before and after as well, which
tells when the shop is itself again.
"""

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from app.core.gate import Gate, rules
from bench.client import Sent, per_second, percentile, spread
from bench.house import PLENTY, House, Web, house
from bench.invariants import breaches
from bench.measure import CONNECTIONS, Measure, Plan, Section
from bench.storefront import availability

OK, CREATED, SHED = HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE
LOADS = (1, 2, 4)
GOOD_MS = 1_000
# People who ask at once; more than that wait in front of the door, and their waits are counted.
CROWD = 900
OTHERS_A_SECOND = 20
OTHERS_BEFORE_SECONDS, OTHERS_AFTER_SECONDS = 1.0, 4.0
# How many times the usual time a request may take, and how many in a row show the shop itself.
USUAL = 5
IN_A_ROW = 10
MOST_WRITES, MOST_READS = 4_000, 12_000
TURNS, TURN_SECONDS = 20, 0.5
CALLS = 2_000


@dataclass
class _Side:
    """One way to serve, and what was measured of it."""

    name: str
    web: Web
    goods: dict[int, Measure] = field(default_factory=dict)
    shed: dict[int, list[float]] = field(default_factory=dict)
    told_after_ms: dict[int, list[float]] = field(default_factory=dict)
    normal_after: dict[int, list[float]] = field(default_factory=dict)


def measure(plan: Plan) -> Section:
    """Measure both, side by side; waits in milliseconds, of what is taken and good."""
    section = Section("overload")
    with house() as shop, _sides(shop) as sides:
        skus = shop.stock("BENCH", 200, PLENTY)
        for side in sides:
            shop.warm_up(side.web, skus)
        cost = _Cost(shop, skus, sides)
        for _ in range(plan.rounds):
            shop.renew()
            cost.round(plan)
            rate = _capacity(shop, sides[0].web, skus, plan)
            for load in LOADS:
                for side in sides:
                    _flood(shop, side, skus, plan, load=load, capacity=rate)
        for side in sides:
            _tell(section, side)
        cost.tell(section)
        section.breaches += breaches(shop, skus)
    return section


@contextmanager
def _sides(shop: House) -> Iterator[list[_Side]]:
    with ExitStack() as open_:
        yield [
            _Side("gate", open_.enter_context(shop.serving())),
            _Side(
                "no gate, 64 threads",
                open_.enter_context(shop.serving("bench.ungated:app", threads=64)),
            ),
            _Side(
                "no gate, 4 threads",
                open_.enter_context(shop.serving("bench.ungated:app", threads=4)),
            ),
        ]


def _capacity(shop: House, web: Web, skus: Sequence[str], plan: Plan) -> float:
    wanted = shop.checkouts(int(plan.seconds * MOST_WRITES), skus)
    sent = spread(web.port, wanted, connections=CONNECTIONS, seconds=plan.seconds)
    return sum(one.status == CREATED for one in sent) / plan.seconds


def _flood(
    shop: House, side: _Side, skus: Sequence[str], plan: Plan, *, load: int, capacity: float
) -> None:
    """Send the crowd for as long as a round is, and the others beside it."""
    rate, seconds = capacity * load, plan.seconds
    crowd = shop.checkouts(int(rate * seconds), skus)
    lasting = OTHERS_BEFORE_SECONDS + seconds + OTHERS_AFTER_SECONDS
    others = shop.checkouts(int(OTHERS_A_SECOND * lasting), skus)
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(spread, side.web.port, others, connections=100, rate=OTHERS_A_SECOND)
        time.sleep(OTHERS_BEFORE_SECONDS)
        sent = spread(side.web.port, crowd, connections=CROWD, rate=rate)
        asked = beside.result()
    good = [one.wait_ms for one in sent if one.status == CREATED and one.wait_ms <= GOOD_MS]
    taken = sorted(one.wait_ms for one in sent if one.status == CREATED)
    shed = sorted(one.wait_ms for one in sent if one.status == SHED)
    noted = side.goods.setdefault(load, Measure(f"{side.name}, {load} times"))
    noted.note_rate(len(good) / seconds, taken, errors=len(sent) - len(taken) - len(shed))
    noted.beside(capacity=capacity)
    side.shed.setdefault(load, []).append(100 * len(shed) / len(sent))
    if shed:
        side.told_after_ms.setdefault(load, []).append(percentile(shed, 99))
    over = max(one.due for one in sent)
    side.normal_after.setdefault(load, []).append(_normal_after(asked, over))


def _normal_after(asked: Sequence[Sent], over: float) -> float:
    """Tell how long after the crowd the others were answered as before it, several in a row."""
    ordered = sorted(asked)
    before = ordered[0].due + OTHERS_BEFORE_SECONDS * 0.8
    usual = statistics.median(one.wait_ms for one in ordered if one.due < before)
    later = [one for one in ordered if one.due >= over]
    in_a_row = 0
    for one in later:
        is_usual = one.status == CREATED and one.wait_ms <= USUAL * usual
        in_a_row = in_a_row + 1 if is_usual else 0
        if in_a_row == IN_A_ROW:
            return later[later.index(one) - IN_A_ROW + 1].due - over
    return OTHERS_AFTER_SECONDS


def _tell(section: Section, side: _Side) -> None:
    section.take(*side.goods.values())
    for load in LOADS:
        name = f"{side.name}, {load} times"
        section.tell(f"{name}: told to come back", side.shed[load], "%")
        if load in side.told_after_ms:
            section.tell(f"{name}: 99 in 100 told within", side.told_after_ms[load], "ms")
        section.tell(f"{name}: itself again after", side.normal_after[load], "s")
    errors = sum(measure.errors for measure in side.goods.values())
    if side.name == "gate" and errors:
        section.breaches.append(f"{errors} answers beside 201 and 503 with the gate")


class _Cost:
    """What the gate costs a request that finds a place: the same with and without it, in turn."""

    def __init__(self, shop: House, skus: Sequence[str], sides: Sequence[_Side]) -> None:
        self.shop, self.skus, self.sides = shop, skus, sides[:2]
        self.read = Measure("availability of the same 50, with the gate")
        self.checkout = Measure("checkout, with the gate")

    def round(self, plan: Plan) -> None:
        """Measure both in short turns, since a machine that drifts drifts within a second."""
        looks = [availability(self.skus[:50])] * int(TURN_SECONDS * MOST_READS)
        for turn in range(plan.of(TURNS, 4)):
            sides = self.sides[:: -1 if turn % 2 else 1]
            rates = {side.name: self._rate(side, looks) for side in sides}
            self._note(self.read, rates)
            count = int(TURN_SECONDS * MOST_WRITES)
            rates = {side.name: self._rate(side, self._checkouts(count)) for side in sides}
            self._note(self.checkout, rates)

    def tell(self, section: Section) -> None:
        section.take(self.read, self.checkout)
        section.tell("the gate alone", *_alone(0))
        section.tell("telling somebody to come back", *_alone(1))

    def _checkouts(self, count: int) -> list[bytes]:
        return self.shop.checkouts(count, self.skus)

    def _rate(self, side: _Side, requests: Sequence[bytes]) -> float:
        # As many as the gate lets in at once, so that nobody waits.
        sent = spread(side.web.port, requests, connections=4, seconds=TURN_SECONDS)
        return per_second([one for one in sent if one.status in {OK, CREATED}])

    def _note(self, measure: Measure, rates: dict[str, float]) -> None:
        measure.note_rate(rates[self.sides[0].name])
        measure.beside(without=rates[self.sides[1].name])


def _alone(places_taken: int) -> tuple[float, str, str]:
    """Time the gate in this process, around an app that does nothing; it has one place."""
    lanes = rules(1, 0, 1.0)
    gate = Gate(_nothing, lanes)
    taken = [gate({}, _ignored) for _ in range(places_taken)]
    with_it = _microseconds(gate)
    without = 0.0 if places_taken else _microseconds(_nothing)
    for one in taken:
        one.close()  # type: ignore[attr-defined]
    return with_it - without, "us", "a request, in one thread"


def _microseconds(app: WSGIApplication) -> float:
    best = float("inf")
    for _ in range(TURNS):
        begun = time.perf_counter()
        for _ in range(CALLS):
            answer = app({}, _ignored)
            list(answer)
            getattr(answer, "close", tuple)()
        best = min(best, time.perf_counter() - begun)
    return best / CALLS * 1e6


def _nothing(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b""]


def _ignored(*_: Any) -> Any:
    return None
