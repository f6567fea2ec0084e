"""
The Postman collection: a journey whose requests run one after another, and every operation.

Written by ourselves: a converter knows neither the order of requests nor what an answer is kept
for, and a collection that does not run tells nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dev.clients.journey import FOLDERS, Step
from dev.errors import DevError

HERE = Path(__file__).resolve().parents[2] / "clients" / "postman"
COLLECTION, ENVIRONMENT = "ora.postman_collection.json", "ora.postman_environment.json"
OWNED = (COLLECTION, ENVIRONMENT)
_SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
_METHODS = ("get", "post", "put", "patch", "delete")
_VARIABLES = {
    "baseUrl": "http://127.0.0.1:8000", "sandboxUrl": "http://127.0.0.1:8001",
    "staffEmail": "", "staffPassword": "",
}  # fmt: skip
# Words that a validator of schemas does not need, or does not know.
_NOT_CHECKED = {"format", "example", "examples", "description", "deprecated"}
_MOST_POLLS = 400

Operation = tuple[str, str, dict[str, Any]]


def write(document: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """
    Write the collection and its environment into a folder; gives their paths in it.

    Raises:
        DevError: a request of the journey is not in the document, or not as it has it.
    """
    operations = {
        operation["operationId"]: (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in _METHODS
    }
    journey = [
        {"name": name, "item": [_step(step, operations, document) for step in steps]}
        for name, steps in FOLDERS.items()
    ]
    collection = {
        "info": {
            "name": "ORA", "schema": _SCHEMA, "description": document["info"]["description"],
        },
        "item": [*journey, {"name": "Every operation", "item": _subjects(operations)}],
        "variable": [{"key": name, "value": ""} for name in _kept()],
    }  # fmt: skip
    values = [{"key": k, "value": v, "enabled": True} for k, v in _VARIABLES.items()]
    environment = {
        "name": "ORA at home",
        "values": values,
        "_postman_variable_scope": "environment",
    }
    for name, written in ((COLLECTION, collection), (ENVIRONMENT, environment)):
        (folder / name).write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")
    return OWNED


def _kept() -> list[str]:
    named = {name for steps in FOLDERS.values() for step in steps for name in step.keep}
    return sorted(named | {"email", "key", "sku", "slug", "reference"})


def _step(step: Step, operations: Mapping[str, Operation], document: Mapping[str, Any]) -> Any:
    if step.operation.startswith("{{"):
        return _item(step, "post", step.operation, None)
    if step.operation not in operations:
        raise DevError(f"{step.name}: the document has no operation {step.operation}")
    method, path, operation = operations[step.operation]
    response = operation["responses"].get(str(step.status))
    if response is None:
        raise DevError(f"{step.name}: {step.operation} does not answer {step.status}")
    content = response.get("content", {})
    kind = "application/problem+json" if step.code else "application/json"
    told = content.get(kind, {})
    if step.code and step.code not in told.get("examples", {}):
        raise DevError(f"{step.name}: {step.operation} does not refuse with {step.code}")
    for name, value in step.path.items():
        path = path.replace("{" + name + "}", value)
    schema = _alone(told["schema"], document) if told else None
    return _item(step, method, "{{baseUrl}}" + path, schema)


def _item(step: Step, method: str, address: str, schema: Any) -> dict[str, Any]:
    headers = [{"key": name, "value": text} for name, text in step.headers.items()]
    if step.bearer:
        headers.append({"key": "Authorization", "value": "Bearer {{" + step.bearer + "}}"})
    request: dict[str, Any] = {"method": method.upper(), "header": headers}
    if step.body is not None:
        headers.append({"key": "Content-Type", "value": "application/json"})
        request["body"] = {"mode": "raw", "raw": _raw(step.body)}
    request["url"] = _url(address, step.query)
    events = [{"listen": "test", "script": _script(_tests(step, schema))}]
    if step.before:
        events.append({"listen": "prerequest", "script": _script(step.before)})
    return {"name": step.name, "request": request, "event": events}


def _raw(body: Any) -> str:
    # What was kept as JSON is put in as it is, and not as a text.
    return json.dumps(body, indent=2).replace('"{{total}}"', "{{total}}")


def _url(address: str, query: Mapping[str, str]) -> dict[str, Any]:
    host, *path = address.split("/")
    told: dict[str, Any] = {"raw": address, "host": [host], "path": path}
    if query:
        told["query"] = [{"key": name, "value": value} for name, value in query.items()]
        told["raw"] += "?" + "&".join(f"{name}={value}" for name, value in query.items())
    return told


def _script(lines: Any) -> dict[str, Any]:
    return {"type": "text/javascript", "exec": list(lines)}


def _tests(step: Step, schema: Any) -> Iterator[str]:
    yield "const answer = pm.response.text() ? pm.response.json() : null;"
    if step.until:
        yield "const asked = Number(pm.collectionVariables.get('asked') || 0) + 1;"
        yield f"const is_over = ({step.until}) || asked >= {_MOST_POLLS};"
        yield "pm.collectionVariables.set('asked', is_over ? 0 : asked);"
        yield "if (!is_over) pm.execution.setNextRequest(pm.info.requestName);"
        yield f"if (is_over) pm.test('holds', () => pm.expect({step.until}).to.be.true);"
    yield f"pm.test('answers {step.status}', () => pm.response.to.have.status({step.status}));"
    if schema is not None:
        yield f"const schema = {json.dumps(schema)};"
        yield "pm.test('is as documented', () => pm.response.to.have.jsonSchema(schema));"
    if step.code:
        yield f"pm.test('says why', () => pm.expect(answer.code).to.equal('{step.code}'));"
    for check in step.checks:
        yield f"pm.test({json.dumps(check)}, () => {check});"
    for name, value in step.keep.items():
        yield f"pm.collectionVariables.set('{name}', {value});"


def _alone(schema: Any, document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a schema with those that it names, in the older words that Postman checks by."""
    needed: dict[str, Any] = {}

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(one) for one in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            if name not in needed:
                needed[name] = None
                needed[name] = plain(document["components"]["schemas"][name])
            return {"$ref": f"#/definitions/{name}"}
        return {
            key: {name: plain(one) for name, one in value.items()} if key == "properties"
            else plain(value)
            for key, value in node.items()
            if key not in _NOT_CHECKED
        }  # fmt: skip

    return {"allOf": [plain(schema)], "definitions": needed}


def _subjects(operations: Mapping[str, Operation]) -> list[dict[str, Any]]:
    """Write every operation below its subject, to be sent by hand."""
    subjects: dict[str, list[Any]] = {}
    for name, (method, path, operation) in operations.items():
        subjects.setdefault(operation["tags"][0], []).append(
            _by_hand(name, method, path, operation)
        )
    return [{"name": name, "item": items} for name, items in subjects.items()]


def _by_hand(name: str, method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    headers, query = [], {}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header":
            headers.append({"key": parameter["name"], "value": "{{$guid}}"})
        elif parameter["in"] == "query":
            query[parameter["name"]] = str(parameter["schema"].get("default", ""))
    if operation.get("security"):
        token = "staffToken" if "/admin/" in path else "token"
        headers.append({"key": "Authorization", "value": "Bearer {{" + token + "}}"})
    url = _url("{{baseUrl}}" + re.sub(r"{(\w+)}", r":\1", path), {})
    names = re.findall(r"{(\w+)}", path)
    url["variable"] = [{"key": one, "value": ""} for one in names]
    url["query"] = [{"key": k, "value": v, "disabled": True} for k, v in query.items()]
    request = {"method": method.upper(), "header": headers, "url": url}
    if operation.get("summary"):
        request["description"] = operation["summary"]
    return {"name": name.replace("_", " ").capitalize(), "request": request}
