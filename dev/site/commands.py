"""The page of commands: each of the shop's, in its own words."""

from collections.abc import Iterator

import click

from dev.site import shop

PAGE = "commands.md"
_INTRODUCTION = """\
# Commands

`flask --app wsgi COMMAND`, with the environment of the shop. Beside a running `make run`:
`set -a; . .data/run/env; set +a`, then `.venv/bin/flask --app wsgi COMMAND`. Backups, restores
and what verifies a deployment are commands of their own: [backup](backup.md),
[deployment checklist](deployment-checklist.md).
"""
# Flask's own.
_NOT_OURS = {"run", "shell", "routes", "limiter"}


def written() -> str:
    """Write the page."""
    commands = {name: one for name, one in shop.app().cli.commands.items() if name not in _NOT_OURS}
    lines = [_INTRODUCTION]
    for name, command in sorted(commands.items()):
        lines += _command(name, command)
    return "\n".join(lines)


def _command(name: str, command: click.Command) -> Iterator[str]:
    usage = command.collect_usage_pieces(click.Context(command, info_name=name))
    yield f"## `{' '.join([name, *usage])}` {{ #{name} }}"
    yield ""
    yield " ".join((command.help or "").split())
    yield ""
    options = [one for one in command.params if isinstance(one, click.Option)]
    for one in options:
        yield f"- `{', '.join(one.opts)}` {one.help or ''}".rstrip()
    if options:
        yield ""
