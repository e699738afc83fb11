"""`winwin simulate`: a small community, quickly."""

import json

SMALL = ("--days", 2, "--volunteers", 6, "--questions", 2)


def test_it_prints_the_figures_of_each_way_and_how_winwin_does(winwin, tmp_path):
    shown = winwin("simulate", *SMALL)
    assert shown.exit_code == 0
    for words in ("ping everyone", "round robin", "answered within 24 h", "Gini of answers written", "quiet hours"):
        assert words in shown.stdout
    assert "of 3 met." in shown.stdout
    for aim in ("as many answered within 24 h", "a quarter of its pings", "half its Gini of answers"):
        (line,) = (line for line in shown.stdout.splitlines() if f" {aim}: " in line)
        assert line.split()[0] in {"met", "missed"}
    assert "questions a minute" in shown.stdout
    assert not (tmp_path / "winwin.db").exists()


def test_in_json_each_figure_comes_with_its_interval_and_its_runs(winwin):
    found = json.loads(winwin("simulate", *SMALL, "--seeds", 2, "--json").stdout)
    assert found["seeds"] == [1, 2]
    assert found["town"]["volunteers"] == 6
    assert found["policy"]["offers_per_question"]
    for way in ("ping everyone", "round robin", "winwin"):
        assert list(found["ways"][way]["fairness"]) == ["value", "low", "high"]
        assert len(found["runs"][way]) == 2
        assert found["ways"][way]["lost"]["value"] == 0
    assert set(found["winwin_against"]["ping everyone"]) == {"answered", "pings", "fairness", "offered"}
    assert found["questions_a_minute"] > 0


def test_numbers_of_the_people_and_of_the_policy_can_be_tried(winwin):
    tried = ("--offer", 90, "--offers", 7, "--bystander", 0, "--tiring", 0, "--willing", 0.5, "--again", 6)
    found = json.loads(winwin("simulate", *SMALL, *tried, "--json").stdout)
    assert (found["policy"]["offer"], found["policy"]["offers_per_question"]) == ("1:30:00", "7")
    assert (found["habits"]["bystander"], found["habits"]["tiring"], found["habits"]["willing_scale"]) == (0, 0, 0.5)


def test_pictures_are_drawn_into_a_folder(winwin, tmp_path):
    assert winwin("simulate", *SMALL, "--pictures", tmp_path / "drawn").exit_code == 0
    for name in ("routing-answers.png", "routing-load.png"):
        assert (tmp_path / "drawn" / name).read_bytes().startswith(b"\x89PNG")


def test_what_makes_no_sense_is_wrong_usage(winwin):
    assert winwin("simulate", "--days", 0).exit_code == 2
    assert winwin("simulate", "--willing", 3).exit_code == 2
