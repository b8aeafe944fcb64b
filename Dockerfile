# Two images with one program, which is built once: "asterisk" and "application" (docker-compose.yml, docs/docker.md).
#
# BuildKit says which machine builds, and for which; what is for another kind of processor is compiled here, not by an emulator. The builder of
# Docker before 23 says neither, and builds for the machine that it runs on.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26-bookworm AS build
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      ""|"$(go env GOHOSTARCH)") ;; \
      arm64) apt-get update && apt-get install -y --no-install-recommends gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;; \
      *) echo "Build the images for $TARGETARCH on a machine of that kind." >&2; exit 1 ;; \
    esac
WORKDIR /src
COPY go.mod go.sum ./
COPY internal/early internal/early
RUN go mod download
COPY . .
# cgo (SQLite) needs the C library of the images below, or an older one.
RUN if [ "${TARGETARCH:-$(go env GOHOSTARCH)}" != "$(go env GOHOSTARCH)" ]; then export GOARCH=$TARGETARCH CC=aarch64-linux-gnu-gcc; fi \
 && CGO_ENABLED=1 go build -trimpath -o /ringfence ./cmd/ringfence

# Asterisk with Ringfence's configuration, which it writes from ringfence.toml at every start. Debian forky has Asterisk 22, the long-term
# version; Debian 12 and 13 have none.
FROM debian:forky-slim AS asterisk
RUN apt-get update \
 && apt-get install -y --no-install-recommends asterisk ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10100 ringfence && useradd --system --uid 10100 --gid 10100 ringfence
COPY --from=build /ringfence /usr/local/bin/ringfence
# A new volume takes its owner from here.
RUN install -d -o ringfence -g ringfence -m 0700 /var/lib/ringfence
USER ringfence
HEALTHCHECK --interval=20s --timeout=20s --start-period=120s CMD ["ringfence", "check", "--only", "asterisk"]
ENTRYPOINT ["ringfence", "asterisk", "run", "/var/lib/ringfence/asterisk"]

# What reads callers' words (docs/speech.md): 117 MB from PyPI. It is a stage of its own, so that they are not downloaded again for each change of the
# program.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26-bookworm AS speech
ARG TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
COPY internal/early internal/early
COPY cmd/speechfiles cmd/speechfiles
COPY speech/modelfiles speech/modelfiles
RUN go run ./cmd/speechfiles "${TARGETARCH:-$(go env GOHOSTARCH)}" /speech

# The application. The certificates are for lists and alerts, which come and go by https, and the C++ library
# for the speech recogniser.
FROM debian:bookworm-slim AS application
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 10100 ringfence && useradd --system --uid 10100 --gid 10100 ringfence
COPY --from=speech /speech /usr/lib/ringfence/speech
COPY --from=build /ringfence /usr/local/bin/ringfence
# A new volume takes its owner from here.
RUN install -d -o ringfence -g ringfence -m 0700 /var/lib/ringfence
# Where SQLite sorts a list that is imported: not in memory, as /tmp is (docker-compose.yml).
ENV SQLITE_TMPDIR=/var/lib/ringfence
USER ringfence
HEALTHCHECK --interval=20s --timeout=20s --start-period=120s CMD ["ringfence", "check", "--only", "application"]
ENTRYPOINT ["ringfence", "serve"]
