"""The generated part of the TypeScript client: types of every operation, by openapi-typescript."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dev import node

HERE = Path(__file__).resolve().parents[2] / "clients" / "typescript"
OWNED = ("src/schema.d.ts",)


def write(document: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """
    Write the types into a folder; gives the file's path in it.

    Raises:
        DevError: there is no node, or its packages cannot be installed.
    """
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    program = node.installed(HERE) / "openapi-typescript" / "bin" / "cli.js"
    (folder / OWNED[0]).parent.mkdir(parents=True)
    # What has a default may be left out of a request.
    options = ("--default-non-nullable=false", "--output", str(folder / OWNED[0]))
    node.run(node.node(), str(program), str(path), *options, cwd=HERE)
    return OWNED
