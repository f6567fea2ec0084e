# syntax=docker/dockerfile:1
# One image for every process of the Procfile and for commands, and the sandbox's beside it.
# docs/containers.md tells how it is built, started and pinned to a digest.
ARG PYTHON=python:3.11.14-slim-bookworm

# --- What is installed, each by its hash; pip itself stays behind. crontab has no wheel: it is
# Python alone, and builds without a compiler.
FROM ${PYTHON} AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install \
        --only-binary :all: --no-binary crontab --require-hashes --requirement /tmp/requirements.txt

# --- What both images stand on: the packages, and a user who owns nothing but two folders.
FROM ${PYTHON} AS base
RUN groupadd --gid 10001 ora \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin ora \
    && install --directory --mode=0700 --owner=10001 --group=10001 \
        /run/ora /run/ora/numbers /var/mail/ora
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/ora
STOPSIGNAL SIGTERM

# --- The stand-in for payment gateways, for trying out; it is no part of the shop.
FROM base AS sandbox
COPY sandbox sandbox
RUN python -m compileall -q sandbox
USER 10001:10001
ENV SANDBOX_HOST=0.0.0.0 SANDBOX_PORT=8001
EXPOSE 8001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-ISc", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8001, timeout=4); c.request('GET', '/'); c.getresponse()"]
CMD ["python", "-m", "sandbox"]

# --- The shop.
FROM base AS shop
COPY alembic.ini Procfile *.py ./
COPY migrations migrations
COPY lua lua
COPY app app
COPY workers workers
COPY ops ops
COPY deploy/entrypoint.sh deploy/entrypoint.sh
RUN python -m compileall -q . && chmod 0555 deploy/entrypoint.sh
USER 10001:10001
ARG RELEASE=
# Each container counts in a folder of its own: two of them have processes of the same number.
ENV RELEASE=${RELEASE} PORT=8000 PROMETHEUS_MULTIPROC_DIR=/run/ora/numbers
EXPOSE 8000
# Of the web process; who runs another one gives its own (compose.yaml).
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-ISc", "import http.client as h, os, sys; c = h.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["/srv/ora/deploy/entrypoint.sh"]
CMD ["web"]
