"""Every kind of change, by the name that a file of changes calls it by."""

from optimization.scenarios.budget import Budget
from optimization.scenarios.capacity import Capacity
from optimization.scenarios.carrier_down import CarrierDown
from optimization.scenarios.change import Change
from optimization.scenarios.cost import Cost
from optimization.scenarios.demand import Demand
from optimization.scenarios.forbid import Forbid
from optimization.scenarios.planners import Planners
from optimization.scenarios.site_closed import SiteClosed

KINDS: dict[str, type[Change]] = {
    kind.kind: kind for kind in (CarrierDown, SiteClosed, Demand, Budget, Planners, Capacity, Cost, Forbid)
}
