#!/usr/bin/env bash
# automl_environment.sh PYTHON FOLDER: an environment of its own with FLAML, for `make bench-full` only; prints its interpreter.
set -euo pipefail
python=$1 folder=$2
if ! "$folder/bin/python" -c "import flaml" 2>/dev/null; then
    "$python" -m venv --clear "$folder" >&2
    "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "flaml[automl]>=2.3" pandas pyarrow >&2
fi
echo "$folder/bin/python"
