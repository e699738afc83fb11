"""What is meant to break an import, or to get through it into the network behind: one clear line, bounded memory and
time, and nothing half-written. What a source says at its best is in test_importers.py."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx
import pytest

from adapters.importers import BadRow, Parsed, SourceError, read_source, rows
from adapters.importers.addresses import is_public
from adapters.importers.fetching import MAX_BYTES, FetchError, WebFetch
from adapters.importers.pages import MAX_MINUTES, MAX_PAGES, MAX_SITEMAPS, web
from adapters.importers.table import escaped

MB = 1 << 20
GOOD = '{"title": "Good", "text": "Words"}\n'
PUBLIC = "93.184.216.34"


@contextmanager
def bounded(most: int = 64 * MB) -> Iterator[None]:
    """No more memory than that at any moment."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def read(path: Path) -> list[BadRow | Parsed]:
    return list(read_source(str(path)))


def refused(path: Path) -> str:
    """The one line that it is refused with."""
    with pytest.raises(SourceError) as error:
        read(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def holed(path: Path, begins: str, size: int, ends: str = "") -> Path:
    """A file with a hole: as long as it says, and hardly anything on the disk."""
    path.write_text(begins)
    os.truncate(path, size)
    with path.open("a") as opened:
        opened.write(ends)
    return path


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "begins", "size"),
    [("r.jsonl", GOOD, 1 << 30), ("r.jsonl", GOOD, 1 << 25), ("r.csv", "title,text\nGood,Words\n", 1 << 25)],
)
def test_a_line_of_a_gigabyte_is_one_bad_row_and_its_neighbours_are_kept(tmp_path, name, begins, size):
    """To see how much memory is taken makes the reading slow: of the whole gigabyte it is not looked at."""
    last = GOOD.replace("Good", "Last") if name.endswith("jsonl") else "Last,Words\n"
    path = holed(tmp_path / name, begins, size, "\n" + last)
    with bounded() if size < 1 << 30 else nullcontext():
        found = read(path)
    assert [row.resource.title for row in found if isinstance(row, Parsed)] == ["Good", "Last"]
    [bad] = [row for row in found if isinstance(row, BadRow)]
    assert "longer than 4 MB" in bad.reason


def test_a_markdown_file_of_a_gigabyte_is_one_bad_row(tmp_path):
    with bounded():
        [bad] = read(holed(tmp_path / "r.md", "# Long\n", 1 << 30))
    assert isinstance(bad, BadRow)
    assert "larger than 4 MB" in bad.reason


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("title" + ",c" * 2_000_000, "2,000,001 columns"),
        ("title,text\n" + '"' * 100_001, ""),
        ('title,text\nOne,"' + "never closed\n" * 200_000, "never closed"),
        ("title,text\nOne," + "," * 400_000 + "\n", "cells for 2 columns"),
        ("ti\x00tle,text\nOne,x\n", "no column 'title'"),
        ("title,text\nO\x00ne,\x00\n", ""),
        ("\ufefftitle,text\nOne,x\n".encode("utf-16"), "UTF-16"),
        ("title,text\nOne,x\n".encode("utf-32"), "UTF-32"),
        (b"title,text\n\xff\xfe\xfd\n", "not UTF-8"),
        (b"\x1f\x8b" + bytes(1000), "line 1: not UTF-8|no column"),
    ],
)
def test_a_table_that_is_meant_to_break_is_told_in_one_line(tmp_path, content, says):
    path = tmp_path / "r.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with bounded():
        try:
            found = [row.reason for row in read(path) if isinstance(row, BadRow)]
        except SourceError as error:
            found = [str(error)]
    assert len(found) <= 1
    assert re.search(says, " ".join(found))
    assert all(len(line) < 500 and "\n" not in line for line in found)


@pytest.mark.parametrize("line", ["x\n", "{}\n", "[" * 100_000 + "\n", '{"title": NaN}\n', '{"title": 1e999999}\n'])
def test_what_holds_no_resource_at_all_is_given_up(tmp_path, monkeypatch, line):
    monkeypatch.setattr(rows, "MAX_BAD", 50)
    path = tmp_path / "r.jsonl"
    path.write_text(GOOD + line * 60)
    assert "more than 50 rows are no resources" in refused(path)


def test_more_text_than_memory_should_hold_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(rows, "MAX_LETTERS", 1_000_000)
    path = tmp_path / "r.jsonl"
    path.write_text("".join(json.dumps({"title": f"T{n}", "text": "x" * 90_000}) + "\n" for n in range(20)))
    assert "letters; split it" in refused(path)


def test_a_bomb_of_entities_or_aliases_in_front_matter_is_a_bad_row(tmp_path):
    lines = [f"a{n}: &a{n} [{', '.join(['*a' + str(n - 1)] * 10)}]" for n in range(1, 10)]
    (tmp_path / "r.md").write_text("---\na0: &a0 [x]\n" + "\n".join(lines) + "\n---\nText")
    (tmp_path / "deep.md").write_text("---\na: " + "[" * 15_000 + "\n---\nText")
    with bounded():
        found = read(tmp_path)
    assert all(isinstance(row, BadRow) and "front matter" in row.reason for row in found)
    assert len(found) == 2


def test_links_loops_and_pipes_are_passed_over(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.md").write_text("Fine.")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in", target_is_directory=True)
    (tmp_path / "in" / "up.md").symlink_to("../../../../../../etc/passwd")
    os.mkfifo(tmp_path / "in" / "pipe.md")
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert [row.resource.title for row in read(tmp_path / "in") if isinstance(row, Parsed)] == ["Good"]
    assert "is not a file" in refused(tmp_path / "pipe.jsonl")


# --- archives: none is opened, whatever is in it ------------------------------------------------------------------


def archives() -> Iterable[tuple[str, bytes]]:
    def packed(*entries: tuple[str, bytes]) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries:
                archive.writestr(name, content)
        return made.getvalue()

    bomb = packed(("r.jsonl", bytes(4 * MB)))
    link = zipfile.ZipInfo("link.jsonl")
    link.external_attr = 0o120777 << 16
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    yield "ratio", bomb
    yield "nested", packed(("a.zip", packed(("b.zip", bomb))))
    yield "up", packed(("../../up.jsonl", GOOD.encode()))
    yield "absolute", packed(("/tmp/absolute.jsonl", GOOD.encode()))
    yield "link", linked.getvalue()
    yield "many", packed(*((f"{n}.jsonl", b"") for n in range(300)))


@pytest.mark.parametrize("ending", [".zip", ".jsonl"])
@pytest.mark.parametrize(("kind", "content"), list(archives()), ids=lambda v: v if isinstance(v, str) else "")
def test_an_archive_is_not_opened(tmp_path, kind, content, ending):
    path = tmp_path / f"r{ending}"
    path.write_bytes(content)
    with bounded():
        try:
            found = read(path)
        except SourceError as error:
            found = [BadRow(1, str(error))]
    assert found
    assert not [row for row in found if isinstance(row, Parsed)]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    if ending == ".zip":
        assert "of an unknown kind" in refused(path)


# --- sitemaps -----------------------------------------------------------------------------------------------------


def html(body: bytes, kind: str = "text/xml", **headers: str) -> httpx.Response:
    return httpx.Response(200, stream=httpx.ByteStream(body), headers={"content-type": kind, **headers})


def fetching(answer: Callable[[str], httpx.Response]) -> tuple[WebFetch, list[str]]:
    asked: list[str] = []

    def given(request: httpx.Request) -> httpx.Response:
        url = f"{request.url.scheme}://{request.headers['host']}{request.url.raw_path.decode()}"
        asked.append(url)
        return answer(url)

    return WebFetch(look_up=lambda host, port: [PUBLIC], transport=httpx.MockTransport(given)), asked


def locs(root: str, *addresses: str) -> bytes:
    return f"<{root}>{''.join(f'<x><loc>{a}</loc></x>' for a in addresses)}</{root}>".encode()


def test_a_sitemap_of_entities_is_read_as_letters():
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    outside = '<!ENTITY x SYSTEM "file:///etc/passwd">'
    kind = f'<!DOCTYPE r [<!ENTITY e0 "ha">{lines}{outside}]>'
    bomb = f'<?xml version="1.0"?>{kind}<urlset><loc>&e11;</loc><loc>&x;</loc></urlset>'
    get, asked = fetching(lambda _: html(bomb.encode()))
    with bounded():
        found = list(read_source("https://example.org/s.xml", fetch=get))
    assert all(isinstance(row, BadRow) for row in found)
    assert asked == ["https://example.org/s.xml"]


def test_indexes_that_lead_to_each_other_end():
    everywhere = [f"https://example.org/{n}.xml" for n in range(100)]
    get, asked = fetching(lambda _: html(locs("sitemapindex", *everywhere)))
    with pytest.raises(SourceError, match="without pages"):
        list(read_source("https://example.org/0.xml", fetch=get))
    assert len(asked) == 1 + MAX_SITEMAPS


def test_a_sitemap_of_very_many_pages_is_read_so_far():
    many = [f"https://example.org/{n}" for n in range(3_000)]
    page = b"<h1>T</h1><p>words"
    get, asked = fetching(lambda url: html(locs("urlset", *many)) if url.endswith(".xml") else html(page, "text/html"))
    with bounded():
        found = list(read_source("https://example.org/s.xml", fetch=get))
    assert len(asked) == 1 + MAX_PAGES
    assert [row.reason for row in found if isinstance(row, BadRow)][-1].startswith(f"more than {MAX_PAGES} pages")


def test_a_packed_sitemap_that_grows_is_cut_off():
    bomb = gzip.compress(b"<urlset>" + b"<loc>https://example.org/a</loc>" * (4 * MAX_BYTES // 32))
    get, _ = fetching(lambda _: html(bomb, **{"content-encoding": "gzip"}))
    with bounded(), pytest.raises(SourceError, match="larger than 5 MB"):
        list(read_source("https://example.org/s.xml", fetch=get))


def test_a_site_that_holds_one_up_is_left_after_a_while():
    times = iter([0.0, 1.0, MAX_MINUTES * 60 + 1.0])
    get, asked = fetching(
        lambda url: (
            html(locs("urlset", *(f"https://example.org/{n}" for n in range(9))))
            if url.endswith(".xml")
            else html(b"<h1>T</h1>words", "text/html")
        )
    )
    found = list(web("https://example.org/s.xml", get, lambda: next(times)))
    assert len(asked) == 2
    assert isinstance(found[-1], BadRow)
    assert "longer than 30 minutes" in found[-1].reason


# --- the network behind -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "fd00:ec2::254"),
        *("fe80::1%eth0", "febf::1", "2001:db8::1", "100::1", "2002:a9fe:a9fe::", "2001::7f00:1", "::7f00:1"),
        *("ff01::1", "ff05::2", "192.88.99.1", "192.0.0.8", "198.51.100.1", "203.0.113.1", "239.255.255.250"),
        *("169.254.170.2", "100.100.100.200", "0.1.2.3", "127.255.255.254", "172.31.255.255", "3fff::1", "5f00::1"),
    ],
)
def test_no_address_of_a_network_behind_counts_as_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("http://0177.0.0.1/", "http://0x7f.0.0.1/", "http://2130706433/", "http://017700000001/", "http://127.1/"),
        *("http://0/", "http://0x0/", "http://[::ffff:127.0.0.1]/", "http://[::]/", "http://[fe80::1]/"),
        *("http://[64:ff9b::7f00:1]/", "http://127。0。0。1/", "http://①②⑦.⓪.⓪.①/", "http://ⓛocalhost/"),
        *("http://user@127.0.0.1/", "http://example.org@127.0.0.1/", "http://127.0.0.1#@example.org/"),
        *("http://127.0.0.1:443/", "http://localhost:8080/", "http://localhost./", "http://127.0.0.1\t/"),
    ],
)
def test_this_computer_is_reached_by_no_address(url):
    reached: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        reached.append(request)
        return html(b"inside", "text/html")

    with pytest.raises(FetchError):
        WebFetch(transport=httpx.MockTransport(answer))(url)
    assert reached == []


@pytest.mark.parametrize("url", ["http://u:p@example.org/", "http://u@example.org/", "https://:p@example.org/"])
def test_no_name_and_password_is_sent_anywhere(url):
    get, asked = fetching(lambda _: html(b"x", "text/html"))
    with pytest.raises(FetchError, match="name and password"):
        get(url)
    assert asked == []


@pytest.mark.parametrize("port", [0, 21, 22, 25, 110, 2375, 5432, 6379, 9200, 11211, 65535])
def test_other_programs_than_web_sites_are_not_spoken_to(port):
    get, asked = fetching(lambda _: html(b"x", "text/html"))
    with pytest.raises(FetchError):
        get(f"http://example.org:{port}/")
    assert asked == []


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "dict", "ldap", "data", "jar", "javascript", "ws"])
def test_no_other_scheme_is_followed_from_a_page_or_named(scheme):
    leads = httpx.Response(302, headers={"location": f"{scheme}://example.org/x"})
    get, asked = fetching(lambda _: leads)
    for url in ("https://example.org/", f"{scheme}://example.org/x"):
        with pytest.raises(FetchError):
            get(url)
    assert asked == ["https://example.org/"]


# --- out again ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begins", [*"=+-@\t\r\n", "＝", "＠", " =", "\u00a0=", "\u200b=", "\ufeff="])
def test_a_spreadsheet_sees_no_formula(begins):
    assert escaped(f"{begins}cmd|' /C calc'!A0")[0] == "'"
