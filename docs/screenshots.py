"""Takes the pictures in docs/images: drives a running demo through the whole chain and photographs what a person sees.

    winwin demo --reset --no-browser &
    python docs/screenshots.py http://127.0.0.1:8000 [FOLDER]

Begin with a fresh demo: the pictures tell a story from its first question on.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

QUESTION = "The school keeps marking his infusion days as unexcused absences. What can we do?"
ANSWER = (
    "We went through this last year. Write to the attendance office, not to the teacher, ask them to code the days as "
    "medical, and put in a letter from the infusion centre with the dates. Ours changed all five."
)
TITLE = "Unexcused infusion days: a letter to the attendance office"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Camera:
    """One demo and the folder its pictures go to."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address.rstrip("/")
        self._folder = folder

    async def go(self, page: Page, path: str) -> None:
        await page.goto(self._address + path)

    async def shoot(self, page: Page, name: str) -> None:
        await page.wait_for_timeout(700)
        await page.screenshot(path=self._folder / f"{name}.png")
        print(f"{name}.png")

    async def become(self, page: Page, person: str) -> None:
        await self.go(page, "/people")
        await page.locator(f"main form:has(input[value='{person}']) button").click()
        await page.wait_for_load_state()

    async def story(self, browser: Browser) -> None:
        """Ask, suggestion, a person asked, accept, answer, why, save, review, report."""
        desk = await browser.new_context(viewport={"width": 1280, "height": 800})
        page = await desk.new_page()
        await self.go(page, "/")
        await self.shoot(page, "first-visit")
        await page.get_by_label("Write to School and rights").fill(QUESTION)
        await page.keyboard.press("Enter")
        await page.wait_for_selector(".thread .resource")
        await self.shoot(page, "suggestion")
        await self.other_screens(browser, await desk.storage_state(), page.url)
        await page.get_by_role("button", name="Not what I need").click()
        await page.wait_for_selector("#elsewhere .waiting")
        await self.shoot(page, "person-asked")
        await page.locator("#elsewhere button").first.click()
        await page.get_by_role("button", name="Accept").wait_for()
        await self.shoot(page, "volunteer-card")
        await self.answer(page)
        await self.keep(page)
        await desk.close()

    async def answer(self, page: Page) -> None:
        await page.get_by_role("button", name="Accept").click()
        await page.get_by_role("link", name="Answer it in the thread").click()
        await page.get_by_label("Reply in the thread").fill(ANSWER)
        await page.keyboard.press("Enter")
        await page.locator(".thread .post", has_text="We went through this").wait_for()
        await page.locator(".thread .why").last.click()
        await page.wait_for_load_state()
        await self.shoot(page, "why")

    async def keep(self, page: Page) -> None:
        await self.become(page, "sol")
        await self.go(page, "/")
        await page.locator(".open-thread").first.click()
        menu = page.locator(".thread .post", has_text="We went through this").locator("details.menu")
        await menu.locator("summary").click()
        await menu.get_by_role("link", name="Save as resource").click()
        await page.get_by_label("Title").fill(TITLE)
        await self.shoot(page, "save-as-resource")
        await page.get_by_role("button", name="Save").click()
        await page.locator("#elsewhere button").first.click()
        await page.get_by_role("button", name="Yes, keep it").click()
        await page.wait_for_timeout(1000)
        await self.become(page, "sol")
        await self.go(page, "/review")
        await self.shoot(page, "review")
        await self.go(page, "/report")
        await self.shoot(page, "report")
        await self.go(page, "/people")
        await self.shoot(page, "people")

    async def other_screens(self, browser: Browser, state: object, address: str) -> None:
        """The same moment on a phone and in the dark."""
        dark = await browser.new_context(
            viewport={"width": 1280, "height": 800}, color_scheme="dark", storage_state=state
        )  # type: ignore[arg-type]  # what storage_state gives
        await self._look(dark, address, "dark")
        phone = await browser.new_context(
            viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, storage_state=state
        )  # type: ignore[arg-type]  # what storage_state gives
        await self._look(phone, address, "phone")

    async def _look(self, context: BrowserContext, address: str, name: str) -> None:
        page = await context.new_page()
        await page.goto(address)
        await page.wait_for_selector(".thread .resource")
        await self.shoot(page, name)
        await context.close()


async def take(address: str, folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        await Camera(address, folder).story(browser)
        await browser.close()


if __name__ == "__main__":
    images = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(sys.argv[1], images))
