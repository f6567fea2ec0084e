"""The site as it was built: nothing leads nowhere, and nothing is loaded from elsewhere."""

import re

import pytest

from dev.site import built
from tests.browser.chromium import PATIENCE_MS, open_chromium
from tests.serving import serving
from tests.site.conftest import ROOT


def test_the_site_has_every_page_and_nothing_is_wrong_with_it(site):
    assert built.findings(site) == []
    there = {path.stem for path in site.glob("*.html")}
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= there
    assert "/api/v1/checkout" in (site / "api" / "checkout.html").read_text()
    assert "RESERVATION_TTL_SECONDS" in (site / "configuration.html").read_text()


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ('<a href="gone.html">', "index.html links to gone.html: there is no such page"),
        ('<a href="/gone/">', "index.html links to /gone/: there is no such page"),
        ('<a href="b.html#gone">', "index.html links to b.html#gone: the page has no such place"),
        ('<a href="#gone">', "index.html links to #gone: the page has no such place"),
        ('<script src="https://cdn.example/a.js">', "index.html loads https://cdn.example/a.js"),
        ('<script src="//cdn.example/a.js">', "index.html loads //cdn.example/a.js"),
        ('<link rel="stylesheet" href="https://f.example/f.css">',
         "index.html loads https://f.example/f.css"),
        ("<style>a{src:url(https://f.example/f.woff2)}</style>",
         "index.html loads https://f.example/f.woff2"),
        ('<img src="gone.png">', "index.html loads gone.png, which is not there"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(tmp_path, body, finding):
    (tmp_path / "index.html").write_text(body)
    (tmp_path / "b.html").write_text('<h2 id="there">There</h2>')

    assert built.findings(tmp_path) == [finding]


def test_a_style_that_loads_from_elsewhere_is_found(tmp_path):
    (tmp_path / "a.css").write_text("@import 'https://f.example/f.css';")

    assert built.findings(tmp_path) == ["a.css loads https://f.example/f.css"]


def test_what_leads_somewhere_is_no_finding(tmp_path):
    (tmp_path / "index.html").write_text(
        '<a href="b.html#there"><a href="https://example.com/"><a href="b.html"><a href="./">'
    )
    (tmp_path / "b.html").write_text('<h2 id="there">There</h2><a href="#there">')

    assert built.findings(tmp_path) == []


def _files(folder):
    """Serve a folder, as any web server does."""

    def answer(environ, start):
        path = folder / environ["PATH_INFO"].lstrip("/")
        kinds = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
        if not path.is_file():
            start("404 Not Found", [])
            return [b""]
        start("200 OK", [("Content-Type", kinds.get(path.suffix, "application/octet-stream"))])
        return [path.read_bytes()]

    return answer


def test_a_browser_that_reads_and_searches_asks_nobody_else(site):
    with serving(_files(site)) as home, open_chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        asked = set()
        page.on("request", lambda request: asked.add(request.url))
        for name in ("index", "quick-start", "api/index", "adr/index"):
            page.goto(f"{home}/{name}.html", wait_until="networkidle")
        page.get_by_role("button", name="Search").first.click()
        page.keyboard.type("reconciler")
        page.get_by_text(re.compile(r"^\d+ results$")).wait_for()
        page.keyboard.press("Enter")
        page.wait_for_url("**/*.html?h=reconciler*")

    others = {url for url in asked if not url.startswith((f"{home}/", "data:", "blob:"))}
    assert others == set()
    assert f"{home}/search.json" in asked
