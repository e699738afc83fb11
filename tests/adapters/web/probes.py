"""What a page is made of: its elements, attributes, links and forms, read as a browser reads them; and what must not
be among them, whoever wrote what is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

MARK = "wwprobe"
ADDRESS = f"javascript:alert('{MARK}')"
PROBES = (
    f"\"'><{MARK} {MARK}=1 onload=alert(1)><img src=x onerror=alert(1)></textarea></title></select>"
    f"<script>{MARK}</script>{{{{7*191}}}}",
    ADDRESS,
)
SCRIPTS, LEADS = (
    ("/static/",),
    ("href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset", "ping"),
)
UNSAFE_SCHEMES = ("javascript", "vbscript", "data", "file", "blob")
FORBIDDEN = {MARK, "style", "srcdoc"}
NEVER = {MARK, "iframe", "object", "embed", "base", "img"}
PICTURE = "/pictures/"


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)  # names of what somebody types or chooses


class Page(HTMLParser):
    """`wrong`: what no page may have."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.links: set[str] = set()
        self.forms: list[Form] = []
        self.text = text
        self._select = ""
        self.feed(text)
        self.close()
        if "1337" in text:
            self.wrong.append("a template in somebody's words was filled in")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.wrong += [
            f"<{tag} {name}>" for name in values if name.startswith("on") or name in (MARK, "style", "srcdoc")
        ]
        if tag in NEVER and not values.get("src", "").startswith(PICTURE):
            self.wrong.append(f"<{tag}>")
        if tag == "script" and not values.get("src", "").startswith(SCRIPTS):
            self.wrong.append("a script of no file of ours")
        self.wrong += [f"{n}={values[n]!r}" for n in LEADS if n in values and _scheme(values[n]) in UNSAFE_SCHEMES]
        if tag == "meta" and values.get("http-equiv"):
            self.wrong.append("<meta http-equiv>")
        if tag == "a" and values.get("href", "").startswith("/"):
            self.links.add(values["href"].partition("#")[0])
        self._form(tag, values)

    def _form(self, tag: str, values: dict[str, str]) -> None:
        if tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get")))
        if not self.forms:
            return
        form, name = self.forms[-1], values.get("name", "")
        if tag == "select":
            self._select = name
            form.fields.setdefault(name, "")
            form.typed.add(name)
        elif tag == "option" and self._select:
            if "selected" in values or not form.fields[self._select]:
                form.fields[self._select] = values.get("value", "")
        elif tag in ("input", "textarea", "button") and name:
            if values.get("type") in ("checkbox", "radio") and "checked" not in values:
                form.typed.add(name)
                return
            form.fields.setdefault(name, values.get("value", ""))
            if name not in ("csrf", "press"):
                form.typed.add(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def _scheme(address: str) -> str:
    """As browsers read it: what is not to be seen does not count."""
    plain = "".join(c for c in address if c > " ").lower()
    head, colon, _ = plain.partition(":")
    return head if colon else ""
