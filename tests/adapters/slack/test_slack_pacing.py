from adapters.slack.pacing import Pacing


def test_a_burst_goes_at_once_and_then_one_a_second():
    pacing = Pacing(spacing=1.0, burst=3)
    assert [pacing.turn("C1", f"w{n}", 100.0) for n in range(5)] == [0, 0, 0, 1.0, 2.0]
    assert pacing.turn("C2", "other", 100.0) == 0


def test_who_was_told_to_wait_goes_before_who_came_later():
    pacing = Pacing(spacing=1.0, burst=1)
    assert pacing.turn("C1", "first", 0.0) == 0
    assert pacing.turn("C1", "second", 0.0) == 1.0
    assert pacing.turn("C1", "third", 0.5) == 1.5
    assert pacing.turn("C1", "second", 1.0) == 0
    assert pacing.turn("C1", "third", 1.0) == 1.0
    assert pacing.turn("C1", "third", 2.0) == 0


def test_a_quiet_while_gives_the_burst_back():
    pacing = Pacing(spacing=1.0, burst=2)
    assert [pacing.turn("C1", f"w{n}", 0.0) for n in range(3)] == [0, 0, 1.0]
    assert [pacing.turn("C1", f"later{n}", 60.0) for n in range(3)] == [0, 0, 1.0]


def test_what_slack_closed_stays_closed_for_that_method_and_channel_alone():
    pacing = Pacing()
    pacing.refused("chat.postMessage", "C1", 30.0, 0.0)
    pacing.refused("chat.postMessage", "C1", 5.0, 0.0)
    assert pacing.closed("chat.postMessage", "C1", 10.0) == 20.0
    assert pacing.closed("chat.postMessage", "C2", 10.0) == 0
    assert pacing.closed("chat.update", "C1", 10.0) == 0
    assert pacing.closed("chat.postMessage", "C1", 30.0) == 0
