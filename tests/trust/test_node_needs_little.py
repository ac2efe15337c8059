"""A node enrols with what its own extras install: nothing of the controller's, nothing for terminals."""

import subprocess
import sys

FOREIGN = ("tomli_w", "rich", "litestar", "uvicorn", "sqlalchemy", "alembic", "argon2", "jinja2", "qrcode")


def test_enrolling_imports_nothing_of_the_controllers_or_the_terminals() -> None:
    block = "; ".join(f"sys.modules[{name!r}] = None" for name in FOREIGN)
    code = f"import sys; {block}; from hallware.main import main; main(['enrol', '--help'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "usage: hallware enrol" in ran.stdout, ran.stderr
