"""
RQ's own cost of a job that does nothing, which is why a job is not spent on every event.

Jobs are RQ's, written as JSON as the shop writes its own, in its queue Redis; the shop's workers
refuse what is not theirs, so these are served by RQ's three kinds of worker.
"""

import time
from collections.abc import Sequence

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from bench.house import House, house
from bench.measure import Measure, Plan, Section

# A function of a module that is there anyhow, so that nothing is imported for it.
NOTHING = "time.monotonic"
KINDS = {
    "SimpleWorker, no fork": ("rq.worker.SimpleWorker", 500),
    "Worker, a fork a job": ("rq.worker.Worker", 200),
    "SpawnWorker, a process a job": ("rq.worker.SpawnWorker", 6),
}
PATIENCE_SECONDS = 120


def measure(plan: Plan) -> Section:
    """Measure RQ; rates are jobs a second."""
    section = Section("workers")
    put = Measure("RQ, enqueue an empty job")
    done = {name: Measure(f"RQ, an empty job by {name}") for name in KINDS}
    with house(customers=1) as shop:
        for _ in range(plan.rounds):
            for name, (worker, jobs) in KINDS.items():
                queue = Queue("empty", connection=shop.queue, serializer=JSONSerializer)
                begun = time.perf_counter()
                ids = [queue.enqueue(NOTHING).id for _ in range(jobs)]
                if name == next(iter(KINDS)):
                    put.note_rate(jobs / (time.perf_counter() - begun))
                done[name].note_rate(_work(shop, worker, ids))
                done[name].beside(enqueue=put.rates[-1])
    section.take(put, *done.values())
    return section


def _work(shop: House, worker: str, ids: Sequence[str]) -> float:
    """Have jobs worked by one worker; tells how many it ended a second after the first began."""
    url = shop.env["QUEUE_REDIS_URL"]
    command = ["rq", "worker", "--burst", "--quiet", "--serializer=json", "--path=."]
    with shop.running([*command, f"--worker-class={worker}", f"--url={url}", "empty"]) as process:
        process.wait(PATIENCE_SECONDS)
    jobs = Job.fetch_many(ids, connection=shop.queue, serializer=JSONSerializer)
    begun = [job.started_at for job in jobs if job and job.started_at]
    ended = [job.ended_at for job in jobs if job and job.ended_at]
    assert len(ended) == len(ids), f"{worker} did {len(ended)} of {len(ids)} jobs"  # noqa: S101
    return len(ids) / (max(ended) - min(begun)).total_seconds()
