#!/usr/bin/env bash
# Runs the tests on another Python (3.13, or bookworm's or trixie's), in an environment of its own; says so and ends well where the machine has none.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/other_debian.sh
version=${python_of[$1]:-$1}; shift
python=$(command -v "python$version" || ls -d "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/"python$version" 2>/dev/null | tail -n 1 || true)
if [ -z "$python" ] || ! "$python" --version >/dev/null 2>&1; then
  python=$(ls -d "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/"python$version" 2>/dev/null | tail -n 1 || true)
fi
if [ -z "$python" ]; then
  echo "==> this machine has no Python $version: its tests were not run"
  exit 0
fi
echo "==> running the tests on $("$python" --version) in .venv-$version"
UV_PROJECT_ENVIRONMENT=".venv-$version" .tools/bin/uv sync --quiet --frozen --all-extras --group dev --python "$python"
".venv-$version/bin/pytest" "$@"
