"""The practice sheet: what it says, that it has two pages at most, and that nobody's text is read as Typst."""

import io
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import override
from pypdf import PdfReader

from config.kit import pdf
from practices.library.models import Publication
from practices.sharing import sheet
from practices.sharing.blocks import Block, cut, to_blocks
from tests.factories import PublicationFactory
from tests.practices.acts import INDICATORS

pytestmark = pytest.mark.django_db
CJK = next(iter(sorted(Path("/usr/share/fonts").rglob("NotoS*CJK*"))), None)
PIECES = [
    '#eval("1")', '#read("/etc/passwd")', "$x^2$", "@label", "<label>", "= No heading", "// no comment", "]", "[", "#{",
    '#import "@preview/x:1.0.0"', "#sys.inputs", "/* c */", "~", "--- --", "'\"", "\\u{41}", "\\", "\\#x",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh():
    cache.clear()
    pdf._fonts.cache_clear()
    yield
    pdf._fonts.cache_clear()


def make(**facts):
    publication = PublicationFactory(**facts)
    return Publication.objects.with_cards().with_page().get(pk=publication.pk)


def read(pdf):
    """Return the pages of a PDF and its text, with every run of white space as one space."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return len(pages), " ".join(" ".join(page.extract_text() for page in pages).split())


def test_sheet_says_what_a_colleague_asks_first(cast, settings):
    publication = make(
        owner=cast.lahti, title="Kouluruokaa läheltä", language="fi", indicators=INDICATORS, cost_amount="12500",
        cost_currency="EUR", end_year="2024", contact_title="Food team", contact_person="Pekka Person",
        what_went_wrong="Carrots came late.", transferability="Wherever there are farms.", text_licence="CC-BY-4.0",
        source_title="Annual report", source_url="https://city.example/report", offers=["visit"],
    )  # fmt: skip
    pages, text = read(sheet.make_sheet(publication))
    assert pages == 1
    for part in (
        "Practice · Lahden kaupunki, Finland", "Kouluruokaa läheltä", "Forty schools cook", "Circular",
        "Population 50,000", "Status Running", "Years 2021–2024", "Topics Food", "Contact Food team, food@city.example",
        "Colleagues may ask for A visit", "Language Finnish", "Licence of the text CC BY 4.0", "Last confirmed",
        "Challenge Meals came from far away.", "Solution We bought", "Results Less waste",
        "What went wrong Carrots came late.", "Where it could work Wherever", "In figures What is measured Before",
        "Food from nearby 12 54.5 % 2024", "Waste 0.0004 kg", "Source Annual report",
        f"Talkoo · http://localhost:8000/publications/{publication.pk}/ · For readers in the network.", "1/1",
    ):  # fmt: skip
        assert part in text, part
    assert re.search(r"Cost (€12,500|12,500 EUR|EUR\s?12,500)", text)
    assert "Pekka" not in text
    with override("fi"):
        assert "50 000" in read(sheet.make_sheet(publication))[1].replace("\xa0", " ")


def test_sheet_can_be_listened_to(cast, caplog):
    reader = PdfReader(io.BytesIO(sheet.make_sheet(make(owner=cast.lahti, title="Listen", indicators=INDICATORS))))
    assert (reader.metadata.title, reader.metadata.author) == ("Listen", "Lahden kaupunki")
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en"
    assert "pdfuaid" in reader.root_object["/Metadata"].get_data().decode()
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fi", "Kävelykatu – “ääni” ő ű č š ž þ ð ı İ ğ ł"), ("el", "Ποδήλατα στην πόλη, ώρα ΐ ΰ"),
        ("mk", "Пешачка улица: ѓ ќ џ ѕ љ њ ѐ ѝ"), ("uk", "Громадський простір є і ї ґ"), ("sr", "Ђ Ћ ђ ћ"),
    ],
)  # fmt: skip
def test_latin_greek_and_cyrillic_need_no_font(language, words, cast, caplog):
    """PDF/UA allows no character without a glyph, so a sheet that follows it has drawn each one."""
    pdf = sheet.make_sheet(make(owner=cast.lahti, language=language, title=words, challenge=words))
    assert caplog.messages == []
    assert words.split()[0] in read(pdf)[1]


@pytest.mark.parametrize(("language", "words"), [("ar", "شارع للمشاة"), ("he", "רחוב להולכי רגל")])
def test_what_is_written_from_the_right_is_set_so(language, words, cast):
    publication = make(owner=cast.lahti, language=language, title=words, challenge=words)
    assert sheet._frame(publication)["direction"] == "rtl"
    assert read(sheet.make_sheet(publication))[0] == 1


def test_character_without_a_glyph_is_a_box_and_a_warning(cast, caplog, settings):
    settings.FONT_DIR = None
    pages, text = read(sheet.make_sheet(make(owner=cast.lahti, language="ja", title="歩行者の道")))
    assert (pages, "Forty schools" in text) == (1, True)
    assert len(caplog.messages) == 1
    assert "FONT_DIR may name a folder with more fonts." in caplog.messages[0]


@pytest.mark.skipif(CJK is None, reason="fonts-noto-cjk is not installed here")
@pytest.mark.parametrize(("language", "words"), [("ja", "歩行者の道"), ("zh", "步行街"), ("ko", "보행자 거리")])
def test_font_folder_adds_scripts(language, words, cast, caplog, settings):
    settings.FONT_DIR = CJK.parent
    publication = make(owner=cast.lahti, language=language, title=words, challenge=words * 3)
    assert len(pdf.families(language)) > 1
    assert words.split()[0] in read(sheet.make_sheet(publication))[1]
    assert caplog.messages == []


@pytest.mark.parametrize("piece", PIECES)
def test_text_of_authors_is_never_read_as_typst(piece, cast, caplog):
    facts = dict.fromkeys(("title", "summary", "lead_organisation", "contact_title", "source_title"), f"a {piece} z")
    texts = dict.fromkeys(("challenge", "solution", "results", "what_went_wrong"), f"`a {piece} z`")
    rows = [{"metric": f"a {piece} z", "unit": piece, "value": "1"}]
    _, text = read(sheet.make_sheet(make(owner=cast.lahti, indicators=rows, **facts, **texts)))
    found = re.sub(r"\s", "", text).count(re.sub(r"\s", "", f"a {piece} z"))
    assert found == 9  # title, summary, role, source, four texts, and the indicator
    assert "root:" not in text
    assert caplog.messages == []


def test_long_texts_are_cut_at_a_sentence_and_fit_two_pages(cast):
    long = " ".join(f"Sentence number {n} says something." for n in range(500))
    texts = dict.fromkeys(("challenge", "solution", "what_went_wrong"), long)
    publication = make(owner=cast.lahti, results="Short.", **texts)
    pages, text = read(sheet.make_sheet(publication))
    assert pages == 2
    continues = f"Continues at http://localhost:8000/publications/{publication.pk}/"
    assert text.count(continues) == 3
    assert all(before.rstrip().endswith("something.") for before in text.split(continues)[:3])
    assert "Results Short. What went wrong" in text
    assert text.count("Sentence number") > 90  # the second page is used


@pytest.mark.parametrize("sort", ["ends", "words", "letters", "lists", "breaks", "code"])
def test_fullest_template_has_two_pages(sort, cast):
    long = {
        "ends": "A word. " * 2500, "words": "word " * 4000, "letters": "M" * 20_000, "lists": "- one\n- two\n" * 1500,
        "breaks": "a\\\n" * 6000, "code": "```\n" + "a\n" * 9000 + "```",
    }[sort].strip()  # fmt: skip
    publication = make(
        owner=cast.lahti, title="W" * 100, summary="W " * 149 + "W", indicators=[
            {"metric": "W " * 99 + "W", "baseline": "1234567890123456.1234", "value": "1234567890123456.1234",
             "unit": "W " * 29 + "W", "year": "2020"}
        ] * 30,
        topics=["energy", "buildings", "mobility", "water", "food"],
        pathways=["low_emission", "nature_based", "equitable", "resilient", "circular"],
        contact_title="W " * 59 + "W", department="W " * 59 + "W", source_title="W " * 149 + "W",
        **dict.fromkeys(("challenge", "solution", "results", "what_went_wrong", "transferability"), long),
    )  # fmt: skip
    assert read(sheet.make_sheet(publication))[0] == 2


def test_sheet_is_kept_until_there_is_another_version(cast, monkeypatch):
    publication = make(owner=cast.lahti)
    first = sheet.practice_sheet(publication)
    publication.title = "Not a new version"
    assert sheet.practice_sheet(publication) == first
    publication.version += 1
    assert "Not a new version" in read(sheet.practice_sheet(publication))[1]
    with override("fi"):
        assert sheet.practice_sheet(publication) != first


def test_download_has_a_name_and_the_page_leads_to_it(cast, as_person):
    publication = make(owner=cast.lahti, title="Päätös: о членству")
    client = as_person(cast.carlos)
    url = reverse("sharing:publication_sheet", args=[publication.pk])
    assert url in client.get(publication.get_absolute_url()).text
    answer = client.get(url)
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith(f"attachment; filename*=utf-8''{publication.pk}-p%C3%A4")
    assert client.post(url).status_code == 405


# Markdown for paper --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("One *two* [three](https://x.example)\nfour", [Block("One two three four")]),
        ("# Head\n\ntext", [Block("Head"), Block("text")]),
        ("3. a\n4. b\n   - c\n\n     d", [Block("a", "3.", 1), Block("b", "4.", 1), Block("c", "•", 2),
                                          Block("d", "", 2)]),
        ("| a | b |\n|---|---|\n| 1 | `2` |", [Block("a · b"), Block("1 · 2")]),
        ("```\ncode\n```\n\n> said\n\n***", [Block("code"), Block("said")]),
        ("<b>no</b> &amp; ![p](x.png)", [Block("<b>no</b> & p")]),
        ("", []),
    ],
)  # fmt: skip
def test_markdown_becomes_plain_blocks(text, blocks):
    assert to_blocks(text) == blocks


@pytest.mark.parametrize(
    ("texts", "most", "kept", "is_cut"),
    [
        (["abc", "def"], 120, ["abc", "def"], False),
        (["abc", "def"], 119, ["abc"], True),
        (["One here. Two here. Three"], 22, ["One here. Two here."], True),
        (["He said “no.” Then more words"], 20, ["He said “no.”"], True),
        (["路は長い。まだ続く道"], 8, ["路は長い。"], True),
        (["no sentence ends in here"], 14, ["no sentence …"], True),
        (["x" * 30], 10, ["x" * 10 + " …"], True),
    ],
)
def test_cut(texts, most, kept, is_cut):
    assert cut([Block(text) for text in texts], most) == ([Block(text) for text in kept], is_cut)
