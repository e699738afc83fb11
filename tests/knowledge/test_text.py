"""Words, passages and stems."""

from threading import Thread

import pytest

from knowledge.text import MAX_TEXT, PASSAGE, Words, clean, fold, letters, looks_spanish, passages, slug


def test_inflected_words_share_a_stem_and_function_words_have_none() -> None:
    words = Words()
    assert words.stems("The infusions, an infusion") == ["infus", "infus"]
    assert words.stems("las infusiones", "es") == words.stems("la infusión", "es")


def test_plain_and_accented_texts_are_cut_into_the_same_words() -> None:
    text = "".join(map(chr, range(128))) + " It's O_K: NURSE\x1cs-12a\tB"
    assert letters(text + " é")[:-1] == letters(text)
    assert letters("It's O_K: école, NURSE-12a") == ["it", "s", "o", "k", "ecole", "nurse", "12a"]


def test_a_number_is_its_own_stem_in_every_language() -> None:
    words = Words()
    assert [words.stems(f"room {n} 7", code) for n in (12, "٣٤") for code in ("en", "es")] == [
        ["room", "12", "7"],
        ["room", "12", "7"],
        ["room", "٣٤", "7"],
        ["room", "٣٤", "7"],
    ]


def test_pairs_keep_the_word_as_it_was_written() -> None:
    assert Words().pairs("My Nurse’s École") == [("My", ""), ("Nurse’s", "nurs"), ("École", "ecol")]


@pytest.mark.parametrize("text", ["one. " * 400, "no full stop " * 300, "x" * 5_000, "a. " + "y" * 2_000])
def test_passages_hold_the_whole_text_in_pieces_of_bounded_size(text: str) -> None:
    pieces = passages(text)
    assert all(0 < len(piece) <= PASSAGE for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_short_text_has_no_passages() -> None:
    assert passages("Short.") == ()


def test_spanish_is_told_from_english() -> None:
    assert looks_spanish("Mi hijo prefiere quedarse en casa hoy")
    assert looks_spanish("¿alguien?")
    assert not looks_spanish("my son is afraid of the needle")


@pytest.mark.parametrize("text", ["", "\0\0", "\ud800", "😀" * 1_000, "Z̷̢a̵l̴g̸o", "שלום עולם", "x" * MAX_TEXT])
def test_any_text_goes_through(text: str) -> None:
    cleaned = clean(text)
    Words().pairs(cleaned)
    cleaned.encode()
    assert "\0" not in cleaned
    assert slug(fold(cleaned)).isascii()


def test_many_threads_get_the_stems_one_would() -> None:
    words, text = Words(), " ".join(f"word{i}ing testing{i}s" for i in range(300))
    alone, found = Words().stems(text), []
    threads = [Thread(target=lambda: found.append(words.stems(text))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [alone] * 8
