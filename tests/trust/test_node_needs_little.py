"""A node enrols and is updated with what its own extras install: nothing of the controller's, nothing for terminals."""

import subprocess
import sys
from pathlib import Path

FOREIGN = ("tomli_w", "rich", "litestar", "uvicorn", "sqlalchemy", "alembic", "argon2", "jinja2", "qrcode")


def test_enrolling_imports_nothing_of_the_controllers_or_the_terminals() -> None:
    block = "; ".join(f"sys.modules[{name!r}] = None" for name in FOREIGN)
    code = f"import sys; {block}; from hallware.main import main; main(['enrol', '--help'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "usage: hallware enrol" in ran.stdout, ran.stderr


def test_applying_an_update_imports_nothing_of_them_either(tmp_path: Path) -> None:
    block = "; ".join(f"sys.modules[{name!r}] = None" for name in (*FOREIGN, "pyinfra", "gevent"))
    code = f"import sys; {block}; from hallware.main import main; main(['update', 'apply', 'none', '--root', {str(tmp_path)!r}])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "this machine was not enrolled" in ran.stdout, ran.stderr
