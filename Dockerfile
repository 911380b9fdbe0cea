# syntax=docker/dockerfile:1
# Three images in one file:
#   docker build .                                 the service
#   docker build --target binary --output out .    only its binary, as releases have it
#   docker build --target caddy .                  the proxy of docker-compose.yml

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /src
COPY . .
# The caches keep crates and compiled dependencies from one build to the next; they are no part of any image.
ARG TARGETARCH
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,id=orchestrator-target-$TARGETARCH,sharing=locked \
    cargo build --release --locked --bin orchestrator \
    && install -D target/release/orchestrator /out/orchestrator \
    && mkdir /out/data

FROM scratch AS binary
COPY --from=build /out/orchestrator /

# Ports below 1024 are free to anyone in a container (the sysctl in docker-compose.yml), so the binary needs no capability
# of its own; with one it could not even start where all are dropped. Certificates go into a folder that its user may write.
FROM caddy:2.11.7-alpine AS caddy
RUN setcap -r /usr/bin/caddy && install -d -o 1000 -g 1000 /var/lib/caddy
ENV XDG_DATA_HOME=/var/lib \
    XDG_CONFIG_HOME=/tmp
USER 1000:1000
STOPSIGNAL SIGTERM

# glibc and nothing else: TLS roots, time zones, fonts and SQLite are in the binary.
FROM gcr.io/distroless/cc-debian12:nonroot AS service
COPY --from=build /out/orchestrator /usr/local/bin/orchestrator
# A new volume takes over whose folder this is.
COPY --from=build --chown=65532:65532 /out/data /data
ENV APP_HOST=0.0.0.0 \
    APP_PORT=8000 \
    DATABASE_URL=sqlite:///data/orchestrator.db
WORKDIR /data
VOLUME /data
EXPOSE 8000
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["orchestrator", "healthcheck"]
ENTRYPOINT ["orchestrator"]
CMD ["serve"]
