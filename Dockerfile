# The service alone; docker-compose.yml puts Cassandra and nginx beside it.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/taskapp
COPY requirements/service.txt requirements/
RUN pip install --require-hashes -r requirements/service.txt
COPY pyproject.toml README.md LICENSE ./
COPY taskapp taskapp
# In place, since migrations/ stands beside the package.
RUN pip install --no-deps --no-build-isolation -e . && python -m compileall -q taskapp

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /srv/taskapp taskapp
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/taskapp /srv/taskapp
WORKDIR /srv/taskapp
COPY migrations migrations
COPY gunicorn.conf.py wsgi.py ./
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
USER taskapp
EXPOSE 8000
# Live, not ready: a restart does not bring a database back that is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=90s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
# In open mode it answers on the container's own loopback address only (see docker-compose.yml).
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
