"""How the threads of numeric libraries wait for one another."""

from collections.abc import MutableMapping


def wait_quietly(environ: MutableMapping[str, str]) -> None:
    """Let idle OpenMP threads sleep instead of spin; called by each door before it imports LightGBM.

    On a machine whose cores are shared, spinning threads take the core from the one they wait for: one training used
    319 s of processor time spinning and 53 s sleeping. What the user set wins.
    """
    environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
