# The base image by version and distribution. Where images can be looked up, pin it by its digest as well:
#   docker buildx imagetools inspect python:3.11.13-slim-bookworm, then  --build-arg PYTHON=python@sha256:...
ARG PYTHON=python:3.11.13-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /winwin
COPY requirements requirements
# With TORCH_HASH=sha256:... no other build of torch is taken than that one (docs/decisions/0019).
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH_HASH=
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/beside-torch.txt \
 && if [ -n "$TORCH_HASH" ]; then printf 'torch==2.13.0 --hash=%s\n' "$TORCH_HASH" > /tmp/torch.txt \
 &&   /venv/bin/pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" --no-deps --require-hashes -r /tmp/torch.txt; \
    else /venv/bin/pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" torch==2.13.0; fi \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.txt
COPY . .
# The model is prepared here, once: the running container reads only.
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . && /venv/bin/python -m adapters.embedders

FROM ${PYTHON}
COPY --from=build /venv /venv
# A number, not a name: then Kubernetes can see that it is not root.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin winwin \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
USER 10001
WORKDIR /data
# All that is kept is kept here; nothing else need be writable but /tmp.
VOLUME /data
ENV PATH=/venv/bin:$PATH HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1 MPLCONFIGDIR=/tmp WINWIN_HOST=0.0.0.0
# Where the database is, there is room to write it anew (VACUUM after forget-me); /tmp is small.
ENV SQLITE_TMPDIR=/data
EXPOSE 8000
# With a read-only root file system, no rights of root and no way to get any: compose.yaml shows it.
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
CMD ["winwin", "run"]
