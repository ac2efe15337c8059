"""The documents say what is so: their examples run, their links lead somewhere, their two languages keep step."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CHINESE = sorted(ROOT.glob("docs/**/*.zh.md"))
EXAMPLES = [page for page in PAGES if ">>>" in page.read_text(encoding="utf-8")]
ENGLISH = [page for page in PAGES if page not in CHINESE and page.name != "README.zh-CN.md"]
COMMAND = re.compile(r"(sudo )?(hallware|make|pip|python3|/opt/hallware)\b")
BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
PICTURE = re.compile(r"!\[[^]]*\]\(([^)]*)\)")
HANZI = re.compile(r"[\u4e00-\u9fff]+")
BOTH = ROOT / "docs" / "glossary.md"
"""The page that has each word in both languages."""


def english(page: Path) -> Path:
    """The same page in English."""
    return page.with_name(page.name.replace(".zh.md", ".md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in local if not (page.parent / target).exists()] == []


def anchor(heading: str) -> str:
    """What GitHub calls a heading in an address."""
    words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return "".join(letter for letter in words if letter.isalnum() or letter in " -_").replace(" ", "-")


def anchors(page: Path) -> set[str]:
    prose = BLOCK.sub("", page.read_text(encoding="utf-8"))
    return {anchor(heading) for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    into = [(page.parent / name if name else page, heading) for name, heading in targets if "://" not in name]
    assert [(str(there), heading) for there, heading in into if heading not in anchors(there)] == []


def prose(page: Path) -> str:
    """What a page says by itself: no blocks of code but their comments, nothing in backticks, no addresses of links."""
    text = page.read_text(encoding="utf-8")
    comments = re.findall(r"#.*", "".join(BLOCK.findall(text)))
    return re.sub(r"`[^`]*`|\]\([^)]*\)", "", "\n".join([BLOCK.sub("", text), *comments]).replace("[中文]", ""))


@pytest.mark.parametrize("page", ENGLISH, ids=lambda page: str(page.relative_to(ROOT)))
def test_an_english_page_has_no_chinese_but_terms_of_the_glossary(page: Path) -> None:
    terms = set(HANZI.findall(BOTH.read_text(encoding="utf-8")))
    assert [word for word in HANZI.findall(prose(page)) if word not in terms] == []
    assert not any(HANZI.search(heading) for heading in re.findall(r"^#+ .*", page.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent != ROOT], ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_first_for_whom_it_is_and_leads_to_its_other_language(page: Path) -> None:
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line]
    other = page.with_name(page.name.replace(".md", ".zh.md")) if page in ENGLISH else english(page)
    assert (f"({other.name})" in lines[1]) == other.exists()
    assert lines[1 + other.exists()].startswith(("For ", "供"))


def marks(row: str) -> list[str]:
    """What a row of a table of who may do what has besides its words."""
    return re.findall(r"[●·]|`[^`]*`", row) if "●" in row else []


def shape(page: Path) -> list[str]:
    """What a page has in every language, in its order: headings, pictures, rows of tables, blocks with commands and settings."""
    found, block = [], ""
    for line in page.read_text(encoding="utf-8").replace("/zh/", "/en/").splitlines():
        if line.startswith("```"):
            block = "" if block else line
            found.append(line)
        elif block and (block == "```toml" or COMMAND.match(line)):
            found.append(re.sub(r" *#.*", "", line))
        elif not block and line.startswith(("#", "|")):
            found.append(" ".join([line.split()[0], str(line.count("|")), *PICTURE.findall(line), *marks(line)]))
        elif not block:
            found += PICTURE.findall(line)
    return found


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.name)
def test_a_page_in_two_languages_has_the_same_sections_pictures_tables_and_commands_in_both(page: Path) -> None:
    assert shape(page) == shape(english(page))


def names(page: Path) -> set[str]:
    """The names of settings, options, files and addresses that a page's text has in backticks."""
    spans = re.findall(r"`([^`\n]+)`", BLOCK.sub("", page.read_text(encoding="utf-8")))
    words = {word for span in spans if " " not in span or span.startswith("[") for word in span.split()}
    return {word for word in words if word.isascii() and word == word.lower()}


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_in_two_languages_names_the_same_settings_files_and_addresses_in_both(page: Path) -> None:
    assert names(page) ^ names(english(page)) == set()


@pytest.mark.parametrize("page", [*CHINESE, ROOT / "README.zh-CN.md"], ids=lambda page: page.name)
def test_a_chinese_page_leads_to_chinese_pages(page: Path) -> None:
    targets = re.findall(r"(?<!\[English\]\()(?<=\]\()([^)#\s]+)", page.read_text(encoding="utf-8"))
    there = {english(one) for one in CHINESE}
    assert [target for target in targets if (page.parent / target).resolve() in there] == []


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.name)
def test_every_example_runs(page: Path) -> None:
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0


def test_both_readmes_point_to_the_same_pages() -> None:
    def targets(name: str) -> set[Path]:
        found = re.findall(r"\]\(([^)#\s]+)\)", (ROOT / name).read_text(encoding="utf-8").replace("/zh/", "/en/"))
        return {english(ROOT / target) for target in found if not target.startswith("README")}

    assert targets("README.md") == targets("README.zh-CN.md")
