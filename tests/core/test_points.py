import re
from pathlib import Path

import pytest

from app.config import ConfigurationError, Environment
from app.core import points

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r'points\.reached\(\s*"([^"]+)"')


@pytest.fixture
def heard(settings):
    told = []
    points.listen(settings, told.append)
    yield told
    points.listen(settings, None)


def test_every_point_of_the_list_is_in_the_code_and_the_other_way_round():
    texts = [
        path.read_text() for folder in ("app", "workers") for path in (ROOT / folder).rglob("*.py")
    ]

    assert {name for text in texts for name in NAMED.findall(text)} == points.POINTS


def test_whoever_listens_is_told_of_each_point_in_its_order(shop, heard):
    shop.product("ring", 1)

    shop.customer().check_out(ring=1)

    assert heard == [
        "load.before-set",
        "load.before-publish",
        "checkout.after-reserve",
        "checkout.before-commit",
        "checkout.before-reply",
    ]


def test_nobody_is_told_once_nobody_listens(settings):
    told = []
    points.listen(settings, told.append)
    points.listen(settings, None)

    points.reached("checkout.after-reserve")

    assert told == []


def test_production_refuses_whoever_would_listen(settings):
    production = settings.model_copy(update={"app_env": Environment.PRODUCTION})

    with pytest.raises(ConfigurationError):
        points.listen(production, print)

    points.reached("checkout.after-reserve")
