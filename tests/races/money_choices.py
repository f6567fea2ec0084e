"""What hypothesis chooses from: baskets, outcomes, faults, and what goes wrong on the way."""

from hypothesis import strategies as st

from tests.races.money_bank import CASH, RAZORPAY, STRIPE
from tests.races.money_rest import Ending

few = st.integers(1, 2)
seeds = st.integers(0, 99)
baskets = st.dictionaries(st.sampled_from(["ring", "chain"]), few, min_size=1)
# How a try ends, and by how much its amount is another: a fee that the payer bore, or an offer.
outcomes = st.sampled_from(
    [("captured", 0)] * 6
    + [("authorized", 0), ("failed", 0), ("captured", 100), ("captured", -100)]
)
parts = st.sampled_from([None, 50_000, 30_000, 100])
refund_statuses = st.sampled_from(["processed", "processed", "pending", "failed"])

EVERY_CALL = ("html_502", "json_500", "too_many_requests", "reset_after")
OF_REFUNDS = ("no_balance", "opaque_refusal", "refund_status=pending", "refund_status=failed")
ROUTES = {
    RAZORPAY: ("*", "orders.create", "orders.all", "orders.payments", "payments.fetch",
               "payments.capture", "payments.all", "refunds.create", "refunds.create",
               "refunds.of_payment", "refunds.all"),
    STRIPE: ("*", "payment_intents.create", "payment_intents.retrieve", "payment_intents.capture",
             "charges.list", "charges.retrieve", "refunds.create", "refunds.list"),
}  # fmt: skip
LAGGING = ("orders.all", "payments.all", "refunds.all")
_FAULTS = [
    (name, route, switch)
    for name, routes in ROUTES.items()
    for route in routes
    for switch in (
        *EVERY_CALL,
        *(("stale_seconds=3600",) if route in LAGGING else ()),
        *(OF_REFUNDS if route == "refunds.create" else ()),
    )
    if (name, switch) != (STRIPE, "opaque_refusal")
]
faults = st.sampled_from(_FAULTS)


# Half of what is done goes well; the others die on the way, or meet a gateway that has trouble.
mishaps = st.one_of(
    st.none(),
    st.none(),
    st.sampled_from([1, 2, 3, 1, 2, 3, 4, 5, 6, 8]),
    st.tuples(
        st.sampled_from([*EVERY_CALL * 2, *OF_REFUNDS]),
        st.sampled_from([1, 1, 2, 3]),
        st.integers(1, 3),
    ),
)

# At which gateways the first order is opened; where it is paid, at the first of them.
openings = st.sampled_from([(RAZORPAY,), (RAZORPAY, STRIPE), (STRIPE, RAZORPAY), (RAZORPAY, CASH)])
# Whether it is paid, and by how much more than its price.
first_payments = st.sampled_from([0, 0, 0, 0, 100, None, None])
endings = st.builds(
    Ending, is_told=st.booleans(), is_outside_done=st.booleans(), is_late=st.booleans(), seed=seeds
)
