"""
Traces, by OpenTelemetry: from a request over its jobs to each statement and each command of Redis.

Off unless an endpoint is set: then nothing here loads anything of OpenTelemetry. Spans name routes,
jobs, statements without their values and commands without their arguments: nobody's data.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from redis import Redis, RedisCluster
from redis.client import Pipeline
from sqlalchemy import event
from sqlalchemy.engine import Engine

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

CARRIER_KEY = "traceparent"
LONGEST_STATEMENT = 500
# Kinds of spans that begin a process' part of a trace.
BEGINNING = ("server", "consumer")
_OFF: AbstractContextManager[None] = nullcontext()
# What makes spans; none while tracing is off.
_tracer: Any = None


def connect(*, endpoint: str | None, service: str, release: str | None, environment: str) -> None:
    """Begin to trace where an endpoint is set; otherwise nothing is loaded and nothing is paid."""
    if endpoint is None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    about = {"service.name": service, "deployment.environment.name": environment}
    if release:
        about["service.version"] = release
    provider = TracerProvider(resource=Resource.create(about))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use(provider)


def use(provider: "TracerProvider | None") -> None:
    """Make spans by a provider from here on, or none any more."""
    global _tracer  # noqa: PLW0603 - a process' one
    if provider is None:
        _tracer = None
        return
    _tracer = provider.get_tracer("ora")
    _watch_postgres()
    _watch_redis()


def is_on() -> bool:
    """Tell whether spans are made."""
    return _tracer is not None


def span(
    name: str,
    *,
    kind: str = "internal",
    of: str | None = None,
    links: Sequence[str] = (),
    **attributes: Any,
) -> AbstractContextManager[Any]:
    """
    Make a span of what is done meanwhile; nothing while tracing is off.

    ``of`` is the ``traceparent`` that it belongs to, ``links`` are those of what it is done for.
    """
    return _OFF if _tracer is None else _span(name, kind, of, links, attributes)


@contextmanager
def _span(
    name: str, kind: str, of: str | None, links: Sequence[str], attributes: Mapping[str, Any]
) -> Iterator["Span"]:
    from opentelemetry.trace import Link, SpanKind, get_current_span  # noqa: PLC0415

    linked = [Link(get_current_span(_context(each)).get_span_context()) for each in links]
    with _tracer.start_as_current_span(
        name,
        context=_context(of) if of or kind in BEGINNING else None,
        kind=SpanKind[kind.upper()],
        links=linked,
        attributes={key.replace("__", "."): value for key, value in attributes.items()},
        # Its text may quote what somebody has typed; that it failed, and how, is told below.
        record_exception=False,
        set_status_on_exception=False,
    ) as made:
        try:
            yield made
        except Exception as error:
            mark_failed(type(error).__name__)
            raise


def mark_failed(why: str) -> None:
    """Say of the present span that it failed, and by what kind of failure."""
    from opentelemetry.trace import Status, StatusCode, get_current_span  # noqa: PLC0415

    get_current_span().set_attribute("error.type", why)
    get_current_span().set_status(Status(StatusCode.ERROR))


def about(**attributes: Any) -> None:
    """Say something of the present span, such as the order that it turned out to be about."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span  # noqa: PLC0415

        for key, value in attributes.items():
            get_current_span().set_attribute(key.replace("__", "."), value)


def carrier() -> str | None:
    """Tell the present span in W3C's words, for a job to go on with; None while tracing is off."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    told: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(told)
    return told.get(CARRIER_KEY)


def _is_within() -> bool:
    """Tell whether something is being traced: what nobody asked for is not worth a trace."""
    from opentelemetry.trace import get_current_span  # noqa: PLC0415

    return get_current_span().get_span_context().is_valid


def _context(traceparent: str | None) -> Any:
    """Read a context; without one it is empty, whatever this thread has done before."""
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    told = {CARRIER_KEY: traceparent} if traceparent else {}
    return TraceContextTextMapPropagator().extract(told, context=Context())


def statement(query: str) -> AbstractContextManager[Any]:
    """Make a span of one statement, which has the words of the program and no values."""
    if _tracer is None or not _is_within():
        return _OFF
    told = " ".join(query.split())
    verb = told.partition(" ")[0].upper()
    return span(
        f"postgres {verb}",
        kind="client",
        db__system__name="postgresql",
        db__operation__name=verb,
        db__query__text=told[:LONGEST_STATEMENT],
    )


def _watch_postgres() -> None:
    """Make a span of every statement of SQLAlchemy's."""
    if event.contains(Engine, "before_cursor_execute", _before):
        return
    event.listen(Engine, "before_cursor_execute", _before)
    event.listen(Engine, "after_cursor_execute", _after)
    event.listen(Engine, "handle_error", _failed)


def _before(
    _connection: Any, _cursor: Any, query: str, _values: Any, context: Any, _m: Any
) -> None:
    entered = statement(query)
    entered.__enter__()
    context.ora_span = entered


def _after(
    _connection: Any, _cursor: Any, _query: str, _values: Any, context: Any, _m: Any
) -> None:
    entered = context.__dict__.pop("ora_span", None)
    if entered is not None:
        entered.__exit__(None, None, None)


def _failed(told: Any) -> None:
    context = told.execution_context
    entered = None if context is None else context.__dict__.pop("ora_span", None)
    if entered is not None:
        error = told.original_exception
        # The span passes the error on to whoever left it: that is us, and it is on its way anyway.
        try:
            entered.__exit__(type(error), error, None)
        except type(error):
            return


def _watch_redis() -> None:
    """Make a span of every command, of the stock Redis and of RQ's, and of every pipeline."""
    for kind, name in ((Redis, "execute_command"), (RedisCluster, "execute_command")):
        _wrap(kind, name, lambda _self, *args, **_more: str(args[0]).upper())
    _wrap(Pipeline, "execute", lambda _self, *_args, **_more: "PIPELINE")


def _wrap(kind: Any, name: str, named: Callable[..., str]) -> None:
    plain = kind.__dict__.get(name)
    if plain is None or hasattr(plain, "is_traced"):
        return

    def traced(self: Any, *args: Any, **more: Any) -> Any:
        if _tracer is None or not _is_within():
            return plain(self, *args, **more)
        command = named(self, *args, **more)
        with span(
            f"redis {command}",
            kind="client",
            db__system__name="redis",
            db__operation__name=command,
        ):
            return plain(self, *args, **more)

    traced.is_traced = True  # type: ignore[attr-defined]
    setattr(kind, name, traced)
