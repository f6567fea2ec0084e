"""Who watches the pages sees what would be wrong with one."""

import pytest
from flask import Flask, Response

from app.backoffice.page import HEADERS
from tests.browser import chromium as debian
from tests.browser.conftest import WIDE
from tests.browser.watcher import Watcher
from tests.serving import serving

PLAIN = '<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">'
BODIES = {
    "good": "<main><h1>A page</h1><p>Nothing is wrong.</p></main>",
    "script": "<main><h1>A page</h1></main><script>document.title = 'mine'</script>",
    "handler": "<main><h1>A page</h1><img alt='a' src='data:,' onerror='alert(1)'></main>",
    "style": "<main><h1 style='color: red'>A page</h1></main>",
    "foreign": "<main><h1>A page</h1><img alt='a' src='http://localhost:9/a.png'></main>",
    "missing": "<main><h1>A page</h1><img alt='a' src='/none.png'></main>",
    "nameless": "<main><h1>A page</h1><form><input name='q'></form><button></button></main>",
    "pale": "<main><h1>A page</h1><p id='pale'>Nobody can read this.</p></main>",
    "wide": "<main><h1>A page</h1><p id='wide'>Wide.</p></main>",
    "broken": "<main><h1>A page</h1></main><script src='/broken.js'></script>",
}
STYLE = "#pale { color: #ddd; background: #fff; } #wide { width: 3000px; }"
# Without the policy, as if somebody had loosened it.
UNGUARDED = ("foreign",)


@pytest.fixture
def look(window):
    """Opens a page of the given body under the shop's own headers, and says what is wrong."""
    shown = Flask("shown")

    @shown.get("/<name>")
    def page(name):
        if name not in BODIES:
            return Response(status=404)
        html = f"{PLAIN}<link rel='stylesheet' href='/page.css'></head><body>{BODIES[name]}"
        return Response(html, headers={} if name in UNGUARDED else HEADERS, mimetype="text/html")

    @shown.get("/page.css")
    def style():
        return Response(STYLE, mimetype="text/css")

    @shown.get("/broken.js")
    def broken():
        return Response("undefinedThing.run();", mimetype="text/javascript")

    with serving(shown) as home:

        def visit(name):
            opened = window(WIDE)
            watcher = Watcher(opened, home)
            opened.goto(f"{home}/{name}")
            return watcher.complaints()

        yield visit


def test_a_good_page_is_not_complained_of(look):
    assert look("good") == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("script", "forbidden by script-src"), ("handler", "forbidden by script-src"),
        ("style", "forbidden by style-src"), ("foreign", "foreign: http://localhost:9/"),
        ("missing", "answered 404"), ("nameless", "critical: button-name"),
        ("nameless", "critical: label"), ("pale", "serious: color-contrast"),
        ("wide", "wider than the screen"), ("broken", "error: undefinedThing is not defined"),
    ],
)  # fmt: skip
def test_each_fault_is_seen(look, name, told):
    complaints = look(name)

    assert any(told in one for one in complaints), complaints


class TestWithoutChromium:
    @pytest.fixture
    def nowhere(self, tmp_path):
        return tmp_path / "chromium"

    def test_the_tests_are_skipped_and_say_how_to_get_it(self, monkeypatch, nowhere):
        monkeypatch.delenv("ORA_TESTS_BROWSER", raising=False)

        with pytest.raises(pytest.skip.Exception, match="apt-get install"):
            debian.require(nowhere)

    def test_they_fail_where_it_was_promised(self, monkeypatch, nowhere):
        monkeypatch.setenv("ORA_TESTS_BROWSER", "required")

        with pytest.raises(pytest.fail.Exception, match="apt-get install"):
            debian.require(nowhere)
