"""The page at /docs works without any other host."""

import json
import re
from urllib.parse import urlsplit

import pytest

ADDRESS = re.compile(r"""(?:src|href)\s*=\s*["']([^"']+)""")
LOADED_BY_A_SHEET = re.compile(r"""(?:url\(|@import)\s*["']?([^"')\s]+)""")
HOST = "shop.example"


@pytest.fixture
def page(client):
    return client.get("/docs/", base_url=f"https://{HOST}").text


def fetch(client, address):
    """Status and body; the file behind it is closed."""
    with client.get(address) as response:
        return response.status_code, response.data


def test_the_front_door_leads_to_the_docs(client):
    response = client.get("/", follow_redirects=True)

    assert response.request.path == "/docs/"
    assert "<title>ORA API</title>" in response.text


def test_everything_that_the_page_loads_is_served_here(client, page):
    addresses = ADDRESS.findall(page)

    loaded = {address: fetch(client, address)[0] for address in addresses}

    assert len(loaded) >= 4
    assert loaded == dict.fromkeys(addresses, 200)
    assert [address for address in addresses if urlsplit(address).netloc] == []


def test_the_page_names_no_other_host(page):
    hosts = {urlsplit(url).netloc for url in re.findall(r"(?:https?:)?//[\w.-]+[^\s\"']*", page)}

    assert hosts <= {"", HOST}


def test_the_styles_load_nothing_from_elsewhere(client, page):
    sheets = [address for address in ADDRESS.findall(page) if address.endswith(".css")]

    loads = [
        url
        for sheet in sheets
        for url in LOADED_BY_A_SHEET.findall(fetch(client, sheet)[1].decode())
        if not url.startswith("data:")
    ]

    assert len(sheets) == 2
    assert loads == []


def test_the_page_reads_our_own_document_and_sends_it_to_nobody_for_validation(page):
    config = json.loads(re.search(r"var user_config = (\{.*?\});", page)[1])

    assert config == {
        "url": "/openapi.json",
        "dom_id": "#swagger-ui",
        "layout": "StandaloneLayout",
        "deepLinking": True,
        "persistAuthorization": True,
        "validatorUrl": "none",
        "oauth2RedirectUrl": f"https://{HOST}/docs/oauth2-redirect.html",
    }


def test_the_document_itself_names_no_other_host(client):
    text = client.get("/openapi.json").text

    assert re.findall(r"https?://[^\s\"']+", text) == []
