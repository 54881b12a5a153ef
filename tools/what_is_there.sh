#!/usr/bin/env bash
# what_is_there.sh PORT: what `make run` has made, and where to look.
set -euo pipefail
cat <<END

Three models each are trained of New York's flights in 2013 and of a simulated freight network, and a plan is made of each:
  var/plans/flights.html     the plan as a planner reads it, as of noon on 23 December: cases, actions, reasons, verdicts
  var/plans/network.html     the same of the simulated network, whose carriers, docks, budgets and planners cases share
  var/plans/*.json           the same for programs, with their certificates
  .venv/bin/lanewise models  which version of which model is in service
  make mlflow                runs, figures, plots

The service over the flights starts now and stays in the foreground (Ctrl-C ends it):
  http://127.0.0.1:$1/       what is running
  http://127.0.0.1:$1/docs   the API
The network is served by: .venv/bin/lanewise serve var/data/network

END
