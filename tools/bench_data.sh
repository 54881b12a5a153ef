#!/usr/bin/env bash
# bench_data.sh EXAMPLE…: import each example whose raw files are here into var/bench/EXAMPLE, once; say which are not.
set -euo pipefail
for example in "$@"; do
    if [[ -f var/bench/$example/manifest.json ]]; then continue; fi
    echo "bench: importing $example" >&2
    if ! .venv/bin/lanewise import "examples/$example" --out "var/bench/$example" >&2; then
        echo "bench: $example is left out; examples/$example/README.md says where its files can be had" >&2
    fi
done
