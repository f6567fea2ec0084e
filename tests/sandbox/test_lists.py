"""What a shop relies on when it goes through a day of payments and refunds, page by page."""

import pytest

from sandbox.entities import new_id

MIDNIGHT = 1_790_000_000 // 86_400 * 86_400
NEXT_MIDNIGHT = MIDNIGHT + 86_400
PREFIXES = {"payment": "pay", "refund": "rfnd"}

kinds = pytest.mark.parametrize("kind", PREFIXES)


def book(sandbox, kind, moments):
    """Write payments or refunds of other days into the books, as if they had been made then."""
    payment = sandbox.paid(deliver="none")
    model = payment if kind == "payment" else sandbox.client.payment.refund(payment["id"], {})
    entities = [model | {"id": new_id(PREFIXES[kind]), "created_at": moment} for moment in moments]
    with sandbox.app.extensions["sandbox"].store.transaction() as books:
        for entity in entities:
            books.keep(kind, entity)
    return [entity["id"] for entity in entities]


def page(sandbox, kind, **query):
    response = sandbox.call("GET", f"/v1/{kind}s", params=query)
    assert response.status_code == 200, response.text
    body = response.json()
    assert (body["entity"], body["count"]) == ("collection", len(body["items"]))
    return [entity["id"] for entity in body["items"]]


@kinds
def test_a_day_is_read_whole_in_pages_of_a_hundred_while_others_come_in(sandbox, kind):
    day = [MIDNIGHT, *range(MIDNIGHT + 1, MIDNIGHT + 249), NEXT_MIDNIGHT - 1]
    ids = book(sandbox, kind, [MIDNIGHT - 1, *day, NEXT_MIDNIGHT])
    pages = []

    for skip in (0, 100, 200, 300):
        query = {"from": MIDNIGHT, "to": NEXT_MIDNIGHT - 1, "count": 100, "skip": skip}
        pages.append(page(sandbox, kind, **query))
        book(sandbox, kind, [NEXT_MIDNIGHT + skip])

    assert [len(found) for found in pages] == [100, 100, 50, 0]
    assert [one for found in pages for one in found] == ids[-2:0:-1]


@kinds
def test_both_ends_of_a_time_belong_to_it(sandbox, kind):
    early, late = book(sandbox, kind, [MIDNIGHT, MIDNIGHT + 1])

    assert page(sandbox, kind, **{"from": MIDNIGHT, "to": MIDNIGHT}) == [early]
    assert page(sandbox, kind, **{"from": MIDNIGHT + 1, "to": MIDNIGHT + 1}) == [late]
    assert page(sandbox, kind, to=MIDNIGHT - 1) == []
    assert page(sandbox, kind, **{"from": MIDNIGHT + 1, "to": MIDNIGHT}) == []


@kinds
def test_a_list_has_ten_unless_it_is_asked_for_more(sandbox, kind):
    ids = book(sandbox, kind, [MIDNIGHT] * 12)[::-1]

    assert page(sandbox, kind, to=MIDNIGHT) == ids[:10]
    assert page(sandbox, kind, to=MIDNIGHT, count=11) == ids[:11]
    assert page(sandbox, kind, to=MIDNIGHT, skip=11) == ids[11:]


@kinds
@pytest.mark.parametrize("end", ["from", "to"])
@pytest.mark.parametrize("moment", [0, 946684799, 4765046401])
def test_a_time_out_of_range_is_refused(sandbox, kind, end, moment):
    response = sandbox.call("GET", f"/v1/{kind}s", params={end: moment})

    assert response.status_code == 400
    assert response.json()["error"] == {
        "code": "BAD_REQUEST_ERROR",
        "description": f"{end} must be between 946684800 and 4765046400",
        "source": "business",
        "step": "payment_initiation",
        "reason": "input_validation_failed",
        "metadata": {},
    }


@kinds
def test_the_longest_time_in_range_has_everything(sandbox, kind):
    book(sandbox, kind, [946684800, 4765046400])

    assert len(page(sandbox, kind, **{"from": 946684800, "to": 4765046400})) == 3


@kinds
@pytest.mark.parametrize(
    "query", [{"count": 101}, {"count": 0}, {"skip": "x"}, {"authorized": 1}, {"receipt": "r"}]
)
def test_a_page_that_there_is_not_is_refused(sandbox, kind, query):
    assert sandbox.call("GET", f"/v1/{kind}s", params=query).status_code == 400
