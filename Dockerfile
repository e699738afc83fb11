FROM python:3.11-slim AS build
WORKDIR /winwin
COPY requirements requirements
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0 \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.txt \
 && /venv/bin/pip install --no-cache-dir "setuptools>=80"
COPY . .
# The model is prepared here, once: the running container reads only.
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . && /venv/bin/python -m adapters.embedders

FROM python:3.11-slim
COPY --from=build /venv /venv
RUN useradd --system --home-dir /data --create-home winwin
USER winwin
WORKDIR /data
VOLUME /data
ENV PATH=/venv/bin:$PATH HF_HUB_OFFLINE=1 WINWIN_HOST=0.0.0.0
EXPOSE 8000
# Run with a read-only root file system: docker run --read-only -v winwin:/data --env-file .env -p 8000:8000 winwin
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["winwin", "run"]
