#!/bin/sh
# Resolve pyproject.toml into requirements.lock: one file for every platform, with hashes.
# Needs uv. The machine's own package indexes are left out of it, so that the lock is the
# public one; --no-strip-extras because pip's hash checking wants extras named.
set -eu
cd "$(dirname "$0")/.."
env -u UV_INDEX_URL -u UV_EXTRA_INDEX_URL -u UV_DEFAULT_INDEX -u UV_INDEX -u UV_FIND_LINKS \
    UV_CUSTOM_COMPILE_COMMAND="make lock" \
    uv pip compile pyproject.toml --universal --python-version 3.11 \
    --extra tfq --extra book --extra test \
    --generate-hashes --no-emit-index-url --no-strip-extras --no-config --quiet \
    --output-file requirements.lock
