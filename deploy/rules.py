"""Write the alerts as the Prometheus operator takes them: python deploy/rules.py."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "ops" / "prometheus" / "alerts.yml"
MANIFEST = ROOT / "deploy" / "kubernetes" / "watching" / "alerts.yaml"
HEAD = """\
# The rules of ops/prometheus/alerts.yml, as the Prometheus operator takes them; a test holds the
# two together. Write it anew after a change: python deploy/rules.py
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: ora
spec:
"""


def manifest(rules: str) -> str:
    """Return the manifest of these rules."""
    groups = rules[rules.index("groups:") :].splitlines()
    return HEAD + "".join(f"  {line}".rstrip() + "\n" for line in groups)


if __name__ == "__main__":
    MANIFEST.write_text(manifest(RULES.read_text()))
