"""Resources from Markdown: one file each, with front matter (YAML between two lines of ---) or without.

Without a title in the front matter it is the first heading, else the name of the file; without an id it is made of
the file's path, so the same folder gives the same resources.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from adapters.importers.lines import MAX_LINE, open_source
from adapters.importers.rows import BadRow, Raw, SourceError
from knowledge.text import slug

MAX_FILES = 100_000
MAX_FRONT, MAX_BRACKETS = 20_000, 100  # of front matter: thousands nested in each other take PyYAML minutes
SUFFIXES = (".md", ".markdown")

_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#{1,6}[ \t]+([^\n]+?)[ \t#]*(?:\n|\Z)")


class _NoAliases(yaml.SafeLoader):
    """YAML without anchors: a few lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def folder(root: Path) -> Iterator[Raw | BadRow]:
    """Every Markdown file under the folder, in the order of their paths. Hidden files and links are passed over.

    Raises SourceError when the folder holds no Markdown.
    """
    try:
        files = sorted(path for path in root.rglob("*") if _wanted(path, root))
    except OSError as error:
        raise SourceError(f"{root} cannot be read ({(error.strerror or 'error').lower()})") from error
    if not files:
        raise SourceError(f"{root} holds no Markdown (*.md); name a file to import something else")
    if len(files) > MAX_FILES:
        raise SourceError(f"{root} holds {len(files):,} Markdown files; import parts of it, at most {MAX_FILES:,} each")
    for path in files:
        yield page(path, path.relative_to(root).as_posix())


def _wanted(path: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return path.suffix.lower() in SUFFIXES and not hidden and not path.is_symlink() and path.is_file()


def page(path: Path, name: str) -> Raw | BadRow:
    """One file. `name` is its path inside the folder."""
    try:
        with open_source(path) as opened:
            content = opened.read(MAX_LINE + 1)
        text = content.decode("utf-8-sig")
    except SourceError:
        return BadRow(1, "the file cannot be read", name)
    except UnicodeDecodeError:
        return BadRow(1, "not UTF-8 text; save the file as UTF-8", name)
    if len(content) > MAX_LINE:
        return BadRow(1, f"the file is larger than {MAX_LINE // 1024 // 1024} MB; split it", name)
    return _page(text.replace("\r\n", "\n"), name)


def _page(text: str, name: str) -> Raw | BadRow:
    fields: dict[str, object] = {}
    front = _FRONT.match(text)
    if front:
        found = _front_matter(front[1])
        if found is None:
            return BadRow(1, "the front matter is not plain YAML; correct what stands between the lines of ---", name)
        fields, text = found, text[front.end() :]
    heading = _HEADING.match(text)
    if heading:
        fields.setdefault("title", heading[1])
        text = text[heading.end() :]
    stem = name.rsplit(".", 1)[0]
    fields.setdefault("title", stem.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ").strip().capitalize())
    fields.setdefault("id", slug(stem, 200) or None)
    if not text.strip() and not fields.get("url") and not fields.get("text"):
        return BadRow(1, "the file has no text", name)
    if text.strip():
        fields["text"] = text
    return Raw(1, fields, name)


def _front_matter(text: str) -> dict[str, object] | None:
    if len(text) > MAX_FRONT or text.count("[") + text.count("{") > MAX_BRACKETS:
        return None
    try:
        found = yaml.load(text, _NoAliases)  # noqa: S506 -- a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if found is None:
        return {}
    if not isinstance(found, dict):
        return None
    return {str(key).lower(): value for key, value in found.items()}
