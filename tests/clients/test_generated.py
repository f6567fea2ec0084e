"""What is generated is what the document gives, and it is noticed where it is not."""

import pytest

from dev.clients import __main__ as clients
from dev.clients import typescript
from dev.errors import DevError
from tests.clients.nodes import require


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


@pytest.mark.parametrize("name", clients.WRITERS)
def test_what_is_committed_is_what_the_document_gives(document, name):
    if name == "typescript":
        require(typescript.HERE)

    assert clients.renew(name, document, is_only_looked_at=True) == []


@pytest.mark.parametrize("name", ["python", "typescript"])
def test_a_document_that_has_changed_is_noticed(document, name):
    if name == "typescript":
        require(typescript.HERE)
    del document["paths"]["/api/v1/checkout"]

    stale = clients.renew(name, document, is_only_looked_at=True)

    names = {path.name for path in stale}
    assert names
    assert "show_order.py" not in names
    assert name != "python" or "check_out.py" in names


@pytest.mark.parametrize(
    ("operation", "part"), [("show_cart", "401"), ("check_out", "201"), ("log_in", None)]
)
def test_a_collection_that_the_document_does_not_have_is_an_error(document, operation, part):
    for path in document["paths"].values():
        for told in path.values():
            if isinstance(told, dict) and told.get("operationId") == operation:
                if part:
                    del told["responses"][part]
                else:
                    told["operationId"] = "another"

    with pytest.raises(DevError, match=operation):
        clients.renew("postman", document, is_only_looked_at=True)


def test_what_the_generator_would_leave_out_is_an_error(document):
    body = document["paths"]["/api/v1/checkout"]["post"]["requestBody"]
    body["content"] = {"application/x-unheard-of": body["content"]["application/json"]}

    with pytest.raises(DevError, match="unheard-of"):
        clients.renew("python", document, is_only_looked_at=True)
