"""Operators see which gateways are spared calls at the moment."""

import pytest

from app.payments import breaker
from app.payments.errors import GatewayUnavailable


def told(client):
    return {
        line
        for line in client.get("/metrics").text.splitlines()
        if line.startswith("ora_gateway_breaker{")
    }


def line(gateway, state, is_on):
    return f'ora_gateway_breaker{{gateway="{gateway}",ora_gateway_breaker="{state}"}} {is_on:.1f}'


def test_a_gateway_that_failed_again_and_again_is_shown_as_open(client):
    assert line("razorpay", "closed", True) in told(client)

    for _ in range(breaker.FAILURES_TO_OPEN):
        with pytest.raises(GatewayUnavailable), breaker.guarded("razorpay"):
            raise GatewayUnavailable

    assert told(client) == {
        line(gateway, state, state == ("open" if gateway == "razorpay" else "closed"))
        for gateway in ("razorpay", "stripe")
        for state in ("closed", "trial", "open")
    }
