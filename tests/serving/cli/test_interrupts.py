"""Ctrl-C ends a command, also where Python does not see it."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.serving.cli.command import COMMAND, environment

# One long call outside Python that no signal ends, as a solver's is; then a call that Python can interrupt, whose
# library makes an error of its own of it; then one within a destructor, where Python drops the interrupt.
DEAF = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 200_000_000)"
SWALLOWING = """
import time
try:
    time.sleep(60)
except KeyboardInterrupt:
    raise RuntimeError("query interrupted")
"""
DESTRUCTOR = """
import time
class Held:
    def __del__(self):
        import time
        time.sleep(60)
held = Held()
del held
time.sleep(60)
"""
PROGRAM = """
import sys
import serving.commands.settings as command
from serving import cli
def work(*_):
    print("working", flush=True)
    exec({work!r})
command.load_settings = work
sys.argv = ["lanewise", "settings"]
cli.main()
"""


@pytest.mark.parametrize("work", [DEAF, SWALLOWING, DESTRUCTOR, "import time; time.sleep(60)"])
def test_ctrl_c_ends_a_command_with_130(work: str, tmp_path: Path) -> None:
    """Within seconds, with one line and no traceback."""
    process = subprocess.Popen(
        [COMMAND[0], "-c", PROGRAM.format(work=work)],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (130, "interrupted; what was there before is untouched\n")
