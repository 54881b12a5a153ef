#!/usr/bin/env bash
# what_is_there.sh PORT: what `make run` has made, and where to look.
set -euo pipefail
cat <<END

Three models of New York's flights in 2013 are trained, and a plan as of noon on 23 December is made:
  var/plans/example.html     the plan as a planner reads it: cases, actions, reasons, verdicts
  var/plans/example.json     the same for programs, with its certificate
  .venv/bin/lanewise models  which version of which model is in service
  make mlflow                runs, figures, plots

The service starts now and stays in the foreground (Ctrl-C ends it):
  http://127.0.0.1:$1/       what is running
  http://127.0.0.1:$1/docs   the API

END
