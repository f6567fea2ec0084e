"""Reports that come by themselves."""

from datetime import datetime, timedelta

from app.core.db import transaction
from app.core.india import INDIA
from app.messages import wording
from app.treasury import sales
from workers.mail import send_to_admins


def send_daily_sales(due: datetime) -> None:
    """Tell the admins what was sold in the 24 hours before ``due``."""
    with transaction() as session:
        found = sales.between(session, due - timedelta(days=1), due)
    day = due.astimezone(INDIA).date()
    send_to_admins(wording.put("daily_sales", day=day, sales=found), reference=f"sales.{day}")
