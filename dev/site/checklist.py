"""The page of the deployment checklist has the items that the command has."""

from ops.checklist import table

PAGE = "deployment-checklist.md"
BEGIN, END = "<!-- items -->\n", "<!-- /items -->\n"


def written(page: str) -> str:
    """Write the items into the page."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{table()}\n\n{END}{after}"
