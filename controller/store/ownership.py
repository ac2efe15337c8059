"""Whose the files are that root's commands make in a hall's folder."""

import os
from pathlib import Path


def make_for_its_folder(file: Path) -> None:
    """What root's command makes beside or as a database is for whoever the folder belongs to: the hall's services write to it."""
    if os.geteuid() or file.exists() or not file.parent.exists():
        return
    file.touch()
    folder = file.parent.stat()
    os.chown(file, folder.st_uid, folder.st_gid)
