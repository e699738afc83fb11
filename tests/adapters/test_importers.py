import codecs
import gzip
import json
import os
import threading
import tracemalloc
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from adapters.importers import BadRow, Parsed, SourceError, read_source
from adapters.importers.addresses import Unreachable, checked_address, is_public
from adapters.importers.fetching import MAX_BYTES, MAX_SECONDS, FetchError, Page, WebFetch
from adapters.importers.lines import MAX_LINE
from adapters.importers.table import escaped, plain
from knowledge.resources import Resource


def read(path, content: str | bytes, **given):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_source(str(path), **given))


def reasons(rows) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in rows if isinstance(row, BadRow)]


def titles(rows) -> list[str]:
    return [row.resource.title for row in rows if isinstance(row, Parsed)]


# --- JSONL ----------------------------------------------------------------------------------------------


def test_a_line_becomes_a_resource(tmp_path):
    row = '{"id": "a", "title": "School days", "text": "Ask early.", "topics": ["school"]}'
    assert read(tmp_path / "r.jsonl", row) == [
        Parsed(1, Resource(id="a", title="School days", text="Ask early.", topics=("school",)))
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "not JSON (column 2)"),
        (b"[1]", "not an object"),
        (b'"x"', "not an object"),
        (b"1" * 5000, "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"title": "a\x00b", "text": "x"}', "not JSON"),
        (b'{"title": "caf\xe9", "text": "x"}', "not UTF-8 text"),
        (b'{"title": " ", "text": "x"}', "'title' is empty"),
        (b'{"title": "x"}', "neither 'text' nor 'url'"),
        (b'{"title": "x", "url": "javascript:alert(1)"}', "'url' is not a web address"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_the_good_ones_are_kept(tmp_path, line, says):
    good = b'{"title": "Good", "text": "x"}'
    rows = read(tmp_path / "r.jsonl", b"\n".join([b'{"title": "First", "text": "x"}', b"", line, good]))
    assert titles(rows) == ["First", "Good"]
    [(number, reason)] = reasons(rows)
    assert number == 3
    assert says in reason
    assert "\n" not in reason


def test_text_of_any_kind_survives(tmp_path):
    text = "🧸 שלום Z̸a̸l̸g̸o̸ \u202etxet <script>alert(1)</script> nul:\u0000."
    [row] = read(tmp_path / "r.jsonl", json.dumps({"title": "x", "text": text}))
    assert row.resource.text == text.replace("\u0000", " ")


def test_a_byte_order_mark_is_taken_off(tmp_path):
    rows = read(tmp_path / "r.jsonl", codecs.BOM_UTF8 + b'{"title": "Good", "text": "x"}\r\n')
    assert titles(rows) == ["Good"]


def test_a_line_of_a_hundred_megabytes_is_one_bad_row_in_little_memory(tmp_path):
    path = tmp_path / "r.jsonl"
    with path.open("wb") as opened:
        opened.write(b'{"title": "First", "text": "x"}\n{"title": "')
        opened.truncate(opened.tell() + 100 * 1024 * 1024)
        opened.seek(0, os.SEEK_END)
        opened.write(b'"}\n{"title": "Last", "text": "x"}')
    tracemalloc.start()
    rows = list(read_source(str(path)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert titles(rows) == ["First", "Last"]
    assert [line for line, reason in reasons(rows) if "longer than 4 MB" in reason] == [2]
    assert peak < 5 * MAX_LINE


def test_the_second_row_with_an_id_is_bad_and_says_where_the_first_is(tmp_path):
    rows = read(tmp_path / "r.jsonl", '{"id":"a","title":"One","text":"x"}\n{"id":"a","title":"Two","text":"x"}')
    assert titles(rows) == ["One"]
    assert reasons(rows) == [(2, "id 'a' is taken already (line 1); give it its own")]


def test_an_unknown_topic_is_a_bad_row_when_the_community_has_a_list(tmp_path):
    row = '{"title": "One", "text": "x", "topics": ["school", "cars"]}'
    topics = frozenset({"school"})
    assert titles(read(tmp_path / "r.jsonl", row)) == ["One"]
    assert reasons(read(tmp_path / "r.jsonl", row, topics=topics)) == [
        (1, "topic 'cars' is not in the community's list; correct it or add it there")
    ]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("r.jsonl", b"", "is empty"),
        ("r.jsonl", b"\n \n", "is empty"),
        ("r.csv", b"", "is empty"),
        ("r.jsonl", b'[{"title": "x"}]', "one JSON list"),
        ("r.jsonl", "{}".encode("utf-16"), "UTF-16"),
        ("r.xlsx", b"PK", "unknown kind"),
        ("r.zip", b"PK", "unknown kind"),
    ],
)
def test_a_source_of_no_use_is_refused_in_one_line(tmp_path, name, content, says):
    with pytest.raises(SourceError) as refused:
        read(tmp_path / name, content)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_source_that_is_not_there_is_refused(tmp_path):
    for source in (str(tmp_path / "none.jsonl"), "", "\0", "x" * 5000):
        with pytest.raises(SourceError):
            list(read_source(source))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(SourceError, match="is not a file"):
        list(read_source(str(tmp_path / "pipe.jsonl")))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text("{}")
    path.chmod(0)
    with pytest.raises(SourceError, match="cannot be read"):
        list(read_source(str(path)))


# --- CSV ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_table_is_read_with_any_usual_delimiter(tmp_path, mark):
    lines = (("Title", "text", "topics", "medical", "nonsense"), ("One", "Words", "school|travel", "yes", "x"))
    [row] = read(tmp_path / "r.csv", "\r\n".join(mark.join(cells) for cells in lines))
    expected = Resource(id="one", title="One", text="Words", topics=("school", "travel"), medical=True)
    assert row == Parsed(2, expected)


def test_a_cell_may_hold_lines_blank_ones_too_and_rows_keep_their_line_numbers(tmp_path):
    rows = read(tmp_path / "r.csv", 'title,text\nOne,"a\n\nb"\n\n,missing\nTwo,c\n')
    assert rows[0].resource.text == "a\n\nb"
    assert reasons(rows) == [(6, "'title' is empty; give the resource a title")]
    assert [row.line for row in rows if isinstance(row, Parsed)] == [2, 7]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("title,text\nOne,a,b\n", 2, "3 cells for 2 columns"),
        (b"title,text\nOne,caf\xe9\nTwo,b\n", 2, "not UTF-8"),
        ('title,text\nOne,"a"b"\nTwo,b\n', 2, "not doubled"),
        ('title,text\nTwo,b\nOne,"never closed\n\nx,y', 3, "never closed"),
        ('title,text\nTwo,b\nOne,"' + "x" * 140_000 + '"\nThree,c', 3, "a cell is too long"),
        ("title,text\nOne," + "," * 200_000 + "\nTwo,b", 2, "cells for 2 columns"),
        ("title,text\nOne," + "x" * (MAX_LINE + 10) + "\nTwo,b", 2, "longer than 4 MB"),
    ],
)
def test_a_bad_table_row_is_named(tmp_path, content, line, says):
    rows = read(tmp_path / "r.csv", content)
    [(number, reason)] = reasons(rows)
    assert number == line
    assert says in reason


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name,text\nOne,x", "no column 'title'"),
        (b"\xff\xfftitle,text", "line 1: not UTF-8"),
        ("title,text,text\n", "the column 'text' twice"),
        ("title," + ",".join(f"c{n}" for n in range(200)), "201 columns"),
        ("x" * (MAX_LINE + 1), "line 1"),
        ('"', "no column 'title'"),
    ],
)
def test_a_table_without_our_header_is_refused(tmp_path, content, says):
    with pytest.raises(SourceError, match=says):
        read(tmp_path / "r.csv", content)


@pytest.mark.parametrize(
    "cell",
    [*("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", "'=1", "''=1"), *("＝1", "\u00a0=1", "\ufeff@x")],
)
def test_a_formula_is_escaped_and_read_back(cell):
    assert escaped(cell).startswith("'")
    assert plain(escaped(cell)) == cell


@pytest.mark.parametrize("cell", ["words", "'tis", "", "a=b"])
def test_what_is_no_formula_stays_as_it_is(cell):
    assert escaped(cell) == cell
    assert plain(cell) == cell


# --- Markdown -------------------------------------------------------------------------------------------


def test_a_folder_of_markdown_with_and_without_front_matter(tmp_path):
    (tmp_path / "school").mkdir()
    (tmp_path / "school" / "first-day.md").write_text("# The first day\n\nTalk to the teacher.\n")
    (tmp_path / "a.md").write_text("---\nid: x1\ntitle: Named\ntopics: [school]\nreviewed_at: 2025-03-01\n---\nText.")
    (tmp_path / "plain_words.markdown").write_text("Only text.")
    (tmp_path / ".hidden.md").write_text("no")
    (tmp_path / "other.txt").write_text("no")
    rows = list(read_source(str(tmp_path)))
    assert [(row.source, row.resource.id, row.resource.title, row.resource.text) for row in rows] == [
        ("a.md", "x1", "Named", "Text."),
        ("plain_words.markdown", "plain-words", "Plain words", "Only text."),
        ("school/first-day.md", "school-first-day", "The first day", "Talk to the teacher."),
    ]
    assert rows[0].resource.topics == ("school",)
    assert rows[0].resource.reviewed_at.year == 2025


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"---\na: [\n---\nx", "front matter"),
        (b"---\na: &b [1]\nc: *b\n---\nx", "front matter"),
        (b"---\njust words\n---\nx", "front matter"),
        (b"---\nreviewed_at: 2025-99-99x\n---\nx", "'reviewed_at' is not a date"),
        (b"# Only a heading\n", "no text"),
        (b"", "no text"),
        (b"caf\xe9", "not UTF-8"),
        (b"x" * (MAX_LINE + 1), "larger than 4 MB"),
    ],
)
def test_a_bad_markdown_file_is_named_and_the_others_are_kept(tmp_path, content, says):
    (tmp_path / "bad.md").write_bytes(content)
    (tmp_path / "good.md").write_text("Fine.")
    rows = list(read_source(str(tmp_path)))
    assert titles(rows) == ["Good"]
    [bad] = [row for row in rows if isinstance(row, BadRow)]
    assert (bad.source, bad.line) == ("bad.md", 1)
    assert says in bad.reason


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.md").symlink_to(tmp_path / "secret")
    with pytest.raises(SourceError, match="holds no Markdown"):
        list(read_source(str(tmp_path / "in")))


# --- the web --------------------------------------------------------------------------------------------

PUBLIC = "93.184.216.34"
PAGE = b"""<!doctype html><html lang="es-MX"><head><title>Site | Trips</title><style>x{}</style></head><body>
<nav>Menu</nav><main><h1>Trips by train</h1><p>Take the <b>letter</b>
along.</p><script>alert(1)</script><ul><li>One</li><li>Two</li></ul><form><nav>x</nav></form></main><footer>c</footer></body></html>"""


def html(body: bytes = PAGE, **headers: str) -> httpx.Response:
    return httpx.Response(
        200, stream=httpx.ByteStream(body), headers={"content-type": "text/html; charset=utf-8", **headers}
    )


def fetch(answers, addresses=None, **given) -> tuple[WebFetch, list[httpx.Request]]:
    """A fetcher whose network is a table of answers by URL as its server sees it."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answers[f"{request.url.scheme}://{request.headers['host']}{request.url.raw_path.decode()}"]

    def look_up(host: str, port: int) -> list[str]:
        return (addresses or {}).get(host, [PUBLIC])

    return WebFetch(look_up=look_up, transport=httpx.MockTransport(answer), **given), asked


def test_a_web_page_becomes_its_text():
    get, asked = fetch({"https://example.org/trips": html()})
    [row] = read_source("https://example.org/trips", fetch=get)
    assert row == Parsed(
        1,
        Resource(
            id="example-org-trips",
            title="Trips by train",
            text="Trips by train\nTake the letter along.\nOne\nTwo",
            url="https://example.org/trips",
            language="es",
            source="example.org",
        ),
        "https://example.org/trips",
    )
    assert (asked[0].url.host, asked[0].extensions["sni_hostname"]) == (PUBLIC, "example.org")


def test_a_sitemap_is_followed_within_its_site():
    sitemap = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>
    <urlset xmlns="x"><url><loc>https://example.org/a</loc></url><url><loc>https://other.org/b</loc></url>
    <url><loc> https://www.example.org/gone </loc></url><url><loc>https://example.org/a</loc></url>
    <url><loc>file:///etc/passwd</loc></url></urlset>"""
    get, _ = fetch(
        {
            "https://example.org/sitemap.xml": html(sitemap, **{"content-type": "text/xml"}),
            "https://example.org/a": html(),
            "https://www.example.org/gone": httpx.Response(404),
        }
    )
    rows = list(read_source("https://example.org/sitemap.xml", fetch=get))
    assert titles(rows) == ["Trips by train"]
    assert [(row.source, row.reason.split(";")[0]) for row in rows if isinstance(row, BadRow)] == [
        ("https://other.org/b", "another site than the sitemap's"),
        ("https://www.example.org/gone", "the site answers 404"),
        ("file:///etc/passwd", "another site than the sitemap's"),
    ]


def test_an_index_of_sitemaps_is_followed_one_level():
    index = b"<sitemapindex><sitemap><loc>https://example.org/s1.xml</loc></sitemap></sitemapindex>"
    pages = b"<urlset><url><loc>https://example.org/a</loc></url></urlset>"
    get, _ = fetch(
        {
            "https://example.org/i.xml": html(index),
            "https://example.org/s1.xml": html(pages),
            "https://example.org/a": html(),
        }
    )
    assert titles(read_source("https://example.org/i.xml", fetch=get)) == ["Trips by train"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(500), "answers 500"),
        (html(b"x" * (MAX_BYTES + 1)), "larger than 5 MB"),
        (html(gzip.compress(b"x" * (MAX_BYTES * 2), 1), **{"content-encoding": "gzip"}), "larger than 5 MB"),
        (html(b"nonsense", **{"content-encoding": "gzip"}), "damaged"),
        (html(b"x", **{"content-encoding": "br"}), "not asked for"),
    ],
)
def test_an_answer_of_no_use_is_refused_in_one_line(answer, says):
    get, _ = fetch({"https://example.org/": answer})
    with pytest.raises(SourceError, match=says):
        list(read_source("https://example.org/", fetch=get))


def test_a_bomb_is_never_unpacked_whole():
    bomb = html(gzip.compress(bytes(200 * 1024 * 1024)), **{"content-encoding": "gzip"})
    get, _ = fetch({"https://example.org/": bomb})
    tracemalloc.start()
    with pytest.raises(FetchError, match="larger than 5 MB"):
        get("https://example.org/")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * MAX_BYTES


def test_a_packed_page_is_unpacked():
    get, _ = fetch({"https://example.org/": html(gzip.compress(PAGE), **{"content-encoding": "gzip"})})
    assert titles(read_source("https://example.org/", fetch=get)) == ["Trips by train"]


def test_what_is_no_page_of_text_is_a_bad_row():
    get, _ = fetch({"https://example.org/f.pdf": html(b"%PDF", **{"content-type": "application/pdf"})})
    [row] = read_source("https://example.org/f.pdf", fetch=get)
    assert "a application/pdf is not a page of text" in row.reason


def test_a_page_nested_very_deep_is_read():
    get, _ = fetch({"https://example.org/": html(b"<body>" + b"<div>" * 20_000 + b"deep")})
    [row] = read_source("https://example.org/", fetch=get)
    assert row.resource.text == "deep"


def test_a_slow_answer_is_cut_off():
    times = iter([0.0, MAX_SECONDS + 1])
    get, _ = fetch({"https://example.org/": html()}, clock=lambda: next(times))
    with pytest.raises(FetchError, match="longer than 30 s"):
        get("https://example.org/")


def test_a_redirect_is_followed_to_a_checked_address_only():
    def leads_to(place: str) -> httpx.Response:
        return httpx.Response(302, headers={"location": place})

    get, asked = fetch(
        {"https://example.org/": leads_to("/next"), "https://example.org/next": leads_to("http://inside.example/")},
        {"inside.example": ["10.0.0.5"]},
    )
    with pytest.raises(FetchError, match="private network"):
        get("https://example.org/")
    assert [request.headers["host"] for request in asked] == ["example.org", "example.org"]
    for place in ("file:///etc/passwd", "gopher://x/", "http://u:p@example.org/"):
        with pytest.raises(FetchError):
            fetch({"https://example.org/": leads_to(place)})[0]("https://example.org/")
    with pytest.raises(FetchError, match="more than 5 times"):
        fetch({"https://example.org/": leads_to("/")})[0]("https://example.org/")


def test_a_name_is_resolved_once_and_the_connection_goes_to_that_address():
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return html()

    get = WebFetch(look_up=lambda host, port: next(answers), transport=httpx.MockTransport(answer))
    get("http://rebind.example:8080/x")
    assert [(r.url.host, r.url.port, r.headers["host"]) for r in asked] == [(PUBLIC, 8080, "rebind.example:8080")]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "240.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378::",
        "nonsense",
    ],
)
def test_an_address_inside_is_not_public(address):
    assert not is_public(address)
    with pytest.raises(Unreachable):
        checked_address("name.example", 80, lambda host, port: [address])


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is(address):
    assert checked_address("name.example", 80, lambda host, port: [address]) == address


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(Unreachable, match="private network"):
        checked_address("name.example", 80, lambda host, port: [PUBLIC, "10.0.0.1"])


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "[::1]", "localhost"]
)
def test_this_machine_is_not_reached_under_any_spelling(host):
    with pytest.raises(FetchError):
        WebFetch()(f"http://{host}/")


@pytest.mark.parametrize(
    "url", ["http://", "https:///x", "http://[::1", "ftp://example.org", "http://exa mple/", "http://" + "x" * 70_000]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(FetchError):
        WebFetch(look_up=lambda host, port: [PUBLIC], transport=httpx.MockTransport(lambda r: html()))(url)


def test_a_host_that_cannot_be_found_is_one_clear_line():
    def fails(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(SourceError, match="the name is not known"):
        list(read_source("https://example.org/", fetch=WebFetch(look_up=fails)))


def test_a_real_connection_works_when_a_test_allows_its_own_machine():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://localhost:{server.server_port}/"
        get = WebFetch(allow_loopback=True, look_up=lambda host, port: ["127.0.0.1"])
        page = get(url)
        get.close()
        with pytest.raises(FetchError, match="private network"):
            WebFetch(look_up=lambda host, port: ["127.0.0.1"])(url)
        server.shutdown()
    assert page == Page(url, "text/html", PAGE)


def test_the_switch_for_tests_cannot_be_set_from_outside():
    sources = "".join(p.read_text() for p in (Path(__file__).parents[2] / "adapters").rglob("*.py"))
    assert "allow_loopback=True" not in sources
