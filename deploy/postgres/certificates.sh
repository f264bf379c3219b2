#!/bin/sh
# Makes an authority and a certificate for each database server named: certificates.sh DIRECTORY HOST...
# What is there already stays. The authority's key signs nothing else; keep it apart from the servers.
set -eu
directory=$1
shift
umask 077
mkdir -p "$directory"
cd "$directory"
if [ ! -f ca.pem ]; then
    openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -sha256 \
        -subj "/CN=Scrip database authority" -addext "basicConstraints=critical,CA:TRUE" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -keyout ca.key -out ca.pem
fi
for host in "$@"; do
    [ ! -f "$host/server.pem" ] || continue
    mkdir -p "$host"
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$host" \
        -keyout "$host/server.key" -out "$host/server.csr"
    printf 'subjectAltName=DNS:%s\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n' "$host" >"$host/extensions"
    openssl x509 -req -in "$host/server.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 1825 -sha256 \
        -extfile "$host/extensions" -out "$host/server.pem"
    rm "$host/server.csr" "$host/extensions"
    cp ca.pem "$host/ca.pem"
done
