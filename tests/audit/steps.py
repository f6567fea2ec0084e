"""What the log tells, as an admin reads it."""

from urllib.parse import urlencode

LOG = "/api/v1/admin/audit-log"


def read(boss, **query):
    answer = boss.get(f"{LOG}?{urlencode(query)}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def changes(boss, **query):
    """Who did what, from what to what, the oldest first."""
    return [
        (entry["actor"], entry["action"], entry["before"], entry["after"])
        for entry in reversed(read(boss, **query))
    ]


def every_entry(boss, limit=100, **query):
    """All pages."""
    found, cursor = [], {}
    while True:
        page = boss.get(f"{LOG}?{urlencode({'limit': limit} | query | cursor)}").json
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}
