"""Small rules of delivery; what it does as a whole is in test_helpdesk_faults.py."""

from bot.delivery import pause
from bot.ports import Conflict
from tests.fakes.community import Community


def test_pauses_grow_and_stay_bearable():
    assert [pause(n) for n in range(8)] == [1.0, 1.0, 4.0, 16.0, 64.0, 256.0, 300.0, 300.0]


async def test_when_only_the_note_fails_nothing_is_said_again(home: Community):
    real, failures = home.desk._delivery._delivered, [Conflict(), Conflict()]

    async def delivered(row, posted):
        if failures:
            raise failures.pop()
        return await real(row, posted)

    home.desk._delivery._delivered = delivered
    await home.say("ben", "School marks infusion days as absence, what can we do?")
    await home.wait(minutes=5)
    assert len(home.messenger.sends) == 1
    async with home.store.read() as tx:
        assert await tx.outbox.waiting() == 0
