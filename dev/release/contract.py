"""
What a version promises to who calls the API: the OpenAPI document, compared with an older one.

Breaking is what makes a request that was right wrong, or takes away what an answer had. That
something may come, a field of an answer or a value of a list, is no break: clients ignore what
they do not know (docs/upgrading.md).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
Schema = Mapping[str, Any]

METHODS = frozenset({"get", "put", "post", "patch", "delete", "head", "options"})
# What explains and does not bind.
_WORDS = frozenset({"description", "summary", "example", "examples", "title", "info", "servers"})
# A number that must not fall, or rise, in what is sent to us.
_CEILINGS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_FLOORS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_CHOICES = ("anyOf", "oneOf", "allOf")


def bound(document: Document) -> dict[str, Any]:
    """Take what binds of a document; what only explains is left out."""
    paths, components = document["paths"], document.get("components", {})
    return {
        "paths": _wordless(paths),
        "components": {
            kind: {name: _wordless(one) for name, one in components[kind].items()}
            for kind in sorted(components)
        },
    }


def _wordless(value: Any, *, are_names: bool = False) -> Any:
    """Leave words out; but a property may be named like one."""
    if isinstance(value, Mapping):
        return {
            key: _wordless(inner, are_names=key == "properties")
            for key, inner in sorted(value.items())
            if are_names or key not in _WORDS
        }
    return [_wordless(one) for one in value] if isinstance(value, list) else value


def breaks(old: Document, new: Document) -> list[str]:
    """List what who was right with the old document would stumble over in the new one."""
    return sorted(set(_Comparison(old, new).found()))


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        # What is being compared further up: schemas may contain themselves.
        self._open: set[tuple[str, str, bool]] = set()

    def found(self) -> Iterator[str]:
        for path, item in self.old["paths"].items():
            for method in sorted(METHODS & item.keys()):
                name = f"{method.upper()} {path}"
                other = self.new["paths"].get(path, {}).get(method)
                if other is None:
                    yield f"{name}: is gone"
                    continue
                at = self.new["paths"][path]
                yield from self._parameters(name, _all(item, item[method]), _all(at, other))
                yield from self._body(name, item[method], other)
                yield from self._answers(name, item[method], other)
                if other.get("security") and not item[method].get("security"):
                    yield f"{name}: wants to know who asks"

    def _parameters(self, name: str, old: list[Schema], new: list[Schema]) -> Iterator[str]:
        ours = {(p["in"], p["name"]): p for p in map(self._in_new, new)}
        theirs = {(p["in"], p["name"]): p for p in map(self._in_old, old)}
        for key, parameter in theirs.items():
            where = f"{name}: {key[0]} parameter {key[1]}"
            if key not in ours:
                yield f"{where} is gone"
            else:
                yield from self._sent(
                    where, parameter.get("schema", {}), ours[key].get("schema", {})
                )
        for key, parameter in ours.items():
            was = theirs.get(key, {}).get("required", False)
            if parameter.get("required") and not was:
                yield f"{name}: {key[0]} parameter {key[1]} has to be given"

    def _body(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        theirs, ours = (
            self._in_old(old.get("requestBody", {})),
            self._in_new(new.get("requestBody", {})),
        )
        if ours.get("required") and not theirs.get("required"):
            yield f"{name}: a body has to be given"
        for kind, content in theirs.get("content", {}).items():
            if kind not in ours.get("content", {}):
                yield f"{name}: takes no {kind} any more"
            else:
                other = ours["content"][kind]
                yield from self._sent(f"{name}: body", content.get("schema", {}), other["schema"])

    def _answers(self, name: str, old: Schema, new: Schema) -> Iterator[str]:
        for status, answer in old.get("responses", {}).items():
            if not status.startswith(("2", "3")):
                continue
            other = self._in_new(new.get("responses", {}).get(status, {}))
            if status not in new.get("responses", {}):
                yield f"{name}: answers no {status} any more"
            for kind, content in self._in_old(answer).get("content", {}).items():
                at = other.get("content", {}).get(kind)
                if at is None:
                    yield f"{name}: {status} is no {kind} any more"
                else:
                    where = f"{name}: {status}"
                    yield from self._told(where, content.get("schema", {}), at.get("schema", {}))

    def _sent(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compare what is sent to us: whatever was taken has to be."""
        yield from self._compare(where, old, new, is_sent=True)

    def _told(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compare what is told by us: whatever was there has to be, and be as it was."""
        yield from self._compare(where, old, new, is_sent=False)

    def _compare(self, where: str, old: Schema, new: Schema, *, is_sent: bool) -> Iterator[str]:
        names = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True), is_sent)
        if names in self._open:
            return
        self._open.add(names)
        theirs, ours = self._in_old(old), self._in_new(new)
        yield from _types(where, theirs, ours, is_sent=is_sent)
        yield from self._properties(where, theirs, ours, is_sent=is_sent)
        if is_sent:
            yield from _limits(where, theirs, ours)
        if "items" in theirs and "items" in ours:
            yield from self._compare(f"{where}[]", theirs["items"], ours["items"], is_sent=is_sent)
        for choice in _CHOICES:
            yield from self._choices(where, theirs.get(choice), ours.get(choice), is_sent=is_sent)
        self._open.discard(names)

    def _properties(self, where: str, old: Schema, new: Schema, *, is_sent: bool) -> Iterator[str]:
        ours = new.get("properties", {})
        for name, schema in old.get("properties", {}).items():
            if name not in ours:
                yield f"{where}.{name} is gone"
            else:
                yield from self._compare(f"{where}.{name}", schema, ours[name], is_sent=is_sent)
        must, must_now = set(old.get("required", ())), set(new.get("required", ()))
        if is_sent:
            yield from (f"{where}.{name} has to be given" for name in must_now - must)
        else:
            lost = (must - must_now) & ours.keys()
            yield from (f"{where}.{name} may be missing" for name in lost)

    def _choices(
        self, where: str, old: list[Schema] | None, new: list[Schema] | None, *, is_sent: bool
    ) -> Iterator[str]:
        if old is None:
            return
        if new is None or len(old) != len(new):
            yield f"{where} is another choice"
            return
        for theirs, ours in zip(old, new, strict=True):
            yield from self._compare(where, theirs, ours, is_sent=is_sent)

    def _in_old(self, schema: Schema) -> Schema:
        return _followed(self.old, schema)

    def _in_new(self, schema: Schema) -> Schema:
        return _followed(self.new, schema)


def _followed(document: Document, schema: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _all(item: Schema, operation: Schema) -> list[Schema]:
    return [*item.get("parameters", ()), *operation.get("parameters", ())]


def _types(where: str, old: Schema, new: Schema, *, is_sent: bool) -> Iterator[str]:
    theirs, ours = _kinds(old), _kinds(new)
    if not theirs and not ours:
        return
    fits = not ours or theirs <= ours if is_sent else not theirs or (ours and ours <= theirs)
    if not fits:
        yield f"{where} is {_listed(ours)} instead of {_listed(theirs)}"


def _kinds(schema: Schema) -> set[str]:
    """Tell the types of a schema, a whole number being a number; empty: any."""
    kinds = schema.get("type", [])
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    return found | ({"integer"} if "number" in found else set())


def _listed(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds)) or "anything"


def _limits(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for name in _CEILINGS:
        if name in new and new[name] < old.get(name, float("inf")):
            yield f"{where}: {name} is {new[name]} now"
    for name in _FLOORS:
        if name in new and new[name] > old.get(name, 0 if name.startswith("min") else -1):
            yield f"{where}: {name} is {new[name]} now"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: has another pattern"
    if "enum" in new:
        refused = set(map(str, old.get("enum", ["any other"]))) - set(map(str, new["enum"]))
        yield from (f"{where}: {value} is not taken any more" for value in sorted(refused))
