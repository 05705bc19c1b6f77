"""Markdown as people type it, rendered harmless: whatever HTML it holds is shown as text or dropped."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5", "h4": "h6", "h5": "h6"}
_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_parser.disable("image")  # pictures come with credit, licence and alternative text, not from elsewhere


def render_markdown(text: str, *, links: Mapping[str, str] | None = None) -> SafeString:
    """Return `text` as HTML. Headings start at h3, since a page's own are above; links carry nofollow and noopener.

    Args:
        links: words that lead somewhere wherever they stand outside of links and code, with their addresses.
    """
    tokens = parse_markdown(text)
    for token in tokens:
        _place_below_page(token)
        if links and token.children:
            token.children = list(_with_links(token.children, links))
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}, "p": {"dir"}, "li": {"dir"}, "blockquote": {"dir"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener ugc",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned by nh3 in the line above


def parse_markdown(text: str) -> list[Token]:
    """Return the tokens of `text`, also for what is no page; of a picture there is a link to it."""
    tokens = _parser.parse(text)
    for token in tokens:
        for one, following in pairwise(token.children or []):
            is_link = following.type == "link_open" and following.markup != "autolink"
            if is_link and one.type == "text" and one.content.endswith("!"):
                one.content = one.content[:-1]
    return tokens


def _place_below_page(token: Token) -> None:
    token.tag = _HEADINGS.get(token.tag, token.tag)
    if token.type in {"paragraph_open", "list_item_open", "blockquote_open"}:
        token.attrSet("dir", "auto")  # each paragraph reads in its own direction


def _with_links(children: list[Token], links: Mapping[str, str]) -> Iterator[Token]:
    """Yield the tokens of a line with the words of `links` made links, the longest first."""
    longest_first = sorted(links, key=len, reverse=True)
    words = re.compile(f"({'|'.join(map(re.escape, longest_first))})(?!\\w)", re.IGNORECASE)
    addresses = {word.lower(): address for word, address in links.items()}
    depth = 0
    for child in children:
        depth += child.nesting if child.type in {"link_open", "link_close"} else 0
        if child.type != "text" or depth:
            yield child
            continue
        for number, part in enumerate(words.split(child.content)):
            word = Token("text", "", 0, content=part)
            if number % 2:
                yield Token("link_open", "a", 1, attrs={"href": addresses[part.lower()]})
                yield word
                yield Token("link_close", "a", -1)
            elif part:
                yield word


def links_in(text: str) -> list[str]:
    """Return where the links of a Markdown text lead on the web (http and https), each once, in order."""
    inline = (child for token in _parser.parse(text) for child in token.children or [])
    targets = (str(child.attrGet("href") or "") for child in inline if child.type == "link_open")
    return list(dict.fromkeys(one for one in targets if one.lower().startswith(("http://", "https://"))))
