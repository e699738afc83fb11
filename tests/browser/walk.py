"""The main job as people do it, by clicking: one walk, which a test may interrupt after any click."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Error, Locator, Page, expect

CHANNEL = "/c/school-and-rights"
QUESTION = (
    "The school wants a new doctor's note for every single infusion day, even the planned ones. How do you handle that?"
)
ANSWER = (
    "Ask the clinic for one standing letter for the whole school year. It lists the planned infusion dates and says "
    "that more may come. We handed it to the attendance office in September, and nobody has asked for a note since."
)
TITLE = "One standing letter instead of a doctor's note for each infusion day"
AGAIN = "Is a fresh letter from the doctor really needed for each day she is away from school at the infusion center?"


@dataclass
class Walker:
    """`interrupt` is called after each click, before anything is looked at; the walk then goes on by itself."""

    page: Page
    address: str
    interrupt: Callable[[], None] = lambda: None
    clicks: int = field(default=0, init=False)

    # --- the small movements ------------------------------------------------------------------------------

    def go(self, path: str) -> None:
        """The browser may still be on its way to its own page that nobody answers, and goes there instead."""
        for attempt in range(3):
            try:
                self.page.goto(self.address + path)
                return
            except Error as error:
                if attempt == 2 or "interrupted by another navigation" not in str(error):
                    raise

    def become(self, name: str) -> None:
        self.go("/people")
        if self.page.get_by_role("link", name=f"You are {name}").count() == 0:
            self.page.locator("main li", has_text=name).get_by_role("button").first.click()
        expect(self.page.get_by_role("link", name=f"You are {name}")).to_be_visible()

    def do(self, click: Callable[[], object], path: str, seen: Callable[[], Locator]) -> Locator:
        """Click, be interrupted, and see what follows on `path`; press again if the click was lost with the process."""
        for attempt in range(3):
            click()
            self.clicks += 1
            if attempt == 0:
                self.interrupt()
            self.go(path)
            try:
                expect(seen().first).to_be_visible(timeout=10_000)
                return seen().first
            except AssertionError:
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def say(self, path: str, label: str, text: str, seen: Callable[[], Locator]) -> Locator:
        """Write a message; when it is in the chat already it is not written again."""

        def write() -> None:
            self.go(path)
            if self.words(text).count():
                return
            box = self.page.get_by_role("textbox", name=label)
            box.fill(text)
            box.locator("xpath=ancestor::form").get_by_role("button", name="Send").click()
            self._sent()

        return self.do(write, path, seen)

    def press(self, path: str, button: str, seen: Callable[[], Locator], *, to: str | None = None) -> Locator:
        """Press the newest button of that name, if it is still there."""

        def click() -> None:
            self.go(path)
            found = self.page.get_by_role("button", name=button, exact=True)
            if found.count():
                found.last.click()
                self._sent()

        return self.do(click, to or path, seen)

    def _sent(self) -> None:
        """The request of the click has gone out and, as far as the page knows, come back."""
        try:
            self.page.wait_for_load_state("networkidle", timeout=2_000)
        except Error:
            return

    def words(self, text: str) -> Locator:
        return self.page.locator(".words", has_text=text)

    def card(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.locator(".by-bot .card", has_text=text)

    def ahead(self, step: str) -> None:
        self.page.locator(".clock").get_by_role("button", name=re.compile(step)).click()
        self.page.wait_for_load_state("load")

    # --- the walk -------------------------------------------------------------------------------------------

    def asked_one(self) -> str:
        """The name of the volunteer for whom a card waits."""
        self.go(CHANNEL)
        waiting = self.page.locator("#elsewhere button").first
        expect(waiting).to_be_visible()
        found = re.search(r"Be (.+)", waiting.inner_text())
        assert found, waiting.inner_text()
        short = found[1].strip()
        self.go("/people")
        return (
            self.page.get_by_role("listitem")
            .filter(has_text=short)
            .first.locator("b, h2, h3, strong")
            .first.inner_text()
        )

    def whole(self) -> str:
        """From a question to the next parent; returns the name of the volunteer who answered."""
        self.become("Dana P.")
        self.go(CHANNEL)
        self.ahead("next morning")
        thread = self.ask()
        first, second = self.volunteers(thread)
        assert first != second
        self.become("Dana P.")
        self.ahead("8 hours")
        self.press(thread, "This helped", lambda: self.card("glad"))
        self.save(thread, second)
        self.next_parent()
        return second

    def ask(self) -> str:
        self.say(CHANNEL, "Write to School and rights", QUESTION, lambda: self.words(QUESTION))
        href = self.page.locator(".post", has=self.words(QUESTION)).locator("a.open-thread").first.get_attribute("href")
        assert href
        thread = href.split("#")[0]
        self.go(thread)
        expect(self.page.locator(".by-bot .resource").first).to_be_visible()
        expect(self.page.get_by_role("button", name="Not what I need")).to_be_visible()
        self.press(thread, "Not what I need", lambda: self.card("asking one of our volunteers"))
        return thread

    def volunteers(self, thread: str) -> tuple[str, str]:
        """The first one passes, the second accepts and answers."""
        first = self.asked_one()
        self.become(first)
        self.press("/private", "Pass", lambda: self.card("Passed on"))
        second = self.asked_one()
        self.become(second)
        self.press("/private", "Accept", lambda: self.card("This question is yours"))
        self.go(thread)
        expect(self.card(f"{second} has taken your question")).to_be_visible()
        self.say(thread, "Reply in the thread", ANSWER, lambda: self.words(ANSWER))
        self.go("/private")
        expect(self.card("has been answered").first).to_be_visible()
        return first, second

    def save(self, thread: str, author: str) -> None:
        self.become("Sol V.")
        self.press_save(thread)
        self.become(author)
        self.press("/private", "Yes, keep it", lambda: self.card("is in the library now"))

    def press_save(self, thread: str) -> None:
        def saved() -> Locator:
            return self.page.locator("main", has_text=TITLE)

        def save() -> None:
            self.go("/review")
            if saved().count():
                return
            self.go(thread)
            post = self.page.locator("aside .post", has=self.words(ANSWER))
            post.locator("details.menu summary").click()
            post.get_by_role("link", name="Save as resource").click()
            self.page.get_by_label("Title").fill(TITLE)
            self.page.get_by_label("I have read it").check()
            self.page.get_by_role("main").get_by_role("button", name=re.compile("Save")).click()
            self._sent()

        self.do(save, "/review", saved)

    def next_parent(self) -> None:
        self.become("Marcus T.")
        self.say(CHANNEL, "Write to School and rights", AGAIN, lambda: self.words(AGAIN))
        href = self.page.locator(".post", has=self.words(AGAIN)).locator("a.open-thread").first.get_attribute("href")
        assert href
        self.go(href.split("#")[0])
        expect(self.page.locator(".resource", has_text=TITLE).first).to_be_visible()
