"""The API reference: one page for each subject, told by the OpenAPI document."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from dev.site import shop

PAGE = "api/index.md"
# Of what may be said in more words than these, the running shop's /docs has them all.
MOST_VALUES = 12
_METHODS = ("get", "post", "put", "patch", "delete")
_INTRODUCTION = """\
# API

{description}

Lists take `limit` and `cursor`, and answer `items` and `next_cursor`. Every error is in
[problems](../problems.md); each endpoint says which are its own. A running shop has the same at
`/docs`, where it can be tried, and as `/openapi.json`; both work offline.
"""


def written() -> dict[str, str]:
    """Write the pages: the list of all endpoints, and one for each subject."""
    spec = shop.description()
    subjects = {tag["name"]: tag.get("description", tag["name"]) for tag in spec["tags"]}
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {tag: [] for tag in subjects}
    for path, methods in spec["paths"].items():
        for method in _METHODS:
            if method in methods:
                told = methods[method]
                shared = methods.get("parameters", [])
                told = told | {"parameters": [*shared, *told.get("parameters", [])]}
                by_tag[told["tags"][0]].append((method.upper(), path, told))
    pages = {PAGE: _index(spec, subjects, by_tag)}
    for tag, found in by_tag.items():
        lines = [f"# {subjects[tag]}", ""]
        for method, path, told in found:
            lines += _endpoint(method, path, told, spec)
        pages[f"api/{_file(tag)}"] = "\n".join(lines) + "\n"
    return pages


def _index(spec: Mapping[str, Any], subjects: Mapping[str, str], by_tag: Mapping[str, Any]) -> str:
    lines = [_INTRODUCTION.format(description=spec["info"]["description"].strip())]
    for tag, found in by_tag.items():
        lines += [
            f"## {subjects[tag]} {{ #{_anchor(tag)} }}",
            "",
            "| call | does |",
            "| --- | --- |",
        ]
        for method, path, told in found:
            place = f"{_file(tag)}#{_anchor(method + path)}"
            lines.append(f"| [`{method} {path}`]({place}) | {_cell(told.get('summary', ''))} |")
        lines.append("")
    return "\n".join(lines)


def _endpoint(
    method: str, path: str, told: Mapping[str, Any], spec: Mapping[str, Any]
) -> Iterator[str]:
    yield f"## `{method} {path}` {{ #{_anchor(method + path)} }}"
    yield ""
    yield told.get("summary", "")
    yield ""
    if "description" in told:
        yield f"{told['description']}\n"
    yield _who(told)
    yield ""
    if told["parameters"]:
        yield from ["| parameter | in | type | what |", "| --- | --- | --- | --- |"]
        for one in told["parameters"]:
            needed = "**needed** " * one.get("required", False)
            what = _cell(needed + one.get("description", ""))
            yield f"| `{one['name']}` | {one['in']} | {_type(one['schema'])} | {what} |"
        yield ""
    for kind, content in told.get("requestBody", {}).get("content", {}).items():
        yield from [f"Body (`{kind}`):", ""]
        yield from _fields(content.get("schema", {}), spec)
        if "example" in content:
            yield from _json(content["example"])
    yield from _answers(told, spec)


def _who(told: Mapping[str, Any]) -> str:
    if not told.get("security"):
        return "Anybody may ask."
    if "403" in told["responses"]:
        return "Needs a token (`Authorization: Bearer ...`) of somebody who may do this."
    return "Needs a token: `Authorization: Bearer ...`."


def _answers(told: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    problems = []
    for status, answer in sorted(told["responses"].items()):
        content = answer.get("content", {})
        if "application/problem+json" in content or status == "default":
            for code, one in (
                content.get("application/problem+json", {}).get("examples", {}).items()
            ):
                problems.append(f"| {status} | `{code}` | {_cell(one['value']['title'])} |")
            continue
        yield from [f"Answers {status}: {answer.get('description', '')}", ""]
        for kind, one in content.items():
            if kind == "application/json":
                yield from _fields(one.get("schema", {}), spec)
            if "example" in one:
                yield from _json(one["example"])
    if problems:
        yield from ["| status | problem | when |", "| --- | --- | --- |", *problems, ""]


def _fields(schema: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """Write a table of an object's fields; those of objects within it are named by their path."""
    rows = list(_rows(schema, spec, "", ()))
    if rows:
        yield from ["| field | type | what |", "| --- | --- | --- |", *rows, ""]


def _rows(
    schema: Mapping[str, Any], spec: Mapping[str, Any], prefix: str, above: tuple[str, ...]
) -> Iterator[str]:
    name, plain = _resolved(schema, spec)
    if name in above:
        return
    if "items" in plain:
        yield from _rows(plain["items"], spec, f"{prefix}[]", (*above, name))
        return
    for field, about in plain.get("properties", {}).items():
        path = f"{prefix}.{field}" if prefix else field
        needed = "**needed** " * (field in plain.get("required", ()))
        what = _cell(needed + about.get("description", "") + _example(about))
        kind, inner = _resolved(about, spec)
        yield f"| `{path}` | {_type(about, inner)} | {what} |"
        # Money is the same everywhere, and explained once, in the introduction.
        if kind != "Money":
            yield from _rows(about, spec, path, (*above, name))


def _resolved(schema: Mapping[str, Any], spec: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Follow a name to what it stands for; of what may be null too, to what else it may be."""
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return _resolved(one, spec)
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name, spec["components"]["schemas"][name]
    return "", schema


def _type(schema: Mapping[str, Any], inner: Mapping[str, Any] | None = None) -> str:
    names = schema.get("type") or (inner or {}).get("type") or "any"
    told = " or ".join(names) if isinstance(names, list) else str(names)
    if any(one.get("type") == "null" for one in schema.get("anyOf", ())):
        told += " or null"
    if "format" in schema:
        told += f" ({schema['format']})"
    values = [f"`{one}`" for one in schema.get("enum", ()) if one is not None]
    if values:
        told += ": " + ", ".join(values[:MOST_VALUES])
        told += f" and {len(values) - MOST_VALUES} more" * (len(values) > MOST_VALUES)
    for word, sign in (("minimum", "from"), ("maximum", "to"), ("maxLength", "characters at most")):
        if word in schema:
            is_after = word == "maxLength"
            told += f", {schema[word]} {sign}" if is_after else f", {sign} {schema[word]}"
    return _cell(told)


def _example(about: Mapping[str, Any]) -> str:
    return f" e.g. `{about['example']}`" if about.get("example") not in (None, "") else ""


def _json(example: Any) -> Iterator[str]:
    yield from [
        "```json",
        *json.dumps(example, indent=2, ensure_ascii=False).splitlines(),
        "```",
        "",
    ]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _file(tag: str) -> str:
    return f"{_anchor(tag)}.md"


def _anchor(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())
