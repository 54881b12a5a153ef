"""Every family of features, in the order of their columns. A new one is a file beside this and a line here."""

from features.attributes import Attributes
from features.calendar import Calendar
from features.family import Family
from features.history import History
from features.load import Load
from features.plan import Plan
from features.progress import Progress
from features.signals import Signals
from features.usual import Usual

FAMILIES: tuple[Family, ...] = (
    Calendar(),
    Plan(),
    Progress(),
    Load(),
    Signals(),
    Usual(),
    Attributes(),
    History(),
)
