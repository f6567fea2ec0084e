"""A change of the API's document is a break where somebody who was right would stumble."""

import copy

import pytest

from dev.release import contract, versions

RING = {
    "type": "object",
    "required": ["sku", "price"],
    "properties": {
        "sku": {"type": "string", "maxLength": 40},
        "price": {"type": "integer", "minimum": 1},
        "metal": {"type": "string", "enum": ["gold", "silver"]},
        # Pieces may be sold with others.
        "with": {"type": "array", "items": {"$ref": "#/components/schemas/Ring"}},
        "title": {"type": ["string", "null"]},
    },
}
OLD = {
    "paths": {
        "/rings": {
            "get": {
                "parameters": [{"in": "query", "name": "metal", "schema": {"type": "string"}}],
                "responses": {"200": {"content": {"application/json": {
                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Ring"}}
                }}}},
            },
            "post": {
                "requestBody": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Ring"}
                }}},
                "responses": {"201": {"description": "made"}},
            },
        },
    },
    "components": {"schemas": {"Ring": RING}},
}  # fmt: skip


def changed(change):
    new = copy.deepcopy(OLD)
    change(new)
    return contract.breaks(contract.bound(OLD), contract.bound(new))


def ring(document):
    return document["components"]["schemas"]["Ring"]


GET, POST = (lambda document, m=m: document["paths"]["/rings"][m] for m in ("get", "post"))
BREAKS = {
    "an endpoint ends": (
        lambda d: d["paths"]["/rings"].pop("post"), "POST /rings: is gone"),
    "a path ends": (lambda d: d["paths"].clear(), "GET /rings: is gone"),
    "a parameter ends": (
        lambda d: GET(d)["parameters"].clear(), "GET /rings: query parameter metal is gone"),
    "a parameter has to be given": (
        lambda d: GET(d)["parameters"][0].update(required=True),
        "GET /rings: query parameter metal has to be given"),
    "who asks has to be known": (
        lambda d: GET(d).update(security=[{"bearer": []}]), "GET /rings: wants to know who asks"),
    "a body has to be given": (
        lambda d: POST(d)["requestBody"].update(required=True),
        "POST /rings: a body has to be given"),
    "a field ends": (
        lambda d: ring(d)["properties"].pop("metal"), "GET /rings: 200[].metal is gone"),
    "a field has to be sent": (
        lambda d: ring(d)["required"].append("metal"), "POST /rings: body.metal has to be given"),
    "a field may be missing": (
        lambda d: ring(d)["required"].remove("sku"), "GET /rings: 200[].sku may be missing"),
    "a field is of another type": (
        lambda d: ring(d)["properties"]["price"].update(type="string"),
        "GET /rings: 200[].price is string instead of integer"),
    "a field may be null": (
        lambda d: ring(d)["properties"]["sku"].update(type=["string", "null"]),
        "GET /rings: 200[].sku is null or string instead of string"),
    "a field may be null no more": (
        lambda d: ring(d)["properties"]["title"].update(type="string"),
        "POST /rings: body.title is string instead of null or string"),
    "less is taken": (
        lambda d: ring(d)["properties"]["sku"].update(maxLength=20),
        "POST /rings: body.sku: maxLength is 20 now"),
    "more is asked for": (
        lambda d: ring(d)["properties"]["price"].update(minimum=100),
        "POST /rings: body.price: minimum is 100 now"),
    "a value is refused": (
        lambda d: ring(d)["properties"]["metal"]["enum"].remove("silver"),
        "POST /rings: body.metal: silver is not taken any more"),
    "an answer ends": (
        lambda d: POST(d).update(responses={"204": {}}), "POST /rings: answers no 201 any more"),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_is_found_and_named(name):
    change, told = BREAKS[name]

    assert told in changed(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["paths"].update({"/chains": {"get": {"responses": {}}}}),
        lambda d: GET(d)["parameters"].append({"in": "query", "name": "q", "schema": {}}),
        lambda d: ring(d)["properties"].update(weight={"type": "integer"}),
        lambda d: ring(d)["properties"]["metal"]["enum"].append("platinum"),
        lambda d: ring(d)["properties"]["sku"].update(maxLength=80),
        lambda d: GET(d).update(description="In other words."),
    ],
    ids=["endpoint", "parameter", "field", "value", "longer", "words"],
)
def test_what_is_added_breaks_nothing(change):
    assert changed(change) == []


@pytest.mark.parametrize(
    ("last", "breaks", "adds", "least"),
    [
        ("1.4.2", False, False, "1.4.3"),
        ("1.4.2", False, True, "1.5.0"),
        ("1.4.2", True, True, "2.0.0"),
        # Before 1.0.0 the second number is that of breaks.
        ("0.9.1", False, True, "0.9.2"),
        ("0.9.1", True, False, "0.10.0"),
    ],
)
def test_the_number_says_what_changed(last, breaks, adds, least):
    found = versions.least_after(versions.read(last), breaks=breaks, adds=adds)

    assert (str(found), found > versions.read(last)) == (least, True)


@pytest.mark.parametrize("text", ["1.4", "v1.4.0", "1.04.0", "1.4.0-rc1", "", "one"])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(versions.DevError, match="no version"):
        versions.read(text)
