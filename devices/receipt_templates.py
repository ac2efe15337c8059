"""The templates at hand: those of the package, and over them those of the hall's own folder."""

from collections.abc import Iterator
from pathlib import Path

from devices.receipt_template import BadTemplate, NoTemplate, Template, TemplateProblem, load

PACKAGED = Path(__file__).with_name("templates")


class Templates:
    """Templates by name. A broken file of the hall's folder is a problem to tell, and the package's own serves meanwhile."""

    def __init__(self, folder: Path | None = None, before: "Templates | None" = None) -> None:
        """Read all of them; what is broken now stays as it was `before`. Only a broken package raises."""
        self.problems: list[TemplateProblem] = []
        self._by_name = {path.stem: load(path) for path in sorted(PACKAGED.glob("*.toml"))}
        self._before = {} if before is None else before._by_name
        if folder is not None:
            self._lay_over(folder)

    def __getitem__(self, name: str) -> Template:
        """The template of that name. Raises `NoTemplate`."""
        if name not in self._by_name:
            raise NoTemplate(f"there is no template `{name}`; there are {', '.join(sorted(self._by_name))}")
        return self._by_name[name]

    def __iter__(self) -> Iterator[Template]:
        return iter(sorted(self._by_name.values(), key=lambda template: template.id))

    def _lay_over(self, folder: Path) -> None:
        for path in self._files(folder):
            try:
                self._by_name[path.stem] = load(path, self._by_name.get(path.stem))
            except BadTemplate as problem:
                self.problems.append(problem)
                self._by_name.update({path.stem: self._before[path.stem]} if path.stem in self._before else {})

    def _files(self, folder: Path) -> list[Path]:
        try:
            return sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        except OSError as error:
            self.problems.append(BadTemplate(f"{folder}: cannot be read as a folder of templates: {error.strerror}"))
            self._by_name.update(self._before)
            return []
