# syntax=docker/dockerfile:1
FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13 /uv /bin/
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=0
WORKDIR /app
# the dependencies change seldom, so they get a layer of their own
RUN --mount=type=cache,target=/root/.cache/uv \
    --mount=type=bind,source=uv.lock,target=uv.lock \
    --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    uv sync --locked --no-install-project --no-dev --all-extras
COPY . .
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-editable --no-dev --all-extras

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home heliograph && install -d -o heliograph /data
COPY --from=build /app/.venv /app/.venv
# SQLite unless DATABASE_URL says otherwise; mount /data to keep it
ENV PATH=/app/.venv/bin:$PATH HOST=0.0.0.0 PORT=8000 DATABASE_URL=sqlite:////data/heliograph.db EXPORT_FOLDER=/data/exports
USER heliograph
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=3)"]
CMD ["heliograph", "serve"]
