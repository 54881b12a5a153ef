"""The BentoML service: ``bentoml serve serving.service:service``, or rather ``lanewise serve``.

What to serve comes from the environment (``LANEWISE_HOME``, and settings such as ``LANEWISE_DATA``),
read when a worker starts, so the bento holds code only.
"""

import os

from decisions.settings import load_settings
from serving.api.backend import Backend
from serving.carrier import carried, home_of


def open_house() -> Backend:
    """Open the home and the data set that the environment names."""
    # Here, because the parent process imports this module too and needs none of it.
    from decisions.bootstrap import open_home
    from serving.following import FollowingBackend
    from store.current import mark_of_service

    home = home_of(os.environ)
    settings = load_settings(home, os.environ).settings
    return FollowingBackend(lambda: open_home(home, settings, home / settings.data), lambda: mark_of_service(home))


service = carried(open_house)
