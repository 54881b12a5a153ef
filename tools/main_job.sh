#!/usr/bin/env bash
# main_job.sh PORT: `make run` until it answers, one prediction, then an orderly stop. Says how long it took.
set -euo pipefail
port=$1
log=$(mktemp)
began=$SECONDS
setsid make run PORT="$port" >"$log" 2>&1 &
job=$!
trap 'kill -TERM -- "-$job" 2>/dev/null || true' EXIT

until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/readyz"; do
    if ! kill -0 "$job" 2>/dev/null || ((SECONDS - began > 1500)); then
        cat "$log"
        echo "make run did not get ready"
        exit 1
    fi
    sleep 1
done
echo "make run answered after $((SECONDS - began)) s"
curl --silent --fail-with-body "http://127.0.0.1:$port/v1/predictions/eta-risk" --header 'Content-Type: application/json' \
    --data '{"ids": ["DL-2119-LGA-20131223T1300Z"], "as_of": "2013-12-23T13:00:00Z"}'
echo
kill -TERM -- "-$job"
wait "$job" || true
trap - EXIT
