"""Writes what the bot asks a Discord server for into docs/discord.md: `python docs/draw_permissions.py`.

A test says when the page is older than the code (tests/adapters/discord/test_discord_page.py).
"""

from __future__ import annotations

from pathlib import Path

from adapters.discord.invite import ANNOUNCEMENT, BITS, FORUM, NEEDED, TEXT, VOICE, Permission

PAGE = Path(__file__).parent / "discord.md"
BEGIN, END = "<!-- permissions: begin -->", "<!-- permissions: end -->"
SHOWN = {"text": TEXT, "announcements": ANNOUNCEMENT, "forum": FORUM, "beside a voice channel": VOICE}


def table() -> str:
    """A row a permission, in the words of a server's own settings, and the number that a link asks for them with."""
    rows = [["permission", "what for", "needed in"], ["---"] * 3]
    rows += [[f"**{p.name}**", p.why, _where(p)] for p in NEEDED]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    number = f"Together they are the number `{BITS}`. A channel's own settings call some of them otherwise:"
    there = [f"**{p.name}** is {_there(p)} there" for p in NEEDED if p.named(TEXT) != p.name]
    return "\n".join([*lines, "", number, f"{'; '.join(there)}."])


def _there(permission: Permission) -> str:
    names = dict.fromkeys([permission.named(TEXT), permission.named(FORUM)])
    return " (in a forum: ".join(f"*{name}*" for name in names) + (")" if len(names) > 1 else "")


def _where(permission: Permission) -> str:
    names = [name for name, kind in SHOWN.items() if kind in permission.kinds]
    return "every channel" if len(names) == len(SHOWN) else ", ".join(names)


def drawn(page: str) -> str:
    """The page with the table of today."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
    print(f"The permission table in {PAGE} is current.")
