"""The example of deploy/kubernetes, as kustomize itself puts it together."""

from functools import cache
from typing import Any

import yaml

from tests.deploy.tools import run

Manifest = dict[str, Any]
# By the folder below deploy/kubernetes/example.
PARTS = ("shop", "migrate")


@cache
def rendered(part: str) -> tuple[Manifest, ...]:
    """Every object of a part."""
    told = run("kubectl", "kustomize", f"deploy/kubernetes/example/{part}")
    assert told.returncode == 0, told.stderr
    return tuple(yaml.safe_load_all(told.stdout))


def of_kind(kind: str, part: str = "shop") -> dict[str, Manifest]:
    """The objects of a kind, by name."""
    return {o["metadata"]["name"]: o for o in rendered(part) if o["kind"] == kind}


def the(kind: str, name: str, part: str = "shop") -> Manifest:
    """One object; a generated name goes without its hash."""
    (found,) = [o for n, o in of_kind(kind, part).items() if n == name or n.startswith(f"{name}-")]
    return found


def pods(part: str) -> dict[str, Manifest]:
    """The pods' templates, by the name of what makes them."""
    makers = of_kind("Deployment", part) | of_kind("Job", part)
    return {name: maker["spec"]["template"] for name, maker in makers.items()}


def container(template: Manifest) -> Manifest:
    """The one container of a pod."""
    (found,) = template["spec"]["containers"]
    return found


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Tell whether a selector selects what has these labels."""
    wanted = selector.get("matchLabels", {}).items()
    return wanted <= labels.items() and all(
        labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", ())
    )
