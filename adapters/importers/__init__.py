"""Where resources come from: JSONL, CSV, a folder of Markdown, a web page or a sitemap.

rows.py       what comes out: `Parsed` or `BadRow`, each with its place; the checks every source shares
lines.py      lines of a file of any size, in bounded memory
jsonl.py  table.py  markdown.py  pages.py    one source each
fetching.py  addresses.py                    the web, without a way into the network behind us

Everything is a generator: nothing is kept, nothing is written. A source that cannot be read at all raises SourceError;
a bad row does not hold up the good ones.
"""

from adapters.importers.rows import BadRow, Parsed, Row, SourceError
from adapters.importers.sources import is_address, read_source

__all__ = ["BadRow", "Parsed", "Row", "SourceError", "is_address", "read_source"]
