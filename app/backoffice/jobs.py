"""Jobs: what waits, what was given up and why, and what the clock runs."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import request
from flask_admin import expose
from sqlalchemy import func, select

from app.backoffice import forms
from app.backoffice.page import ADMINS, EVERYBODY, Page, done
from app.backoffice.words import words
from app.core import clock, jobs
from app.core.db import transaction
from app.core.jobs import Job
from app.core.problems import invalid

AT_ONCE = 50


class Jobs(Page):
    """Jobs."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {"index": EVERYBODY, "retry": ADMINS, "run": ADMINS}

    @expose("/")
    def index(self) -> Any:
        """Show queues, what was given up, what fails now, and the clock."""
        unended = Job.done_at.is_(None), Job.failed_at.is_(None)
        queues = select(Job.queue, func.count(), func.min(Job.created_at)).where(*unended)
        given_up = select(Job).where(Job.failed_at.is_not(None)).order_by(Job.id.desc())
        failing = select(Job).where(*unended, Job.last_error.is_not(None)).order_by(Job.due_at)
        with transaction() as session:
            waiting = {row[0]: row[1:] for row in session.execute(queues.group_by(Job.queue))}
            hands = clock.hands(session, now=datetime.now(UTC))
            return self.render(
                "backoffice/jobs.html",
                queues=[(queue, *waiting.get(queue, (0, None))) for queue in jobs.QUEUES],
                given_up=session.scalars(given_up.limit(AT_ONCE)).all(),
                failing=session.scalars(failing.limit(AT_ONCE)).all(),
                hands=hands,
                is_late=clock.is_late(hands),
            )

    @expose("/retry", methods=("POST",))
    def retry(self) -> Any:
        """Try jobs again that were given up; each knows what it did."""
        job_ids = [int(text) for text in request.form.getlist("job_id")[:200] if text.isdecimal()]
        if not job_ids:
            raise invalid("#/job_id", "Choose the jobs first.")
        with transaction() as session:
            found = jobs.take_up_again(session, job_ids)
        return done(f"{found} to be tried again.", "jobs.index")

    @expose("/run", methods=("POST",))
    def run(self) -> Any:
        """Have a job of the clock run now, besides its turns."""
        name = forms.text("name") or ""
        with transaction() as session:
            is_known = clock.bring_forward(session, name, now=datetime.now(UTC))
        if not is_known:
            raise invalid("#/name", "is no job of the clock")
        return done(f"{words(name).capitalize()} runs as soon as a worker is free.", "jobs.index")
