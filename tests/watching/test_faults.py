import json

import pytest
import sentry_sdk
import structlog
from sentry_sdk.transport import Transport

from app.checkout import routes
from app.core import faults
from app.messages import mail
from tests.builders import PAN
from tests.watching.test_logs import MAIL, NAME, PHONE, STREET

DSN = "https://public@errors.invalid/1"


class Kept(Transport):
    """Keeps what would have been sent."""

    def __init__(self):
        super().__init__()
        self.reports = []

    def capture_envelope(self, envelope):
        self.reports.extend(item.payload.json for item in envelope.items if item.type == "event")


@pytest.fixture
def kept(app, written):
    transport = Kept()
    faults.connect(
        dsn=DSN, process="web", release="1.2", environment="production", transport=transport
    )
    yield transport
    faults.connect(dsn=None, process="web", release=None, environment="test")


def test_personal_data_is_not_sent_by_default(kept):
    options = sentry_sdk.get_client().options

    assert not options["send_default_pii"]
    assert (options["include_local_variables"], options["max_request_body_size"]) == (
        False,
        "never",
    )


def test_a_bug_is_reported_with_its_request_and_without_anybodys_data(shop, kept, monkeypatch):
    def broken(*_args, **_more):
        whose = {"name": NAME, "mail": MAIL}
        raise ValueError(f"cannot read {whose['name']!r} of {whose['mail']}, {PHONE}")

    monkeypatch.setattr(routes, "start_checkout", broken)
    shop.product("ring", 1)
    buyer = shop.customer()
    answer = buyer.post(
        "/api/v1/checkout", {"shipping_address": {
            "name": NAME, "phone": PHONE, "line1": STREET, "city": "Chennai",
            "state": "Tamil Nadu", "pincode": "600004",
        }, "pan": PAN, "lines": [{"sku": "RING", "quantity": 1}]}, Idempotency_Key="one",
    )  # fmt: skip

    [report] = kept.reports
    assert report["tags"]["request_id"] == answer.json["request_id"]
    assert (report["tags"]["event"], report["tags"]["process"]) == ("request.failed", "web")
    assert (report["release"], report["environment"]) == ("1.2", "production")
    [error] = report["exception"]["values"]
    assert (error["type"], error["value"]) == (
        "ValueError",
        "cannot read [withheld] of [mail], [phone]",
    )
    assert error["stacktrace"]["frames"][-1]["function"] == "broken"
    told = json.dumps(report)
    assert [one for one in (NAME, MAIL, PHONE, STREET, PAN, buyer.token) if one in told] == []
    assert "vars" not in told
    assert "request" not in report


def test_a_job_that_fails_by_a_bug_is_reported_and_one_that_passes_is_not(shop, kept, monkeypatch):
    def unreachable(*_args, **_more):
        raise ConnectionRefusedError("no mail server")

    shop.product("ring", 1)
    shop.customer().check_out(ring=1)
    monkeypatch.setattr(mail, "send", unreachable)
    shop.work("announcements", "mail")

    [report] = kept.reports
    assert report["tags"]["job"] == "mail.send_notification"
    assert report["tags"]["job_id"].isdecimal()


def test_an_error_without_an_exception_is_reported_by_its_name(kept):
    structlog.get_logger().error("stock.drift", sku="RING", drifts={"on_hand": {"redis": 1}})
    structlog.get_logger().warning("stock.stale_epoch")

    [report] = kept.reports
    assert (report["message"], report["level"]) == ("stock.drift", "error")
    assert report["contexts"]["event"]["sku"] == "RING"


def test_without_a_dsn_nothing_is_reported(kept):
    faults.connect(dsn=None, process="web", release=None, environment="test")
    structlog.get_logger().error("stock.drift")

    assert kept.reports == []
