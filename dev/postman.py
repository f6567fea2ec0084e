"""`make postman`: run the Postman collection against the shop that `make run` serves."""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from dotenv import dotenv_values

from dev import node
from dev.clients.journey import FOLDERS
from dev.clients.postman import COLLECTION, ENVIRONMENT, HERE
from dev.errors import DevError
from dev.run import DATA
from dev.stack import ROOT

# Between two looks at whether a worker has confirmed the order.
_PAUSE_MS = 100


def main() -> int:
    """Return 0 where every check of the collection holds."""
    env = {k: v for k, v in dotenv_values(ROOT / DATA / "env").items() if v is not None}
    if not env:
        print("The shop is not running: start it with `make run`.", file=sys.stderr)
        return 1
    email, password = f"postman-{uuid4().hex[:8]}@ora.example", secrets.token_urlsafe(16)
    try:
        node.run(
            *(sys.executable, "-m", "flask", "--app", "wsgi", "create-admin", email),
            *("--name", "Postman", "--password", password),
            cwd=ROOT, env=env,
        )  # fmt: skip
        print(
            newman(
                {
                    "baseUrl": f"http://127.0.0.1:{env['PORT']}",
                    "sandboxUrl": f"http://127.0.0.1:{env['SANDBOX_PORT']}",
                    "staffEmail": email,
                    "staffPassword": password,
                }
            )
        )
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def newman(variables: Mapping[str, str], collection: Path = HERE / COLLECTION) -> str:
    """
    Run the journey of a collection with an environment's variables, and give what newman says.

    Raises:
        DevError: a check does not hold, or there is no newman.
    """
    program = node.installed(HERE) / "newman" / "bin" / "newman.js"
    told = [part for name, value in variables.items() for part in ("--env-var", f"{name}={value}")]
    folders = [part for name in FOLDERS for part in ("--folder", name)]
    return node.run(
        *(node.node(), str(program), "run", str(collection)),
        *("--environment", str(HERE / ENVIRONMENT), "--delay-request", str(_PAUSE_MS)),
        *("--color", "off", "--disable-unicode", "--reporters", "cli", *folders, *told),
        cwd=HERE,
        # What newman's own packages are warned of is nothing to whoever asks for the checks.
        env={"NODE_NO_WARNINGS": "1"},
    )


if __name__ == "__main__":
    sys.exit(main())
