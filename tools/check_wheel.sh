#!/usr/bin/env bash
# Build the source distribution and from it the wheel, look inside, install it elsewhere, and use it from there.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

.venv/bin/python -m build --no-isolation --outdir "$scratch/dist" . >"$scratch/build.log" 2>&1 ||
    { cat "$scratch/build.log" >&2; exit 1; }
wheel=$(ls "$scratch"/dist/*.whl)
.venv/bin/python tools/wheel_content.py "$wheel"

tools/environment.sh "$here/.venv/bin/python" "$scratch/venv" "$wheel"
mkdir "$scratch/orders"
cat >"$scratch/orders/manifest.toml" <<'END'
name = "orders"
END
cat >"$scratch/orders/shipments.sql" <<'END'
SELECT 'S' || i AS shipment_id, TIMESTAMPTZ '2024-01-01 00:00:00Z' + to_hours(CAST(i AS INTEGER)) AS known_at,
    TIMESTAMPTZ '2024-01-03 00:00:00Z' + to_hours(CAST(i AS INTEGER)) AS planned_delivery_at
FROM range(100) r(i)
END
cd /
"$scratch/venv/bin/lanewise" --help >/dev/null
"$scratch/venv/bin/lanewise" import "$scratch/orders" --out "$scratch/data"
echo "wheel: built, installed elsewhere, and used from /"
