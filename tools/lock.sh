#!/bin/sh
# Resolve pyproject.toml into requirements.lock, and the peers' environment into
# benchmarks/requirements.lock: for every platform, with hashes. Needs uv. The machine's own
# package indexes are left out of it, so that the locks are the public ones; --no-strip-extras
# because pip's hash checking wants extras named.
set -eu
cd "$(dirname "$0")/.."

lock() { # OUTPUT OPTION...
    output=$1
    shift
    env -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_FIND_LINKS \
        UV_CUSTOM_COMPILE_COMMAND="make lock" \
        uv pip compile pyproject.toml --universal --python-version 3.11 "$@" \
        --generate-hashes --no-emit-index-url --no-strip-extras --no-config --quiet \
        --output-file "$output"
}

lock requirements.lock --extra tfq --extra book --extra test
lock benchmarks/requirements.lock --extra tfq --extra bench --constraint requirements.lock
