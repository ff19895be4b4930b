# The app for a team, behind a proxy that speaks TLS; docs/admin.md says how to run it.
FROM python:3.11.13-slim-bookworm AS build
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /tmp/requirements.txt

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --create-home insight \
    && install --directory --owner insight --mode 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    INSIGHT_MODE=team \
    INSIGHT_HOME=/data/studies \
    INSIGHT_KEYS_DIR=/data/keys \
    INSIGHT_KEY_FILE=/run/secrets/insight_key \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_HEADLESS=true
USER insight
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; below = os.environ.get('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'); r.urlopen('http://127.0.0.1:8501/_stcore/health'.replace('/_', f'/{below}/_' if below else '/_'), timeout=4)"]
CMD ["streamlit", "run", "streamlit_app.py", "--server.port=8501"]
