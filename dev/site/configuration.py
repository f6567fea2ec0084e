"""
The page of settings.

Names, defaults and limits are those of `app.config`; docs/settings.toml says what each is for.
"""

import tomllib
import types
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from app.config import DEVELOPMENT_SECRETS, Settings
from app.version import VERSION
from dev.errors import DevError

PAGE = "configuration.md"
WORDS = "settings.toml"
_INTRODUCTION = """\
# Configuration

<!-- Written by `make docs` from app/config.py and docs/settings.toml; change those. -->

From the environment; `.env` is read in development. Every setting is checked at the start, and
what is unknown, missing or malformed is named. Production refuses what is not safe, of its servers
too ([rights.md](rights.md)); the [checklist](deployment-checklist.md) looks at the rest.
"""
_BOUNDS = (("ge", "{} at least"), ("le", "{} at most"), ("min_length", "{} characters at least"),
           ("max_length", "{} characters at most"))  # fmt: skip


def written(root: Path) -> str:
    """
    Write the page.

    Raises:
        DevError: naming settings that nobody says a word of, and words of settings that are none.
    """
    told = tomllib.loads((root / "docs" / WORDS).read_text())
    others: Mapping[str, Mapping[str, str]] = told.pop("elsewhere")
    named = {name for chapter in told.values() for name in chapter}
    known = {name.upper() for name in Settings.model_fields}
    wrong = [
        *(f"{name} is a setting, and docs/{WORDS} says nothing of it" for name in known - named),
        *(f"{name} is in docs/{WORDS}, and is no setting" for name in named - known),
    ]
    if wrong:
        raise DevError("\n".join(sorted(wrong)))
    lines = [_INTRODUCTION]
    for chapter, words in told.items():
        lines += [
            f"## {chapter}",
            "",
            "| variable | default | takes | what |",
            "| --- | --- | --- | --- |",
        ]
        for name, what in words.items():
            field = Settings.model_fields[name.lower()]
            lines.append(f"| `{name}` | {_default(name, field)} | {_takes(field)} | {what} |")
        lines.append("")
    lines += ["## Read elsewhere", "", "| variable | default | what |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {one['default']} | {one['what']} |" for name, one in others.items()]
    return "\n".join(lines) + "\n"


def _default(name: str, field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "**needed**; `make run` sets it"
    if name.lower() in DEVELOPMENT_SECRETS:
        return "development's"
    if value == VERSION:
        # Another one with each release, which writes no pages.
        return "this version"
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _takes(field: FieldInfo) -> str:
    told = _kinds(field.annotation)
    for item in field.metadata:
        told += [
            words.format(getattr(item, bound))
            for bound, words in _BOUNDS
            if getattr(item, bound, None) is not None
        ]
    return ", ".join(dict.fromkeys(told))


def _kinds(annotation: Any) -> list[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        return [" or ".join(f"`{one}`" for one in get_args(annotation))]
    if origin in (Union, types.UnionType):
        return [
            kind for one in get_args(annotation) if one is not type(None) for kind in _kinds(one)
        ]
    if origin is tuple:
        return ["a list, by commas"]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [" or ".join(f"`{one.value}`" for one in annotation)]
    names = {str: "text", int: "a whole number", float: "a number", SecretStr: "a secret"}
    return [names[annotation]]
