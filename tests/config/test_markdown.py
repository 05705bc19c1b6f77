"""Markdown of strangers is rendered harmless."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.kit.markdown import render_markdown

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "dir", "start", "rel"}
SCHEMES = {"", "http", "https", "mailto", "tel"}


class Reader(HTMLParser):
    """Collects what a browser would find in a piece of HTML."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.links, self.text = [], [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.text += data

    def schemes(self):
        # Browsers drop white space and control characters inside and before a scheme.
        return {urlsplit(re.sub(r"[\x00-\x20]", "", link)).scheme.lower() for link in self.links}


def assert_harmless(text):
    found = Reader(render_markdown(text))
    assert set(found.tags) <= TAGS
    assert set(found.attributes) <= ATTRIBUTES
    assert found.schemes() <= SCHEMES
    return found


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<style>* { display: none }</style>",
        '<iframe src="https://evil.example"></iframe>',
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        '<img src=x onerror="alert(1)">',
        '<a href="https://a.example" onclick="alert(1)">x</a>',
        '<p style="position: fixed">x</p>',
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<form action=https://evil.example><input name=password></form>",
        "<base href=https://evil.example>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    ],
)
def test_html_is_shown_as_text(text):
    found = assert_harmless(text)
    assert found.text.strip() == text
    assert found.links == []


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java&#10;script:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript&colon;alert(1)",
        "javascript&#0058;alert(1)",
        "\x01javascript:alert(1)",
        "vbscript:msgbox(1)",
        "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
        "data:image/gif;base64,R0lGODlhAQABAAAAACw=",
        "file:///etc/passwd",
        "blob:https://a.example/1",
        "view-source:javascript:alert(1)",
    ],
)
@pytest.mark.parametrize("spelling", ["[x]({})", "[x](<{}>)", "<{}>", "![x]({})", "[x][1]\n\n[1]: {}"])
def test_link_that_runs_something_leads_nowhere(target, spelling):
    assert_harmless(spelling.format(target))


def test_link_says_that_it_is_a_readers_own():
    html = render_markdown('[the plan](https://lahti.fi/plan?a=1&b=2 "Plan")')
    assert html == (
        '<p dir="auto"><a href="https://lahti.fi/plan?a=1&amp;b=2" title="Plan" rel="nofollow noopener ugc">'
        "the plan</a></p>\n"
    )


@pytest.mark.parametrize("target", ["mailto:food@city.example", "tel:+358401234567", "/publications/1/", "#results"])
def test_harmless_link_stays(target):
    assert Reader(render_markdown(f"[x]({target})")).links == [target]


def test_picture_becomes_a_link_so_that_nothing_is_fetched():
    found = assert_harmless("![a river](https://tracker.example/pixel.gif)")
    assert found.tags == ["p", "a"]
    assert found.text.strip() == "a river"


def test_headings_begin_below_those_of_the_page():
    found = Reader(render_markdown("# A\n## B\n### C\n#### D\n##### E\n###### F\n\nG\n===\n\n> # H"))
    assert found.tags == ["h3", "h4", "h5", "h6", "h6", "h6", "h3", "blockquote", "h3"]


def test_lists_tables_and_emphasis_work():
    html = render_markdown("- a\n- **b**\n\n3. c\n\n| x | y |\n|---|--:|\n| 1 | 2 |\n\n~~d~~ `e`\n\n    f")
    found = Reader(html)
    assert found.tags == [
        "ul", "li", "li", "strong", "ol", "li",
        "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td", "p", "s", "code", "pre", "code",
    ]  # fmt: skip
    assert '<ol start="3">' in html


@pytest.mark.parametrize("text", ["مرحبا", "שלום", "Hei"])
def test_paragraph_reads_in_its_own_direction(text):
    assert render_markdown(text) == f'<p dir="auto">{text}</p>\n'


@pytest.mark.parametrize(("text", "html"), [("", ""), ("&lt;b&gt; & <", '<p dir="auto">&lt;b&gt; &amp; &lt;</p>\n')])
def test_entities_stay_text(text, html):
    assert render_markdown(text) == html


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "> " * 10_000 + "<script>",
        "- " * 10_000 + "x",
        "*a _b " * 3_000,
        "`" * 20_000,
        "<a " * 6_000,
        "[a](" * 5_000,
        "|" + "a|" * 1_500 + "\n|" + "-|" * 1_500 + "\n" + "a\n" * 6_000,
        "![[[" * 5_000,
        "&" * 20_000,
    ],
    ids=lambda text: text[:6],
)
def test_nested_junk_of_the_greatest_length_is_rendered_soon(text):
    assert_harmless(text)


_JUNK = st.lists(
    st.sampled_from(
        ["<", ">", "<script", "</", "[x](", ")", "javascript:", "data:", "&#106;", "&colon;", "\n", "\n\n", "    ",
         "# ", "> ", "- ", "|", "|-|", "`", "```", "![", "](", "<!--", "-->", "onload=", '"', "'", "\t", "\x00",
         "<svg/", "<a href=", "https://a.example", "[1]: ", "*", "_", "~~", "\\"]
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)  # fmt: skip


@given(st.text() | _JUNK)
@example("<javascript:alert(1)>")
def test_any_text_is_harmless(text):
    assert_harmless(text)
