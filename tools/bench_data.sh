#!/usr/bin/env bash
# bench_data.sh EXAMPLE…: import each example whose raw files are here into var/bench/EXAMPLE, once. Prints the names of
# those that are there, and on stderr which are not.
set -euo pipefail
for example in "$@"; do
    if [[ ! -f var/bench/$example/manifest.json ]] &&
        ! .venv/bin/lanewise import "examples/$example" --out "var/bench/$example" >&2; then
        echo "bench: $example is left out; examples/$example/README.md says where its files can be had" >&2
        continue
    fi
    echo "$example"
done
