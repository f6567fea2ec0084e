"""
An older version serves beside this one, on this one's tables: purchases pass from one to the other.

`make side-by-side OLD=<commit>` chooses which; by default it is the one before the last migration.
"""

import pytest

from chaos.house import furnish, house
from dev.ports import HOST
from tests.races.length import is_long
from tests.rollout import story, versions

pytestmark = pytest.mark.skipif(not is_long(), reason="ORA_TESTS=long: it needs the history")


@pytest.fixture
def old(tmp_path):
    try:
        return versions.lay(tmp_path)
    except versions.NoHistoryError as error:
        pytest.skip(f"no older version: {error}")


def test_a_purchase_may_pass_from_the_older_version_to_this_one_and_back(old):
    with house(is_small=True, on_disks=False, more=story.SETTINGS) as shop:
        people = furnish(shop, customers=1, plenty=1, scarce=1, scarce_units=1)
        webs = {
            "new": f"http://{HOST}:{shop.ports['web']}",
            "old": f"http://{HOST}:{versions.start_web(shop, old)}",
        }
        with versions.workers_of(shop, old):
            bought = [versions.buy(shop, people, webs, path) for path in versions.paths()]
        # Events go to the older web, jobs to the newer workers.
        shop.links["gateway>web"].server_port = int(webs["old"].rpartition(":")[2])
        bought += [versions.buy(shop, people, webs, path) for path in versions.paths()]
        books = story.read_books(shop)

    assert (books["check-stock"], books["check-money"]) == (0, 0)
    assert books["orders"] == [("confirmed", len(bought))]
    assert books["told"] == [(len(bought), len(bought))]
    assert books["sold"] == [(len(bought),)]
    assert books["sold_twice"] == []
