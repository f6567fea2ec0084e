"""
Bodies read and answers written at a part of what a schema costs, by the schema's own fields.

For requests whose validation costs more than their work. What is read here the schema reads as
well, to the byte; whatever is unusual, and all that is wrong, is left to the schema, whose words
about it are the API's. What is written here the schema writes as well.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Request
from marshmallow import Schema, ValidationError, fields, missing, validate

from app.core.fields import Sku, StrictInteger, Text

Read = Callable[[Any], Any]
Write = Callable[[Any], Any]
_HOOKS_NOT_RUN = ("pre_load", "validates", "validates_schema")
_HOOKS_NOT_RUN_BY_WRITERS = ("pre_dump", "post_dump")


class _UnsureError(Exception):
    """The schema has to look at it."""


def quick_body(schema_class: type[Schema]) -> Callable[[Request], Any]:
    """
    Make a reader of JSON bodies; it returns None for those that the schema has to look at.

    Raises:
        ValueError: the schema does what cannot be done here.
    """
    read = _reader(schema_class())

    def read_body(request: Request) -> Any:
        if request.mimetype != "application/json":
            return None
        try:
            return read(json.loads(request.get_data(cache=True), parse_constant=_doubt))
        except (_UnsureError, ValidationError, ValueError, RecursionError):
            return None

    return read_body


def _doubt(_: str) -> Any:
    raise _UnsureError


def _reader(schema: Schema) -> Read:
    """Make a reader of an object as a schema describes it."""
    _refuse_what_is_not_done_here(schema)
    readers = {name: _optional(field) for name, field in schema.load_fields.items()}
    required = frozenset(name for name, field in schema.load_fields.items() if field.required)
    defaults = {
        name: field.load_default
        for name, field in schema.load_fields.items()
        if field.load_default is not missing
    }
    has_end = bool(schema._hooks["post_load"])  # noqa: SLF001

    def read(value: Any) -> Any:
        if type(value) is not dict or not required <= value.keys() <= readers.keys():
            raise _UnsureError
        found = defaults | {name: readers[name](one) for name, one in value.items()}
        if not has_end:
            return found
        return schema._invoke_load_processors(  # noqa: SLF001
            "post_load", found, many=False, original_data=value, partial=None, unknown=None
        )

    return read


def _refuse_what_is_not_done_here(schema: Schema) -> None:
    hooks = [hook for hook in _HOOKS_NOT_RUN if schema._hooks[hook]]  # noqa: SLF001
    renamed = [
        name
        for name, field in schema.load_fields.items()
        if field.attribute or field.data_key or callable(field.load_default)
    ]
    if hooks or renamed or schema.unknown != "raise":
        raise ValueError(f"{type(schema).__name__} needs its schema: {hooks + renamed}")


def _optional(field: fields.Field[Any]) -> Read:
    """Read a value that may be null, if it may."""
    read = _field(field)
    if not field.allow_none:
        return read
    return lambda value: None if value is None else read(value)


def _field(field: fields.Field[Any]) -> Read:
    """Make a reader of one value: the field itself, unless it is one that costs less here."""
    if type(field) in (Text, Sku):
        return _text(field)
    if type(field) is StrictInteger:
        return _whole(field)
    if type(field) is fields.Nested:
        return _reader(field.schema)
    if type(field) is fields.List:
        return _list(field)
    return field.deserialize


def _text(field: fields.Field[Any]) -> Read:
    """Read plain ASCII by length and pattern; the field reads what else there is."""
    length = field.validators[0]
    assert isinstance(length, validate.Length)  # noqa: S101
    low, high = length.min or 0, length.max or 0
    regexps = [rule for rule in field.validators if isinstance(rule, validate.Regexp)]
    patterns: list[Callable[[str], Any]] = [rule.regex.match for rule in regexps]  # type: ignore[misc]
    if len(patterns) + 1 != len(field.validators):
        return field.deserialize

    def read(value: Any) -> Any:
        if type(value) is not str or not value.isascii() or not value.isprintable():
            return field.deserialize(value)
        text = value.strip()
        if not low <= len(text) <= high or not all(match(text) for match in patterns):
            raise _UnsureError
        return text

    return read


def _whole(field: fields.Field[Any]) -> Read:
    [bounds] = field.validators
    assert isinstance(bounds, validate.Range)  # noqa: S101
    low, high = bounds.min, bounds.max

    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise _UnsureError
        return value

    return read


def _list(field: fields.List[Any]) -> Read:
    read_one = _optional(field.inner)

    def read(value: Any) -> list[Any]:
        if type(value) is not list:
            raise _UnsureError
        found = [read_one(one) for one in value]
        for check in field.validators:
            check(found)
        return found

    return read


def quick_dump(schema_class: type[Schema]) -> Write:
    """
    Make a writer of objects, or of mappings, as a schema describes them.

    Raises:
        ValueError: the schema does what cannot be done here.
    """
    return _object_writer(schema_class())


def _object_writer(schema: Schema) -> Write:
    hooks = [hook for hook in _HOOKS_NOT_RUN_BY_WRITERS if schema._hooks[hook]]  # noqa: SLF001
    if hooks:
        raise ValueError(f"{type(schema).__name__} needs its schema: {hooks}")
    writers = [
        (field.data_key or name, field.attribute or name, _writer(field))
        for name, field in schema.dump_fields.items()
    ]

    def write(value: Any) -> Any:
        if value is None:
            return None
        get = value.get if isinstance(value, Mapping) else partial(getattr, value)
        return {
            key: write_one(found)
            for key, name, write_one in writers
            if (found := get(name, missing)) is not missing
        }

    return write


def _writer(field: fields.Field[Any]) -> Write:
    """Make a writer of one value: the field itself, unless it is one that costs less here."""
    if type(field) is fields.Nested:
        return _object_writer(field.schema)
    if type(field) is fields.List:
        write_one = _writer(field.inner)
        return lambda value: None if value is None else list(map(write_one, value))
    return lambda value: field._serialize(value, "", None)  # noqa: SLF001
