"""The Python client at the real shop over HTTP."""

from collections.abc import Callable, Iterator

import pytest
from ora_client import Shop as Client
from ora_client.api.auth import register
from ora_client.models import Address, Registration

from tests.serving import serving

ADDRESS = Address(
    name="Meera Iyer", phone="+919876543210", line1="14 Temple Street", city="Chennai",
    state="Tamil Nadu", pincode="600004",
)  # fmt: skip


@pytest.fixture
def home(app) -> Iterator[str]:
    """Where the shop is served."""
    with serving(app) as url:
        yield url


@pytest.fixture
def visit(home) -> Iterator[Callable[..., Client]]:
    """Opens clients; none of them sleeps, and each tells how long it would have."""
    opened = []

    def open_one(**options):
        slept = []
        client = Client(options.pop("base_url", home), sleep=slept.append, **options)
        client.slept = slept
        opened.append(client)
        return client

    yield open_one
    for client in opened:
        client.close()


def registered(client: Client, email: str = "meera@example.com") -> Client:
    """Make an account and stay signed in."""
    wish = Registration(email=email, password="a long sentence of hers", name="Meera Iyer")
    client.use(register(client, body=wish))
    return client
