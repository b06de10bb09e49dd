# docker build -t ocrpipe . ; how to run it: docs/operating.md
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY models models
COPY ocrpipe ocrpipe
# the CPU build of torch: the other one brings gigabytes for GPUs, which reading does not use
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu --constraint constraints.txt .

RUN useradd --system --uid 10001 ocrpipe && install -d -o ocrpipe /cache
# compiled loops stay here: give it a volume, or every container compiles them anew
ENV NUMBA_CACHE_DIR=/cache
USER ocrpipe
WORKDIR /
ENTRYPOINT ["ocrpipe"]
