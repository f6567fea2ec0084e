"""What docs/scaling.md says of the plan and the simulations, told by them."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from capacity import drawn, hot, sale
from capacity.costs import Costs
from capacity.plan import MEASURED_CORES, Assumptions, Plan, plan, predicted

ROOT = Path(__file__).resolve().parent.parent
PAGE, IMAGES = ROOT / "docs" / "scaling.md", ROOT / "docs" / "images"
BEGIN, END = "<!-- plan -->\n", "<!-- /plan -->\n"
RATES = (1_000, 10_000, 100_000)
COUNTERS = (1, 4, 16)
WORKERS = (1, 2, 4, 8)
# The hot product's rush: buyers a second, for so long, and the units that are there.
HOT_RATE, HOT_SECONDS, HOT_UNITS = 40_000, 1.0, 20_000
# The sale's: payments a second, for so long.
SALE_RATE, SALE_SECONDS = 1_200, 60.0


def written(costs: Costs, given: Assumptions) -> tuple[str, Mapping[str, str]]:
    """Write the generated part of the page, and its pictures by name."""
    plans = [plan(costs, given, rate) for rate in RATES]
    hots = {number: _hot(costs, number) for number in COUNTERS}
    sales = {number: _sale(costs, number) for number in WORKERS}
    parts = (_costs(costs), _held_against(costs), _plans(plans), _hots(costs, hots), _sales(sales))
    text = "\n".join(line for part in parts for line in part)
    return text, {"scaling-hot.svg": _draw_hot(hots), "scaling-sale.svg": _draw_sales(sales)}


def put(text: str, generated: str) -> str:
    """Put the generated part between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{generated}\n{END}{after}"


def _costs(costs: Costs) -> Iterator[str]:
    yield from ("### What one costs", "", "| | a checkout | a purchase, its checkout included |")
    yield "| --- | --- | --- |"
    for part in costs.parts:
        name = f"CPU of {part}"
        yield f"| {name} | {costs.checkout[name]:.2f} ms | {costs.purchase[name]:.2f} ms |"
    for name, unit, digits in (
        ("stock Redis, scripts", "µs", 0), ("stock Redis, wire", "bytes", 0),
        ("queue Redis, wire", "bytes", 0), ("Postgres, log", "bytes", 0),
        ("Postgres, commits", "", 1), ("Postgres, tables", "bytes", 0),
    ):  # fmt: skip
        values = (costs.checkout[name], costs.purchase[name])
        yield f"| {name} | " + " | ".join(f"{v:,.{digits}f} {unit}".strip() for v in values) + " |"
    yield ""


def _held_against(costs: Costs) -> Iterator[str]:
    yield from ("### The model beside the machine", "")
    yield (
        "| web processes | measured, checkouts/s | the model says | off by"
        " | CPU of a checkout | cores busy |"
    )
    yield "| --- | --- | --- | --- | --- | --- |"
    for number, seen in costs.rates.items():
        foretold, spent = predicted(costs, number), costs.spent(number)
        off = foretold / seen["rate"] - 1
        yield (
            f"| {number} | {seen['rate']:,.0f} | {foretold:,.0f} | {off:+.0%}"
            f" | {spent:.2f} ms | {seen['rate'] * spent / 1000:.2f} of {MEASURED_CORES} |"
        )
    yield ""


def _plans(plans: Sequence[Plan]) -> Iterator[str]:
    yield from ("### Machines", "")
    yield "| | " + " | ".join(f"{each.rate:,.0f} checkouts/s" for each in plans) + " |"
    yield "| --- |" + " --- |" * len(plans)
    for need in plans[0].needs:
        found = [each.of(need.part) for each in plans]
        cells = [f"{one.cores:,.1f} cores busy{_pieces(one)}" for one in found]
        yield f"| {need.part} | " + " | ".join(cells) + " |"
    rows = {
        "write-ahead log": [f"{each.log_bytes / 1e6:,.0f} MB/s" for each in plans],
        "connections of web to Postgres": [f"{each.connections:,}" for each in plans],
        "counters, where all of it is for one product": [f"{each.counters}" for each in plans],
        "machines of 16 cores": [f"{each.machines:,}" for each in plans],
        "for an hour": [f"₹ {each.rupees_an_hour:,.0f}" for each in plans],
        "beyond what one of it can do": [_limits(each) for each in plans],
    }
    yield from (f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items())
    ends = sorted((need.ends_at, need.part) for need in plans[0].needs if need.ends_at < math.inf)
    yield from (
        "",
        "One of each is full at: " + "; ".join(f"{p}, {at:,.0f}/s" for at, p in ends) + ".",
    )
    yield ""


def _pieces(need: object) -> str:
    pieces = getattr(need, "pieces", 1)
    return f", {pieces:,} of them" if pieces > 1 else ""


def _limits(each: Plan) -> str:
    """Say how many would be needed of what there is one of."""
    found = [
        f"{need.part} {each.rate / need.ends_at:,.1f} times"
        for need in sorted(each.needs, key=lambda need: need.ends_at)
        if need.ends_at < each.rate
    ]
    return "; ".join(found) or "nothing"


def _hot(costs: Costs, number: int) -> hot.Seen:
    reserve = costs.checkout["CPU of stock Redis"] * 1000
    return hot.play(
        hot.Rush(
            units=HOT_UNITS, counters=number, rate=HOT_RATE, seconds=HOT_SECONDS,
            reserve_us=reserve, refuse_us=reserve / 2,
        )
    )  # fmt: skip


def _hots(costs: Costs, seen: Mapping[int, hot.Seen]) -> Iterator[str]:
    reserve = costs.checkout["CPU of stock Redis"] * 1000
    yield from ("### One hot product, simulated", "")
    yield (
        f"{HOT_RATE:,} buyers a second for {HOT_SECONDS:.0f} s want one of {HOT_UNITS:,} units; "
        f"a reservation takes {reserve:.0f} µs of a node."
    )
    yield from ("", "| counters | sold | sold out after | waits, p50 and p99 | left |")
    yield "| --- | --- | --- | --- | --- |"
    for number, one in seen.items():
        after = f"{one.sold_out_after:.2f} s" if one.sold_out_after else "not"
        waits = f"{one.wait(50):,.1f} and {one.wait(99):,.1f} ms"
        yield f"| {number} | {one.sold:,} | {after} | {waits} | {one.left} |"
    yield from ("", "![Waits at one hot product](images/scaling-hot.svg)", "")


def _draw_hot(seen: Mapping[int, hot.Seen]) -> str:
    series = {
        f"{number} counter{'s' * (number > 1)}": [
            (percent, one.wait(percent)) for percent in (*range(0, 100, 2), 99, 99.9)
        ]
        for number, one in seen.items()
    }
    return drawn.lines("Wait of a buyer, ms", "of a hundred buyers", "ms", series)


def _sale(costs: Costs, number: int) -> sale.Seen:
    # What a worker and Postgres work one after the other for an order.
    more = costs.purchase["CPU of postgres"] - costs.checkout["CPU of postgres"]
    order_ms = costs.purchase["CPU of worker webhooks"] + more / 2
    return sale.play(sale.Rush(SALE_RATE, SALE_SECONDS, number, order_ms))


def _sales(seen: Mapping[int, sale.Seen]) -> Iterator[str]:
    yield from ("### The queue in a sale, simulated", "")
    yield f"{SALE_RATE:,} payments a second are told for {SALE_SECONDS:.0f} s."
    yield from ("", "| workers | longest queue | empty after | paid to confirmed, p50 and p99 |")
    yield "| --- | --- | --- | --- |"
    for number, one in seen.items():
        waits = f"{one.wait(50):,.2f} and {one.wait(99):,.2f} s"
        yield f"| {number} | {one.longest:,} | {one.over_after:,.0f} s | {waits} |"
    yield from ("", "![Length of the queue](images/scaling-sale.svg)", "")


def _draw_sales(seen: Mapping[int, sale.Seen]) -> str:
    series = {
        f"{number} worker{'s' * (number > 1)}": [(at, float(length)) for at, length in one.lengths]
        for number, one in seen.items()
    }
    return drawn.lines("Payments that wait to be confirmed", "seconds", "payments", series)
