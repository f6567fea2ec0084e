import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from app.core import tracing
from app.core.db import transaction
from app.payments.errors import GatewayUnavailable
from tests.builders import ADDRESS, PAN
from tests.payments.purchase import purchase
from tests.watching.test_logs import CARD, MAIL, NAME, PHONE


class Spans:
    """What was traced so far."""

    def __init__(self, exporter):
        self.exporter = exporter

    @property
    def all(self):
        return self.exporter.get_finished_spans()

    def named(self, beginning):
        return [span for span in self.all if span.name.startswith(beginning)]

    def the(self, beginning):
        [span] = self.named(beginning)
        return span

    def within(self, span):
        """All of its trace."""
        return {
            each.name for each in self.all if each.context.trace_id == span.context.trace_id
        }  # fmt: skip

    def root(self, span):
        known = {each.context.span_id: each for each in self.all}
        while span.parent is not None:
            span = known[span.parent.span_id]
        return span


@pytest.fixture
def spans(app):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield Spans(exporter)
    tracing.use(None)


def test_a_checkout_is_one_trace_down_to_redis_and_postgres(shop, spans):
    shop.product("ring", 1)

    order_id = shop.customer().check_out(ring=1).json["id"]

    asked = spans.the("POST /api/v1/checkout")
    assert {"redis EVALSHA", "postgres WITH"} <= spans.within(asked)
    assert {spans.root(span).name for span in spans.named("postgres WITH")} == {asked.name}
    assert asked.attributes["ora.order_id"] == order_id
    assert asked.attributes["http.route"] == "/api/v1/checkout"
    assert asked.attributes["http.response.status_code"] == 201


def test_what_a_checkout_causes_in_a_worker_is_of_its_trace(shop, spans):
    shop.product("ring", 1)
    shop.customer().check_out(ring=1)
    shop.work("announcements", "mail")

    asked, spread = spans.the("POST /api/v1/checkout"), spans.the("job announcements.spread")
    assert spread.context.trace_id == asked.context.trace_id
    sent = spans.named("job mail.send_notification")
    assert {span.context.trace_id for span in sent} <= {asked.context.trace_id}
    assert [
        span
        for span in spans.named("postgres")
        if span.context.trace_id == asked.context.trace_id and spans.root(span).name == asked.name
    ]


def test_a_webhook_is_one_trace_from_the_door_over_the_worker_to_postgres_and_redis(shop, spans):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    spans.exporter.clear()
    order.tell("payment.captured", order.pay())
    shop.work("webhooks")

    door, job = spans.the("POST /webhooks/razorpay"), spans.the("job webhooks.process")
    assert spans.root(job) is door
    within = spans.within(door)
    assert {"postgres WITH", "postgres UPDATE", "redis EVALSHA"} <= within
    under_the_job = [
        span
        for span in spans.named("postgres UPDATE")
        if span.parent and span.parent.span_id == job.context.span_id
    ]
    assert under_the_job
    assert job.attributes["ora.order_id"] == order.order_id


def test_checkout_and_webhook_of_an_order_are_found_by_its_id(shop, spans):
    shop.product("ring", 1)
    order = purchase(shop, ring=1)
    order.tell("payment.captured", order.pay())
    shop.work("webhooks")

    of_order = [s.name for s in spans.all if s.attributes.get("ora.order_id") == order.order_id]
    assert {"POST /api/v1/checkout", "job webhooks.process"} <= set(of_order)


def test_webhooks_that_are_worked_together_are_linked_to_each_of_their_requests(shop, spans):
    shop.product("ring", 2)
    for _ in range(2):
        order = purchase(shop, ring=1)
        order.tell("payment.captured", order.pay())
    shop.work("webhooks")

    doors = {span.context.trace_id for span in spans.named("POST /webhooks/razorpay")}
    batch = spans.the("jobs webhooks.process")
    assert {link.context.trace_id for link in batch.links} == doors
    assert len(doors) == 2


def test_a_call_to_a_gateway_is_a_span_and_says_that_it_failed(shop, spans):
    shop.product("ring", 1)
    buyer = shop.customer()
    order_id = buyer.check_out(ring=1).json["id"]
    shop.gateway.fault(route="*", json_500=True)

    assert buyer.post(f"/api/v1/orders/{order_id}/payments").status_code == 503

    call = spans.named("gateway razorpay")[-1]
    assert (call.status.status_code, call.attributes["error.type"]) == (
        StatusCode.ERROR, GatewayUnavailable.__name__,
    )  # fmt: skip
    asked = spans.the("POST /api/v1/orders/<uuid:order_id>/payments")
    assert asked.status.status_code == StatusCode.ERROR


def test_a_statement_that_fails_ends_its_span(spans):
    from sqlalchemy import text
    from sqlalchemy.exc import ProgrammingError

    with (
        tracing.span("of the test"),
        pytest.raises(ProgrammingError),
        transaction() as session,
    ):
        session.execute(text("SELECT no_such_thing"))

    failed = spans.the("postgres SELECT")
    assert failed.attributes["error.type"] == "UndefinedColumn"
    assert spans.root(failed).name == "of the test"


def test_no_span_has_anybodys_data(shop, spans):
    shop.product("ring", 3)
    order = purchase(shop, ring=1)
    order.tell("payment.captured", order.pay(), email=MAIL, contact=PHONE, card={"number": CARD})
    shop.work()
    shop.customer().post("/api/v1/auth/login", {"email": MAIL, "password": NAME})
    order.buyer.post(f"/api/v1/orders/{order.order_id}/cancel", {"reason": NAME})
    shop.work()

    told = "\n".join(span.to_json() for span in spans.all)
    planted = (MAIL, PHONE, CARD, NAME, PAN, ADDRESS["name"], ADDRESS["line1"], ADDRESS["phone"])
    assert len(spans.all) > 50
    assert [one for one in planted if one in told] == []
    assert order.buyer.token not in told


def test_a_stranger_cannot_choose_their_trace(client, spans):
    theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    client.get("/healthz", headers={"traceparent": theirs})

    assert spans.the("GET /healthz").parent is None


def test_what_nobody_asked_for_makes_no_trace(shop, spans):
    shop.work()

    assert spans.all == ()


@contextmanager
def collector():
    """The least that takes spans by OTLP over HTTP."""
    taken = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((self.path, self.headers["Content-Encoding"], body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()


SENT = """
import sys
from app.core import tracing
tracing.connect(endpoint=sys.argv[1], service="ora-web", release="1.2", environment="test")
with tracing.span("of the test"):
    pass
"""


def test_an_endpoint_is_all_it_takes_to_send_traces():
    with collector() as (url, taken):
        subprocess.run([sys.executable, "-c", SENT, url], check=True)

    [(path, _, body)] = taken
    assert path == "/v1/traces"
    [sent] = ExportTraceServiceRequest.FromString(body).resource_spans
    about = {each.key: each.value.string_value for each in sent.resource.attributes}
    assert (about["service.name"], about["service.version"]) == ("ora-web", "1.2")
    assert sent.scope_spans[0].spans[0].name == "of the test"


OFF = """
import sys
from app import create_app
create_app()
told = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "sentry_sdk")
print([name for name in sys.modules if name.startswith(told)])
"""


def test_what_is_off_is_not_even_loaded(app):
    found = subprocess.run([sys.executable, "-c", OFF], check=True, capture_output=True, text=True)

    assert found.stdout.strip() == "[]"
