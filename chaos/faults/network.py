"""Every link of the shop: reset, refused, cut one way or both, slow, torn in the middle."""

from random import Random

from chaos.faults.base import Fault, cell
from chaos.house import Shop
from chaos.proxy import CLEAR, DOWN, UP, Weather

# Over these seldom goes anything: a refund, a question, a queue that is woken.
_MET_WITHIN_SECONDS = {"workers>gateway": 12.0, "web>queue-redis": 8.0}


class BadWeather(Fault):
    """A link has another weather for a while."""

    def __init__(self, shop: Shop, random: Random, link: str, weather: Weather) -> None:
        """Take the link and what it does."""
        super().__init__(shop, random)
        self.link, self.weather = link, weather
        self.met_within_seconds = _MET_WITHIN_SECONDS.get(link, 5.0)

    def watch(self) -> None:
        """Remember what the link has counted."""
        self.before = self.shop.links[self.link].bitten

    def inject(self) -> None:
        """Change it."""
        self.shop.links.set(self.link, self.weather)
        if self.weather.refuses:
            self.shop.links.reset(self.link)

    def heal(self) -> None:
        """Clear it up."""
        self.shop.links.set(self.link, CLEAR)

    def has_bitten(self) -> bool:
        """Tell whether it met a connection or some bytes."""
        return self.shop.links[self.link].bitten > self.before


_LINKS = {
    f"{side}>{server}": f"{side}>{server}"
    for side in ("web", "workers")
    for server in ("postgres", "stock-redis", "queue-redis", "gateway")
} | {"gateway>web": "gateway>web", "clients": "clients"}
_WEATHERS = {
    "reset": (Weather(refuses=True), 0.7),
    "cut both ways": (Weather(held=frozenset({UP, DOWN})), 2.0),
    "answers held back": (Weather(held=frozenset({DOWN})), 2.0),
    "answers lost": (Weather(lose_reply=True), 0.7),
    "torn in mid-answer": (Weather(lose_reply=True, reply_bytes=7), 0.7),
    "half-closed": (Weather(half_closes=True), 0.7),
    "byte by byte": (Weather(is_dribbling=True), 1.0),
    "slow by 2 s": (Weather(delay_seconds=2.0), 2.5),
}
for _link in _LINKS:
    for _title, (_weather, _hold) in _WEATHERS.items():
        cell(
            f"{_link}: {_title}", BadWeather, _link, _weather, target=_link, hold=_hold,
            sign="the link counts connections or bytes that it did it to",
            expected="bounded waits, no poisoned pool; whole or absent",
        )  # fmt: skip
