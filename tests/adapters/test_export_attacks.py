"""What is meant to break a replay: one clear line, bounded memory, nothing written outside."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from adapters.exports import ExportError, opening, read_export, records
from adapters.exports.opening import MAX_FILE, MB
from tests.fakes.exports import Line, discord_file, slack_files, unpacked, zipped

GOOD = slack_files([Line(0, "U1", "has anybody a letter?")])


def refused(path: Path) -> str:
    with pytest.raises(ExportError) as error:
        read_export(path)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["../../etc/x.json", "/etc/x.json", "a/../../x.json", "..\\x.json", "C:/x.json"])
def test_a_zip_that_names_files_outside_of_itself_is_refused(tmp_path, name):
    assert "names files outside of itself" in refused(zipped(tmp_path / "e.zip", {**GOOD, name: "[]"}))


def test_a_zip_that_unpacks_to_far_more_than_its_size_is_refused_unread(tmp_path):
    bomb = zipped(tmp_path / "e.zip", {**GOOD, "general/2026-03-03.json": b"[" + b" " * (20 * MB) + b"]"})
    assert bomb.stat().st_size < MB
    assert "unpacks to more than 200 times its size" in refused(bomb)


def test_many_small_bombs_are_one(tmp_path):
    small = {f"general/2026-04-{day:02d}.json": b"[" + b" " * (3 * MB) + b"]" for day in range(1, 9)}
    assert "unpacks to more than 200 times its size" in refused(zipped(tmp_path / "e.zip", {**GOOD, **small}))


def test_more_than_fits_into_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_ALL", 100)
    assert "export a shorter time" in refused(zipped(tmp_path / "e.zip", GOOD))
    monkeypatch.undo()
    monkeypatch.setattr(opening, "MAX_FILES", 2)
    assert "export a shorter time" in refused(unpacked(tmp_path / "e", GOOD))
    monkeypatch.undo()
    monkeypatch.setattr(records, "MAX_MESSAGES", 0)
    assert "export a shorter time" in refused(tmp_path / "e.zip")


def test_a_file_that_is_too_large_is_left_out_unread(tmp_path):
    folder = unpacked(tmp_path / "e", {**GOOD, "general/2026-03-03.json": "["})
    os.truncate(folder / "general/2026-03-03.json", MAX_FILE + 1)  # a hole: it takes no room on the disk
    export = read_export(folder)
    assert len(export.said) == 1
    assert export.bad == (("general/2026-03-03.json", "larger than 64 MB; export it in parts"),)


def test_a_size_that_lies_is_found_out(tmp_path):
    path = zipped(tmp_path / "e.zip", {**GOOD, "general/2026-03-03.json": json.dumps([{"text": "x" * 5_000}])})
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("general/2026-03-03.json").file_size
    path.write_bytes(raw.replace(size.to_bytes(4, "little"), (40).to_bytes(4, "little")))
    assert read_export(path).bad == (("general/2026-03-03.json", "broken in the zip; export it again"),)


def test_no_link_leads_out_of_a_folder(tmp_path):
    (tmp_path / "outside").mkdir()
    rows = GOOD["general/2026-03-02.json"]
    (tmp_path / "outside" / "2026-03-09.json").write_text(json.dumps([{**rows[0], "ts": "1773000000.1"}]))
    folder = unpacked(tmp_path / "e", {**GOOD, "channels.json": [*GOOD["channels.json"], {"id": "C9", "name": "far"}]})
    (folder / "far").symlink_to(tmp_path / "outside")
    (folder / "general" / "2026-03-09.json").symlink_to(tmp_path / "outside" / "2026-03-09.json")
    assert len(read_export(folder).said) == 1


def test_what_waits_for_a_writer_is_not_opened(tmp_path):
    folder = unpacked(tmp_path / "e", GOOD)
    os.mkfifo(folder / "general" / "2026-03-09.json")
    os.mkfifo(tmp_path / "pipe.json")
    assert len(read_export(folder).said) == 1
    assert "is neither a Slack export nor" in refused(tmp_path / "pipe.json")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"hello"),
        ("e.zip", b"PK\x03\x04 no zip at all"),
        ("broken.zip", b"PK\x05\x06" + b"\xff" * 18),
        ("list.json", b"[1, 2]"),
        ("text.json", b"\xff\xfe[ ]"),
        ("deep.json", b"[" * 200_000),
        ("number.json", b"9" * 10_000),
    ],
)
def test_what_is_no_export_is_refused_with_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert str(tmp_path / name) in refused(tmp_path / name)


def test_what_is_not_there_or_has_no_name_is_refused(tmp_path):
    assert "cannot be read (no such file or directory)" in refused(tmp_path / "nothing.zip")
    assert "cannot be read" in refused(Path("a\0b"))
    (tmp_path / "empty").mkdir()
    assert "is neither a Slack export nor" in refused(tmp_path / "empty")


@pytest.mark.parametrize("odd", [None, 7, "x", [], {"id": "seven"}, {"ts": []}, {"user": {}, "text": 7, "ts": "1.0"}])
def test_odd_values_in_the_place_of_messages_are_no_messages(tmp_path, odd):
    files = {**GOOD, "users.json": [odd, {"id": "U1", "profile": odd}], "general/2026-03-03.json": [odd]}
    assert len(read_export(zipped(tmp_path / "s.zip", files)).said) == 1
    good = discord_file([Line(0, "1", "hello")])
    odder = {**good, "guild": odd, "messages": [odd, {**good["messages"][0], "id": odd, "author": odd}]}
    files = {"a.json": good, "b.json": odder, "c.json": {**good, "channel": odd}, "d.json": {**good, "messages": odd}}
    assert len(read_export(zipped(tmp_path / "d.zip", files)).said) == 1


def test_the_name_of_a_folder_inside_is_never_told(tmp_path):
    files = {"\x1b[31mred/channels.json": "{", "\x1b[31mred/users.json": "[]"}
    said = refused(zipped(tmp_path / "e.zip", files))
    assert said.startswith("channels.json of ")
    assert "\x1b" not in said
