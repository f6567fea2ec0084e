"""
The generated part of the Python client: models, operations, and a class for each refusal.

openapi-python-client reads the document; our template writes an operation as one function that
returns what was asked for, since a refusal is raised.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dev.errors import DevError

HERE = Path(__file__).resolve().parents[2] / "clients" / "python"
PACKAGE = "ora_client"
OWNED = (f"{PACKAGE}/api", f"{PACKAGE}/models", f"{PACKAGE}/types.py", f"{PACKAGE}/refusals.py")
_RUFF = (sys.executable, "-m", "ruff")
_REFUSALS = '''\
"""Every refusal by its ``code``, written from the shop's document."""

from ora_client.problems import ProblemError
'''


def write(document: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    """
    Write the package's generated part into a folder; gives what of it is generated.

    Raises:
        DevError: the generator cannot make something of the document, or not of all of it.
    """
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    package = folder / PACKAGE
    told = _run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
        *("--path", str(path), "--output-path", str(package)),
        *("--config", str(HERE / "generator" / "config.yml")),
        *("--custom-template-path", str(HERE / "generator" / "templates")),
    )
    if "WARNING" in told:
        raise DevError(f"The Python client would lack something:\n{told}")
    (package / "refusals.py").write_text("\n".join(_refusals(document)))
    lines = ("--isolated", "--line-length", "100", "--target-version", "py311")
    # Imports that an operation does not need, and their order.
    _run(*_RUFF, "check", "--fix-only", "--select", "F,I", *lines, str(package))
    _run(*_RUFF, "format", *lines, str(package))
    return OWNED


def _refusals(document: Mapping[str, Any]) -> Iterator[str]:
    """Write a class for each problem that any operation tells of, its title as docstring."""
    titles = {
        example["value"]["code"]: example["value"]["title"]
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict)
        for response in operation.get("responses", {}).values()
        for content in response.get("content", {}).values()
        for example in content.get("examples", {}).values()
        if "code" in example["value"]
    }
    yield _REFUSALS
    names = {code: "".join(map(str.capitalize, code.split("_"))) for code in sorted(titles)}
    yield f"__all__ = {sorted(names.values())}\n"
    for code, name in names.items():
        yield f'\nclass {name}(ProblemError, code="{code}"):'
        yield f'    """{titles[code]}"""\n'


def _run(*command: str) -> str:
    done = subprocess.run(
        command, env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise DevError(done.stdout + done.stderr)
    return done.stdout + done.stderr
