# Parley in one container: web, worker and a private Valkey under Parley's own supervisor.
# Nothing here depends on the processor: docker buildx build --platform linux/amd64,linux/arm64 .

# Tag, not digest: a rebuild picks up Debian's security fixes. trixie has Valkey and SQLite 3.46.
FROM python:3.13-slim-trixie AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --require-hashes --only-binary :all: --requirement requirements.txt
COPY locale locale
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        [ -e "$po" ] || continue; \
        /opt/venv/bin/python -m babel.messages.frontend compile -i "$po" -o "${po%.po}.mo" || exit 1; \
    done
COPY src src
RUN /opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash src

FROM python:3.13-slim-trixie
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini valkey-server \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 parley \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin parley \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app/locale locale
COPY --from=build /app/src src
COPY static static
COPY templates templates
COPY piccolo_migrations piccolo_migrations
COPY requirements.txt LICENSE ./
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app/src \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=3555 \
    PARLEY_DATA=/data
USER 10001:10001
VOLUME /data
EXPOSE 3555
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 CMD ["python", "-m", "parley", "health"]
ENTRYPOINT ["tini", "--"]
CMD ["python", "-m", "parley", "serve"]
