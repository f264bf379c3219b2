#!/bin/sh
# Makes the images that the others begin with, where no registry has them: base-images.sh [docker|podman]
# Needs root, debootstrap and a Rust toolchain by rustup with the target wasm32-unknown-unknown. MIRROR names Debian's packages.
set -eu
engine=${1:-docker}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
sources="deb http://deb.debian.org/debian bookworm main"
updates="deb http://deb.debian.org/debian bookworm-updates main"
security="deb http://deb.debian.org/debian-security bookworm-security main"

debootstrap --variant=minbase bookworm "$directory/debian" "${MIRROR:-http://deb.debian.org/debian}"
[ -n "${MIRROR:-}" ] || printf '%s\n' "$sources" "$updates" "$security" >"$directory/debian/etc/apt/sources.list"
rm -rf "$directory/debian/var/cache/apt/archives" "$directory/debian/var/lib/apt/lists"
tar --directory "$directory/debian" --create . | "$engine" import - docker.io/library/debian:bookworm-slim

mkdir -p "$directory/rust/toolchain"
cp -r "$(rustc --print sysroot)/." "$directory/rust/toolchain"
cat >"$directory/rust/Dockerfile" <<'DOCKERFILE'
FROM docker.io/library/debian:bookworm-slim
RUN apt-get update && apt-get install --yes --no-install-recommends build-essential ca-certificates && rm -rf /var/lib/apt/lists/* \
    && printf '#!/bin/sh\n' >/usr/local/bin/rustup && chmod 0755 /usr/local/bin/rustup
COPY toolchain /opt/rust
ENV CARGO_HOME=/usr/local/cargo PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
DOCKERFILE
"$engine" build --tag docker.io/library/rust:1.95-bookworm "$directory/rust"
