# Shopgraph: built in one stage, run in another that has neither compiler nor package lists.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
# For the few dependencies that come as source.
RUN apt-get update && apt-get install --yes --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source
COPY constraints.txt ./
# Torch first and alone: with an index of CPU builds (--build-arg TORCH_INDEX=URL) the image is
# some gigabytes smaller than with the default, which brings CUDA.
ARG TORCH_INDEX=
RUN pip install --constraint constraints.txt ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} \
    torch torchvision
COPY . .
RUN pip install --constraint constraints.txt ".[spacy-model]"

FROM python:${PYTHON}-slim
RUN useradd --create-home --uid 10001 shopgraph \
    && install --directory --owner shopgraph --group shopgraph /shop
COPY --from=build /venv /venv
# Kernels compiled at the first call are kept where this user may write.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/home/shopgraph/.cache/numba
USER shopgraph
# shopgraph.toml, the catalogue, and what is derived from it (.shopgraph).
WORKDIR /shop
VOLUME /shop
EXPOSE 8000
ENTRYPOINT ["shopgraph"]
CMD ["serve"]
