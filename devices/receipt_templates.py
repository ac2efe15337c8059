"""The templates at hand: those of the package, and over them those of the hall's own folder."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from devices.receipt_template import BadTemplate, NoTemplate, Template, TemplateProblem, load

PACKAGED = Path(__file__).with_name("templates")

Stamps = tuple[tuple[str, int, int, int], ...] | None


class Templates:
    """Templates by name. A broken file of the hall's folder is a problem to tell, and the one before it, at first the package's
    own, serves meanwhile."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read all of them. Only a broken package raises."""
        self._folder = folder
        self._packaged = {path.stem: load(path) for path in sorted(PACKAGED.glob("*.toml"))}
        self.problems: tuple[TemplateProblem, ...] = ()
        self._by_name: Mapping[str, Template] = self._packaged
        self._seen: Stamps = ()
        self.look()

    def __getitem__(self, name: str) -> Template:
        """The template of that name. Raises `NoTemplate`."""
        if name not in self._by_name:
            raise NoTemplate(f"there is no template `{name}`; there are {', '.join(sorted(self._by_name))}")
        return self._by_name[name]

    def __iter__(self) -> Iterator[Template]:
        return iter(sorted(self._by_name.values(), key=lambda template: template.id))

    def look(self) -> bool:
        """Read the hall's own folder again if a file of it is another one now; cheap when none is. Whether it was."""
        seen = _stamps(self._folder)
        if self._folder is None or seen == self._seen:
            return False
        self._seen = seen
        self._by_name, self.problems = self._laid_over(self._folder, self._by_name)
        return True

    def _laid_over(self, folder: Path, before: Mapping[str, Template]) -> tuple[dict[str, Template], tuple[TemplateProblem, ...]]:
        found, problems = dict(self._packaged), []
        try:
            files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        except OSError as error:
            return dict(before), (BadTemplate(f"{folder}: cannot be read as a folder of templates: {error.strerror}"),)
        for path in files:
            try:
                found[path.stem] = load(path, self._packaged.get(path.stem))
            except BadTemplate as problem:
                problems.append(problem)
                found.update({path.stem: before[path.stem]} if path.stem in before else {})
        return found, tuple(problems)


def _stamps(folder: Path | None) -> Stamps:
    """By which it is seen that a file has changed; None when the folder cannot be read."""
    if folder is None:
        return ()
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        found = [(path.name, path.stat() if path.exists() else path.lstat()) for path in paths]  # an editor's lock leads nowhere
    except OSError:
        return None
    return tuple((name, stat.st_mtime_ns, stat.st_ino, stat.st_size) for name, stat in found)
