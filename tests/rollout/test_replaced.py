"""A new version takes the old one's place while people buy, and nobody fails to."""

from tests.rollout import story


def test_nobody_fails_to_buy(seen):
    assert seen["failures"] == []
    assert len(seen["bought"]) >= 4 * story.PURCHASES


def test_a_migration_that_meets_a_long_transaction_gives_way_and_comes_again(seen):
    migration = seen["migration"]

    assert migration["code"] == 0
    assert migration["told"][0].endswith("try 1 of 20, the next one in 1 s.")
    assert migration["told"][1].endswith("try 2 of 20, the next one in 2 s.")
    assert (migration["revision"], migration["index_is_valid"]) == ("9002", True)


def test_the_code_before_the_migration_is_ready_after_it(seen):
    assert seen["ready_after_migration"]


def test_every_process_ends_by_itself(seen):
    codes = {name: one["code"] for name, one in seen["workers"].items()}

    assert len(codes) == 7
    assert set(codes.values()) == {0}
    assert seen["web"]["code"] == 0
    # It served on until the balancer had had time to notice.
    assert seen["web"]["seconds"] >= float(story.SETTINGS["WEB_DRAIN_SECONDS"])


def test_nothing_is_lost_and_nothing_done_twice(seen):
    books, bought = seen["books"], len(seen["bought"])

    assert (books["check-stock"], books["check-money"]) == (0, 0)
    assert (books["orders"], books["payments"]) == ([["confirmed", bought]], [["captured", bought]])
    assert (books["told"], books["sold"]) == ([[bought, bought]], [[bought]])
    assert books["sold_twice"] == books["tries"] == []


def test_buyers_notice_when_web_is_killed(seen):
    assert seen["failures_when_killed"] != []
