#!/usr/bin/env bash
# environment.sh PYTHON FOLDER PROJECT…
# A virtual environment in FOLDER with what requirements.txt pins, every file checked against its hash, and the
# project itself (`--editable .`, or a wheel). uv takes seconds where pip takes minutes; pip does it where uv cannot.
set -euo pipefail

python=$1 folder=$2
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1

if ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    echo "Python 3.11 is needed, but '$python' is not it. Install it (with its venv module), or say where it is:" >&2
    echo "    make PYTHON=/path/to/python3.11" >&2
    exit 1
fi

# A folder left behind by an interrupted run may lack pip.
"$folder/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$folder"

with_uv() {
    "$folder/bin/python" -m pip install --quiet --require-hashes -r "$here/requirements-uv.txt" || return 1
    # uv does not read pip's configuration: a registry of one's own is handed over.
    local index=${PIP_INDEX_URL:-$("$folder/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    if [[ -n $index ]]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
    "$folder/bin/uv" pip install --quiet --system-certs --python "$folder/bin/python" \
        --require-hashes -r "$here/requirements.txt"
}

with_pip() {
    echo "environment: uv could not; pip does the same, in minutes" >&2
    "$folder/bin/python" -m pip install --quiet --require-hashes -r "$here/requirements.txt"
}

with_uv || with_pip
# Nothing is downloaded here: what builds it (hatchling) is pinned with the rest.
"$folder/bin/python" -m pip install --quiet --no-index --no-deps --no-build-isolation --force-reinstall "$@"
