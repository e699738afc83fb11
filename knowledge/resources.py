"""What a community knows: a resource, the state of its review, and how a row of a file becomes one."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from urllib.parse import urlsplit

from knowledge.text import MAX_TEXT, clean, slug

MAX_TITLE = 300
MAX_URL = 2_000
MAX_ID = 200
MAX_LABELS = 50  # topics, audiences
MAX_LABEL = 100
MAX_ASKED_AS = 200

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SEPARATORS = re.compile(r"[;,|]")
_BARE_ADDRESS = re.compile(r"[\w-]+(\.[\w-]+)*\.[a-zA-Z]{2,}(/\S*)?")
_TRUE = frozenset({"true", "yes", "y", "1", "si", "sí"})
_FALSE = frozenset({"false", "no", "n", "0", ""})


class ReviewState(StrEnum):
    """Where a resource stands; only a published one is ever shown."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


class InvalidResource(ValueError):  # noqa: N818 - it names the row, and reads well in `except`
    """A row that cannot become a resource; its message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One piece of know-how. `reviewed_at` is aware UTC; `asked_as` holds past questions it has answered.

    `clinician` is the account of the verified clinician who has read this version here. No file can say so: what
    `reviewed_by` names is shown, and proves nothing."""

    id: str
    title: str
    text: str = ""
    url: str = ""
    topics: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    language: str = "en"
    medical: bool = False
    source: str = ""
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    state: ReviewState = ReviewState.PUBLISHED
    version: int = 1
    asked_as: tuple[str, ...] = ()
    clinician: str = ""

    @property
    def reviewed_medical(self) -> bool:
        """Whether it may be shown to a question on medicines: medical, and a clinician of ours has read it."""
        return self.medical and bool(self.clinician)


def content_hash(text: str) -> str:
    """SHA-256 of the text in hexadecimal: the key under which its vector is kept."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def parse_resource(row: Mapping[str, object], title_alone: bool = False) -> Resource:
    """Read one row of a file or form; keys nobody knows are passed over.

    Lists may also come as one string parted by `;`, `,` or `|` (a spreadsheet cell). A date without a zone is UTC; an
    address without `https://` gets it. With `title_alone`, a title without text or url will do (measuring sets have
    such). Raises InvalidResource.
    """
    title = _text(row, "title", MAX_TITLE)
    if not title:
        raise InvalidResource("'title' is empty; give the resource a title")
    text, url = _text(row, "text", MAX_TEXT), _url(row)
    if not text and not url and not title_alone:
        raise InvalidResource("neither 'text' nor 'url' is given; fill in at least one")
    return Resource(
        id=_id(row, title),
        title=" ".join(title.split()),
        text=text,
        url=url,
        topics=_labels(row, "topics"),
        audience=_labels(row, "audience"),
        language=_language(row),
        medical=_flag(row, "medical"),
        source=_text(row, "source", MAX_TITLE),
        reviewed_by=_text(row, "reviewed_by", MAX_TITLE),
        reviewed_at=_moment(row, "reviewed_at"),
        state=_state(row),
        version=_version(row),
        asked_as=_phrases(row, "asked_as"),
    )


def to_row(resource: Resource) -> dict[str, object]:
    """The resource as a row that `parse_resource` reads back to the same value.

    State, version and past questions are written only when they differ from a freshly imported resource's.
    """
    row: dict[str, object] = {
        "id": resource.id,
        "title": resource.title,
        "text": resource.text,
        "url": resource.url,
        "topics": list(resource.topics),
        "audience": list(resource.audience),
        "language": resource.language,
        "medical": resource.medical,
        "source": resource.source,
        "reviewed_by": resource.reviewed_by,
        "reviewed_at": resource.reviewed_at.isoformat() if resource.reviewed_at else None,
    }
    if resource.state is not ReviewState.PUBLISHED:
        row["state"] = resource.state.value
    if resource.version != 1:
        row["version"] = resource.version
    if resource.asked_as:
        row["asked_as"] = list(resource.asked_as)
    return row


def _text(row: Mapping[str, object], key: str, limit: int) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidResource(f"'{key}' is {_kind(value)}; write it as text in quotes")
    value = clean(value)
    if len(value) > limit:
        raise InvalidResource(f"'{key}' has {len(value):,} characters; shorten it to {limit:,}")
    return value


def _id(row: Mapping[str, object], title: str) -> str:
    value = row.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    given = _text(row, "id", MAX_ID)
    if not given:
        made = slug(title)
        lossless = made and len(slug(title, MAX_TITLE)) <= len(made)
        return made if lossless else f"{made or 'resource'}-{content_hash(title)[:8]}"
    if not given.isprintable() or any(letter.isspace() for letter in given):
        raise InvalidResource("'id' contains blanks; use letters, digits and dashes, or leave it out")
    return given


def _url(row: Mapping[str, object]) -> str:
    url = _text(row, "url", MAX_URL)
    if not url:
        return ""
    if _BARE_ADDRESS.fullmatch(url):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc or any(c.isspace() for c in url):
        raise InvalidResource("'url' is not a web address; it must start with https:// or http://")
    return url


def _list(row: Mapping[str, object], key: str) -> list[str]:
    value = row.get(key)
    if value is None:
        return []
    if isinstance(value, str):
        value = _SEPARATORS.split(value)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise InvalidResource(f"'{key}' is {_kind(value)}; write it as a list of texts")
    return [" ".join(item.split()) for item in map(clean, value) if item.strip()]


def _labels(row: Mapping[str, object], key: str) -> tuple[str, ...]:
    labels = tuple(dict.fromkeys(_list(row, key)))
    if len(labels) > MAX_LABELS or any(len(label) > MAX_LABEL for label in labels):
        raise InvalidResource(f"'{key}' is too long; at most {MAX_LABELS} entries of {MAX_LABEL} characters")
    return labels


def _phrases(row: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = row.get(key)
    phrases = (value,) if isinstance(value, str) else _list(row, key)
    return tuple(dict.fromkeys(p[:MAX_TITLE] for p in map(clean, phrases) if p))[:MAX_ASKED_AS]


def _language(row: Mapping[str, object]) -> str:
    code = _text(row, "language", MAX_LABEL) or "en"
    code = code.replace("_", "-")
    code = code[:3].lower() + code[3:]
    if not _LANGUAGE.fullmatch(code):
        raise InvalidResource("'language' is not a language code; write for example en or es")
    return code


def _flag(row: Mapping[str, object], key: str) -> bool:
    value = row.get(key)
    if isinstance(value, bool):
        return value
    word = "" if value is None else str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise InvalidResource(f"'{key}' is neither yes nor no; write true or false")


def _moment(row: Mapping[str, object], key: str) -> datetime | None:
    value = row.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise InvalidResource(f"'{key}' is not a date; write for example 2025-03-31") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise InvalidResource(f"'{key}' is {_kind(value)}; write a date, for example 2025-03-31")
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise InvalidResource(f"'{key}' is out of range; write a date, for example 2025-03-31") from None


def _state(row: Mapping[str, object]) -> ReviewState:
    value = row.get("state") or ReviewState.PUBLISHED
    try:
        return ReviewState(str(value))
    except ValueError:
        known = ", ".join(ReviewState)
        raise InvalidResource(f"'state' is unknown; use one of {known}") from None


def _version(row: Mapping[str, object]) -> int:
    value = row.get("version")
    if value is None or value == "":
        return 1
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 10**9:
        raise InvalidResource("'version' is not a whole number from 1; leave it out or correct it")
    return value


def _kind(value: object) -> str:
    """What a wrong value is, in a file author's words."""
    kinds = {dict: "an object", list: "a list", tuple: "a list", bool: "true or false", int: "a number"}
    return kinds.get(type(value), "a number" if isinstance(value, float) else "of the wrong kind")
