"""The Postman collection runs from end to end at the shop as the Procfile serves it."""

import json
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from app.accounts import accounts, passwords
from app.core.db import transaction
from dev.clients.postman import COLLECTION, HERE
from dev.errors import DevError
from dev.postman import newman
from tests.clients.nodes import require
from tests.web import web_process

STAFF = {"staffEmail": "clerk@ora.example", "staffPassword": "a long sentence of the clerk"}


@pytest.fixture
def run(shop, gateway):
    """Runs a collection; what is paid at the sandbox is told to the shop, and worked."""
    require(HERE)
    # Where the collection puts its piece.
    shop.product("first", 0)
    password_hash = passwords.hash_password(STAFF["staffPassword"])
    with transaction() as session:
        accounts.register(
            session, email=STAFF["staffEmail"], password_hash=password_hash, name="Clerk",
            role="admin",
        )  # fmt: skip
    with web_process() as web, telling(shop, gateway):
        home = {"baseUrl": web.url, "sandboxUrl": gateway.url}
        yield lambda collection=HERE / COLLECTION: newman(home | STAFF, collection)


@contextmanager
def telling(shop, gateway):
    """Bring captures to the shop as they happen, until the block ends."""
    is_over, told = Event(), set()
    before = {payment["id"] for payment in gateway.books()["payments"]}

    def go_on():
        while not is_over.wait(0.2):
            for payment in gateway.books()["payments"]:
                if payment["status"] == "captured" and payment["id"] not in told | before:
                    told.add(payment["id"])
                    shop.deliver(gateway.event("payment.captured", payment))
                    shop.work()

    thread = Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def changed(tmp_path, of, to):
    text = (HERE / COLLECTION).read_text()
    assert of in text
    path = tmp_path / "changed.json"
    path.write_text(text.replace(of, to))
    return path


def test_every_check_of_the_collection_holds(run, session):
    said = run()

    steps = sum(len(folder["item"]) for folder in collection()["item"][:-1])
    assert steps > 30
    assert "Until it is confirmed" in said
    failed = next(line for line in said.splitlines() if "assertions" in line)
    assert failed.replace(" ", "").endswith("|0|")


TOKEN = '"access_token": {"type": "%s"}'


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("to.equal(309000)", "to.equal(309001)"), (TOKEN % "string", TOKEN % "null")],
)
def test_a_check_that_does_not_hold_fails_it(run, tmp_path, right, wrong):
    path = changed(tmp_path, json.dumps(right)[1:-1], json.dumps(wrong)[1:-1])

    with pytest.raises(DevError, match="AssertionError"):
        run(path)


def collection():
    return json.loads((HERE / COLLECTION).read_text())


def test_every_operation_of_the_document_is_in_it(client):
    document = client.get("/openapi.json").json
    there = sum(len(subject["item"]) for subject in collection()["item"][-1]["item"])

    operations = [
        one
        for path in document["paths"].values()
        for one in path.values()
        if isinstance(one, dict) and "operationId" in one
    ]
    assert there == len(operations) > 130
