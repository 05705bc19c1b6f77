"""A browser without pictures for `demo --check`: pages, forms and cookies over real HTTP, nothing but the library."""

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar


@dataclass
class Form:
    """A form as the page sent it: its fields with the values they had."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def names(self) -> set[str]:
        return {name for name, _ in self.values} | {name for name, _ in self.buttons}


@dataclass
class Page:
    """An answer."""

    url: str
    status: int
    text: str
    forms: list[Form]
    links: list[str]

    def form(self, *names: str, action: str = "") -> Form:
        """Return the first form that has fields or buttons with these names and `action` in its address.

        Raises:
            LookupError: there is none.
        """
        for form in self.forms:
            if set(names) <= form.names() and action in form.action:
                return form
        raise LookupError(f"{self.url} ({self.status}) has no form with {', '.join(names)} {action}")


class Browser:
    """One person's browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        return self._open(urllib.request.Request(urllib.parse.urljoin(self.address, path)))  # noqa: S310 - our own

    def post(self, url: str, values: list[tuple[str, str]]) -> Page:
        data = urllib.parse.urlencode(values).encode()
        request = urllib.request.Request(url, data=data, headers={"Referer": url})  # noqa: S310 - our own
        return self._open(request)

    def submit(self, page: Page, form: Form, changes: dict[str, str | list[str]]) -> Page:
        """Send `form` of `page` as a person would who changed these fields; a field that is not there is an error."""
        values = [(name, value) for name, value in form.values if name not in changes]
        for name, value in changes.items():
            if name not in form.names():
                raise LookupError(f"{page.url}: the form has no field {name}")
            values += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return self.post(urllib.parse.urljoin(page.url, form.action or page.url), values)

    def _open(self, request: urllib.request.Request) -> Page:
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            text = answer.read().decode("utf-8", errors="replace")
            reader = _Reader()
            reader.feed(text)
            return Page(answer.url or request.full_url, int(answer.status or 0), text, reader.forms, reader.links)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._inside = False
        self._text: tuple[str, list[str]] | None = None
        self._select: str | None = None
        self._default: str | None = None
        self._chosen = False
        self._multiple = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {key: value or "" for key, value in attrs}
        name = have.get("name", "")
        if tag == "a":
            self.links.append(have.get("href", ""))
        elif tag == "form":
            self.forms.append(Form(have.get("action", ""), have.get("method", "get").lower()))
            self._inside = True
        elif not self._inside:
            return
        elif tag == "input" and name:
            self._input(name, have)
        elif tag == "button" and name:
            self.forms[-1].buttons.append((name, have.get("value", "")))
        elif tag == "textarea" and name:
            self._text = (name, [])
        elif tag == "select" and name:
            self._select, self._default, self._chosen = name, None, False
            self._multiple = "multiple" in have
        elif tag == "option" and self._select:
            self._option(have)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._text:
            name, parts = self._text
            self.forms[-1].values.append((name, "".join(parts).removeprefix("\n")))
            self._text = None
        elif tag == "select" and self._select:
            if not self._chosen and not self._multiple:
                self.forms[-1].values.append((self._select, self._default or ""))
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def _input(self, name: str, have: dict[str, str]) -> None:
        kind = have.get("type", "text")
        if kind in {"submit", "button", "image"}:
            self.forms[-1].buttons.append((name, have.get("value", "")))
        elif kind in {"checkbox", "radio"}:
            if "checked" in have:
                self.forms[-1].values.append((name, have.get("value", "on")))
            else:
                self.forms[-1].buttons.append((name, have.get("value", "on")))
        elif kind != "file":
            self.forms[-1].values.append((name, have.get("value", "")))

    def _option(self, have: dict[str, str]) -> None:
        value = have.get("value", "")
        if self._default is None:
            self._default = value
        if "selected" in have and self._select:
            self._chosen = True
            self.forms[-1].values.append((self._select, value))
        elif self._multiple and self._select:
            self.forms[-1].buttons.append((self._select, value))
