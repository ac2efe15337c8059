"""Which Mosquitto is installed: the form of configuration that it takes, and where its own plug-ins lie."""

import re
import subprocess
from pathlib import Path

from broker_config.hall import Form

PLUGIN = "mosquitto_acl_file.so"
PLACES = ("lib/*/mosquitto", "lib/mosquitto", "lib/*", "lib")
"""Beside the program's own folder; Debian's is the first, those of others follow."""


def form_of(binary: Path) -> Form:
    """The form for this Mosquitto; 2.0 where it cannot be run."""
    try:
        said = subprocess.run([binary, "-h"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return Form.V2_0
    found = re.search(r"version (\d+)\.(\d+)", said)
    return Form.V2_1 if found and (int(found[1]), int(found[2])) >= (2, 1) else Form.V2_0


def plugins_of(binary: Path) -> Path:
    """The folder of this Mosquitto's plug-ins, which form 2.1 names; upstream's place when there are none yet."""
    usr = binary.parents[1]
    for place in PLACES:
        for folder in sorted(usr.glob(place)):
            if (folder / PLUGIN).exists():
                return folder
    return usr / "lib/mosquitto"
