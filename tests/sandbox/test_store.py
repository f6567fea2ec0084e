import pytest

from sandbox.store import Store


@pytest.fixture
def store():
    opened = Store(":memory:")
    yield opened
    opened.close()


def test_a_transaction_that_fails_leaves_nothing_behind(store):
    told = []

    def fail():
        with store.transaction() as books:
            books.keep("order", {"id": "order_1", "created_at": 1})
            books.after_commit.append(lambda: told.append("done"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with store.transaction() as books:
        assert books.list("order") == []
    assert told == []


def test_what_waits_for_the_commit_sees_what_was_written(store):
    found = []

    def look():
        with store.transaction() as books:
            found.extend(books.list("order"))

    with store.transaction() as books:
        books.keep("order", {"id": "order_1", "created_at": 1})
        books.after_commit.append(look)

    assert found == [{"id": "order_1", "created_at": 1}]
