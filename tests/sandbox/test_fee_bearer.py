"""Who bears the gateway's fee: the shop, or the customer on top of the amount."""


def test_the_shop_bears_the_fee_unless_it_is_said_otherwise(sandbox):
    payment = sandbox.paid(100_000)

    assert (payment["amount"], payment["fee"], payment["tax"]) == (100_000, 2_360, 360)


def test_a_customer_who_bears_the_fee_pays_it_on_top(sandbox):
    payment = sandbox.paid(100_000, fee_bearer="customer")

    assert (payment["amount"], payment["fee"], payment["tax"]) == (102_360, 2_360, 360)
