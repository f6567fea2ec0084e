import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import razorpay
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from sandbox.config import BadSettingError, Settings

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url):
    """Knock until the server lets us in."""
    with requests.Session() as session:
        knocking = Retry(total=100, backoff_factor=0.01, backoff_max=0.1)
        session.mount(url, HTTPAdapter(max_retries=knocking))
        session.get(url, timeout=10).raise_for_status()


@contextmanager
def serve(**environment):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"],
        cwd=ROOT,
        env={**os.environ, "SANDBOX_PORT": str(port), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(url)
        yield url, process
    finally:
        process.terminate()
        process.wait(timeout=10)


def client_of(url):
    return razorpay.Client(auth=(Settings.key_id, Settings.key_secret), base_url=url)


def test_the_books_survive_a_restart_and_waiting_events_are_sent(tmp_path, shop):
    database = {
        "SANDBOX_DATABASE": str(tmp_path / "data" / "sandbox.db"),
        "SANDBOX_CLOCK_FACTOR": "0.02",
    }
    unreachable = f"http://127.0.0.1:{free_port()}/"
    with serve(**database, SANDBOX_WEBHOOK_URL=unreachable) as (url, _):
        client = client_of(url)
        order = client.order.create({"amount": 50000, "currency": "INR"}, timeout=10)
        requests.post(
            f"{url}/sandbox/pay", json={"order_id": order["id"], "outcome": "failed"}, timeout=10
        )
        client.session.close()

    with serve(**database, SANDBOX_WEBHOOK_URL=shop.url) as (url, _):
        client = client_of(url)
        kept = client.order.fetch(order["id"], timeout=10)
        client.session.close()
        received = shop.next()

    assert kept == order | {"status": "attempted", "attempts": 1}
    assert b"payment.failed" in received.body


def test_the_server_loses_answers_and_stops_on_request_even_while_a_call_hangs():
    with serve() as (url, process):
        client = client_of(url)
        faults = {"route": "orders.create", "reset_after": True, "next_n": 1}
        requests.post(f"{url}/sandbox/faults", json=faults, timeout=10)
        with pytest.raises(requests.RequestException):
            client.order.create({"amount": 50000, "currency": "INR"}, timeout=10)
        assert client.order.all(timeout=10)["count"] == 1

        faults = {"route": "orders.all", "hang_ms": 600_000}
        requests.post(f"{url}/sandbox/faults", json=faults, timeout=10)
        with pytest.raises(requests.Timeout):
            client.order.all(timeout=0.1)
        client.session.close()
        process.terminate()

        assert process.wait(timeout=8) == 0


def test_a_port_that_is_taken_is_not_shared():
    with socket.socket() as taken:
        # As a forgotten sandbox has it: open to be shared.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        refused = subprocess.run(
            [sys.executable, "-m", "sandbox"],
            cwd=ROOT,
            env={**os.environ, "SANDBOX_PORT": port},
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )

    assert refused.returncode == 1
    assert refused.stderr == f"SANDBOX_PORT {port} is taken by another program\n"


def test_settings_are_read_from_the_environment():
    settings = Settings.from_environment(
        {
            "SANDBOX_HOST": "0.0.0.0",
            "SANDBOX_PORT": "9001",
            "RAZORPAY_KEY_ID": "rzp_test_x",
            "RAZORPAY_KEY_SECRET": "a",
            "RAZORPAY_WEBHOOK_SECRET": "b",
            "SANDBOX_WEBHOOK_URL": "http://localhost:9000/hook",
            "SANDBOX_CLOCK_FACTOR": "0.5",
            "SANDBOX_DATABASE": "x.db",
            "SANDBOX_ACCOUNT_ID": "acc_Another0000001",
        }
    )

    assert settings == Settings(
        host="0.0.0.0",
        port=9001,
        key_id="rzp_test_x",
        key_secret="a",
        webhook_secret="b",
        webhook_url="http://localhost:9000/hook",
        clock_factor=0.5,
        database="x.db",
        account_id="acc_Another0000001",
    )


def test_an_empty_variable_keeps_its_default():
    assert Settings.from_environment({"RAZORPAY_WEBHOOK_SECRET": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SANDBOX_PORT", "http"),
        ("SANDBOX_PORT", "70000"),
        ("SANDBOX_CLOCK_FACTOR", "0"),
        ("SANDBOX_CLOCK_FACTOR", "nan"),
        ("SANDBOX_CLOCK_FACTOR", "inf"),
        ("SANDBOX_WEBHOOK_URL", "not a url"),
    ],
)
def test_a_bad_setting_is_named(variable, value):
    with pytest.raises(BadSettingError, match=variable):
        Settings.from_environment({variable: value})
