"""Pages of exchanges: what they show to whom, what is typed stays, and in how many queries."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from exchange.connections.blocks import block_person
from exchange.connections.services import accept_request, request_connection
from exchange.exchanges import outcomes, services, working
from exchange.exchanges.figures import read_figures
from exchange.exchanges.models import Exchange, Note
from exchange.peers.models import Notice
from members.directory.models import Office
from tests.exchange.exchanging import answer, day, facts, led_to, party, propose
from tests.exchange.notices import notice
from tests.practices.acts import fresh

pytestmark = pytest.mark.django_db

PLAN = {
    "format": "study_visit", "title": "School meals", "aim": "See how.", "time_zone": "Europe/Helsinki",
    "where": "on_site", "place": "Lahti", "costs": "own", "languages": ["en"],
}  # fmt: skip


@pytest.fixture
def read(client):
    """Return a function that returns a page as somebody sees it."""

    def read(person, name, *args, query=""):
        client.force_login(person)
        return client.get(reverse(f"exchanges:{name}", args=args) + query).content.decode()

    return read


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_as_many_queries_for_three_as_for_one(cast, client, django_assert_num_queries, rows):
    for number in range(rows):
        led_to("agreed", cast, title=f"Agreed {number}")
        propose(cast, title=f"Proposed {number}", member=cast.pontevedra, partners=[cast.lahti], by=cast.carlos)
    client.force_login(cast.alice)
    client.get(reverse("exchanges:exchange_list"))
    with django_assert_num_queries(LIST):
        client.get(reverse("exchanges:exchange_list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_page_takes_as_many_queries_for_three_of_each_as_for_one(cast, client, django_assert_num_queries, rows):
    exchange = led_to("running", cast)
    for number in range(rows):
        working.add_note(exchange=exchange, text=f"Note {number}", by=cast.alice)
        working.add_task(
            exchange=exchange, what=f"Book {number}", who=cast.alice, due_on=None, is_milestone=False, by=cast.alice
        )
        soon = timezone.now() + timedelta(days=3 + number)
        said = {"title": "Call", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "UTC"}
        working.add_session(exchange=exchange, facts=said, by=cast.alice)
        outcomes.add_outcome(
            exchange=exchange,
            kind="new_project",
            text=f"Bid {number}",
            publication=None,
            who="",
            due_on=None,
            by=cast.alice,
        )
    client.force_login(cast.alice)
    client.get(exchange.get_absolute_url())
    with django_assert_num_queries(PAGE):
        client.get(exchange.get_absolute_url())


LIST, PAGE = 13, 18


def test_what_waits_comes_first_and_only_for_whom_it_waits(cast, read):
    propose(cast)
    assert "Waiting for your answer" in read(cast.carlos, "exchange_list")
    for person in (cast.alice, cast.rita, cast.eva):
        page = read(person, "exchange_list")
        assert "Waiting for your answer" not in page
        assert "School meals" in page
    assert "School meals" not in read(cast.nora, "exchange_list")


@pytest.mark.parametrize(
    ("kind", "opened_by", "shares"), [("ask", "carlos", True), ("offer", "carlos", False), ("ask", "alice", False)]
)
def test_form_knows_from_the_notice_who_shares_and_who_learns(kind, opened_by, shares, cast, read):
    member = cast.pontevedra if opened_by == "carlos" else cast.lahti
    one = notice(member, getattr(cast, opened_by), kind=kind)
    page = read(cast.alice, "exchange_create", query=f"?notice={one.pk}&member=pontevedra")
    checked = next(one for one in page.split("<input") if 'name="gives"' in one and "checked" in one)
    assert f'value="{"yes" if shares else "no"}"' in checked
    assert one.title in page


def test_closed_notice_leads_nowhere(cast, client):
    one = notice(cast.pontevedra, cast.carlos)
    Notice.objects.update(state="closed", closed_because="withdrawn", closed_at=timezone.now())
    client.force_login(cast.alice)
    assert client.get(reverse("exchanges:exchange_create"), {"notice": one.pk}).status_code == 404


def test_typed_words_stay_when_something_is_wrong(cast, client):
    client.force_login(cast.alice)
    address = reverse("exchanges:exchange_create") + "?member=pontevedra"
    page = client.post(address, PLAN | {"gives": "yes", "starts_on": day(5), "ends_on": day(20)}).content.decode()
    assert "2–5 days, here it is 16." in page
    assert "See how." in page
    assert not Exchange.objects.exists()


def test_with_whom_is_written_and_what_is_wrong_stands_beside_it(cast, client):
    client.force_login(cast.alice)
    plan = {
        "format": "call", "title": "A call", "aim": "To talk.", "time_zone": "UTC", "where": "online", "costs": "open",
        "gives": "yes",
    }  # fmt: skip
    say = lambda partner: client.post(reverse("exchanges:exchange_create"), plan | {"partner": partner})  # noqa: E731
    for wrong, said in (
        ("", "required"),
        ("Atlantis", "No member is called that"),
        (cast.lahti.name, "Each member takes part once"),
    ):
        form = say(wrong).context["form"]
        assert [said in str(form.errors["partner"])] == [True], wrong
        assert form["partner"].value() == wrong
    assert not Exchange.objects.exists()
    assert say(f"{cast.pontevedra.name}, Spain").status_code == 302
    assert {one.member for one in Exchange.objects.get().parties.all()} == {cast.lahti, cast.pontevedra}


def test_session_may_go_over_midnight_and_errors_stand_beside_their_fields(cast, client):
    exchange = led_to("agreed", cast)
    client.force_login(cast.alice)
    said = {"title": "Night of the kitchens", "day": day(31).isoformat(), "time_zone": "Europe/Helsinki"}
    add = lambda **times: client.post(reverse("exchanges:session_add", args=[exchange.pk]), said | times)  # noqa: E731
    assert "ends" in add(starts="14:00", ends="13:00").context["form"].errors
    assert "starts" in add(day=day(-1).isoformat(), starts="14:00", ends="15:00").context["form"].errors
    assert add(starts="22:00", ends="01:30").status_code == 302
    session = exchange.sessions.get()
    assert session.ends_at - session.starts_at == timedelta(hours=3, minutes=30)


def test_what_is_completed_asks_its_sides_how_useful_it_was(cast, read):
    exchange = led_to("completed", cast)
    address = reverse("exchanges:feedback", args=[party(exchange, cast.pontevedra).pk])
    assert address in read(cast.carlos, "exchange_list")
    assert address not in read(cast.alice, "exchange_list")
    outcomes.give_feedback(party=party(exchange, cast.pontevedra), useful=4, text="", by=cast.carlos)
    assert address not in read(cast.carlos, "exchange_list")


def test_rows_of_the_agenda_are_added_and_moved_without_saving(cast, client):
    exchange = propose(cast)
    client.force_login(cast.alice)
    rows = {f"agenda-{n}-{name}": value for n, row in enumerate(
        [("2", "9:00", "Second", ""), ("1", "", "First", "Mayor")]) for name, value in zip(("day", "time", "what", "who"), row, strict=True)}  # fmt: skip
    address = reverse("exchanges:exchange_edit", args=[exchange.pk])
    page = client.post(address, PLAN | rows | {"act": "agenda:up:1", "edition": "1"}).content.decode()
    assert page.index('value="First"') < page.index('value="Second"')
    assert fresh(exchange).plan == {}
    wrong = client.post(address, PLAN | rows | {"edition": "1", "agenda-1-day": "99"}).content.decode()
    assert "Row 2" in wrong
    assert 'value="Second"' in wrong
    client.post(address, PLAN | rows | {"edition": "1", "starts_on": day(30), "ends_on": day(32)})
    assert [row["what"] for row in fresh(exchange).plan["agenda"]] == ["First", "Second"]
    page = client.get(reverse("exchanges:agenda", args=[exchange.pk])).content.decode()
    assert page.index("First") < page.index("Second")


def test_plan_that_a_colleague_changed_is_not_overwritten(cast, client):
    exchange = propose(cast)
    services.change_exchange(
        exchange=exchange, format_="study_visit", facts=facts(title="By Bob"), edition=1, by=cast.bob
    )
    client.force_login(cast.alice)
    address = reverse("exchanges:exchange_edit", args=[exchange.pk])
    data = PLAN | {"edition": "1", "starts_on": day(30), "ends_on": day(32)}
    page = client.post(address, data | {"title": "By Alice"}).content.decode()
    assert "A colleague changed it meanwhile" in page
    assert 'value="By Alice"' in page
    assert fresh(exchange).title == "By Bob"
    client.post(address, data | {"title": "By Alice", "edition": "2"})
    assert fresh(exchange).title == "By Alice"


def test_agreeing_to_a_plan_that_changed_says_so(cast, client):
    exchange = propose(cast)
    services.change_exchange(exchange=exchange, format_="study_visit", facts=facts(title="New"), edition=1, by=cast.bob)
    client.force_login(cast.carlos)
    address = reverse("exchanges:party_answer", args=[party(exchange, cast.pontevedra).pk])
    page = client.post(address, {"answer": "agree", "edition": "1"}, follow=True).content.decode()
    assert "The plan was changed meanwhile" in page
    assert fresh(exchange).state == "proposed"
    assert client.post(address, {"answer": "decline", "edition": "1"}).url == reverse("exchanges:exchange_list")
    assert fresh(exchange).state == "cancelled"


def test_markup_in_any_text_is_shown_as_text(cast, client, read):
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    exchange = led_to("running", cast, title=evil[:100], aim=evil, place=evil, costs_note=evil)
    working.add_note(exchange=exchange, text=f"{evil} [x](javascript:alert(1))", by=cast.alice)
    working.add_task(exchange=exchange, what=evil, who=None, due_on=None, is_milestone=False, by=cast.alice)
    outcomes.add_outcome(
        exchange=exchange, kind="new_project", text=evil, publication=None, who="", due_on=None, by=cast.alice
    )
    services.change_exchange(
        exchange=exchange, format_="study_visit", edition=1, by=cast.alice,
        facts=facts(title=evil[:100], aim=evil, place=evil, costs_note=evil, starts_on=day(-3), ends_on=day(-1),
                    plan={"agenda": [{"day": 1, "time": "", "what": evil, "who": evil}]}),
    )  # fmt: skip
    for page in (read(cast.carlos, "exchange_detail", exchange.pk), read(cast.carlos, "agenda", exchange.pk)):
        assert "<script>alert(1)" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert "&lt;script&gt;alert(1)" in page


def test_addresses_of_people_are_read_once_it_is_agreed_and_by_those_who_speak(cast, read):
    exchange = propose(cast)
    assert "alice@city.example" not in read(cast.carlos, "exchange_detail", exchange.pk)
    answer(exchange, cast.pontevedra, cast.carlos)
    assert "alice@city.example" in read(cast.carlos, "exchange_detail", exchange.pk)
    assert "carlos@city.example" not in read(cast.rita, "exchange_detail", exchange.pk)


def test_address_is_not_shown_where_one_has_blocked_the_other(cast, read):
    exchange = led_to("agreed", cast)
    block_person(person=cast.carlos, by=cast.alice)
    assert f"mailto:{cast.alice.email}" not in read(cast.carlos, "exchange_detail", exchange.pk)
    assert f"mailto:{cast.carlos.email}" not in read(cast.alice, "exchange_detail", exchange.pk)
    assert f"mailto:{cast.carlos.email}" in read(cast.bob, "exchange_detail", exchange.pk)


def test_connection_leads_to_an_exchange_with_the_member_of_whom_one_knows(cast, client):
    address = f"{reverse('exchanges:exchange_create')}?member={cast.pontevedra.slug}"
    page = reverse("people:person_detail", args=[cast.carlos.pk])
    request = request_connection(to=cast.carlos, message="Shall we talk?", by=cast.alice)
    client.force_login(cast.alice)
    assert address not in client.get(page).content.decode()
    accept_request(connection=request, by=cast.carlos)
    assert address in client.get(page).content.decode()
    assert "partner" not in client.get(address).context["form"].fields
    client.force_login(cast.bob)
    assert address not in client.get(page).content.decode()


def test_note_that_is_too_long_is_shown_again(cast, client):
    exchange = propose(cast)
    client.force_login(cast.alice)
    long = "x" * 5_001
    page = client.post(reverse("exchanges:note_add", args=[exchange.pk]), {"text": long}).content.decode()
    assert long in page
    assert not Note.objects.exists()


def test_panels_show_the_way_and_no_more_than_may_be_seen(cast, client):
    ask = notice(cast.pontevedra, cast.carlos)
    made = led_to("completed", cast, notice=ask, title="What we saw inside")
    client.force_login(cast.nora)
    page = lambda address: client.get(address).content.decode()  # noqa: E731
    client.force_login(cast.xavier)  # in the network, of neither side
    assert "What we saw inside" not in page(ask.get_absolute_url())
    of_member = page(cast.pontevedra.get_absolute_url())
    assert "What we saw inside" not in of_member
    assert "Study visit" in of_member  # that they met is no secret
    client.force_login(cast.eva)
    assert "What we saw inside" in page(cast.pontevedra.get_absolute_url())
    client.force_login(cast.alice)
    assert made.get_absolute_url() in page(ask.get_absolute_url())
    assert f"?member={cast.pontevedra.slug}" in page(cast.pontevedra.get_absolute_url())


def test_figures(cast, client):
    """Of an ask that was met and one that was not, and of exchanges that ended in every way."""
    met, _open = notice(cast.pontevedra, cast.carlos), notice(cast.pontevedra, cast.carlos, title="Open")
    done = led_to("completed", cast, notice=met)
    outcomes.give_feedback(party=party(done, cast.lahti), useful=5, text="", by=cast.alice)
    outcomes.give_feedback(party=party(done, cast.pontevedra), useful=4, text="", by=cast.carlos)
    led_to("cancelled", cast)
    led_to("proposed", cast)
    for exchange, days in zip(Exchange.objects.order_by("pk"), (1, None, 4), strict=True):
        at = exchange.proposed_at + timedelta(days=days) if days else None
        Exchange.objects.filter(pk=exchange.pk).update(answered_at=at)
    europe, finland = Office.objects.get(slug="europe"), Office.objects.get(slug="finland")
    whole, of_europe, of_finland = read_figures([europe, finland], timezone.localdate().year)
    said = lambda one: (  # noqa: E731
        one.asks, one.met, one.answer_days, one.unanswered, one.proposed, one.completed, one.cancelled
    )  # fmt: skip
    assert said(whole) == said(of_europe) == (2, 1, 2.5, 1, 3, 1, 1)
    assert said(of_finland) == (0, 0, 2.5, 1, 3, 1, 1)
    assert (whole.share_met, whole.usefulness, whole.by_kind) == (50, 4.5, [1, 0, 0, 0])
    assert said(read_figures([europe], 1999)[0]) == (0, 0, None, 0, 0, 0, 0)

    client.force_login(cast.eva)
    table = b"".join(client.get(reverse("exchanges:figures_table", args=["csv"])).streaming_content).decode()
    assert [line.split(",")[:8] for line in table.lstrip("\ufeff").splitlines()] == [
        ["office", "asks", "asks_met", "days_to_first_answer", "unanswered", "proposed", "completed", "cancelled"],
        ["All", "2", "1", "2.5", "1", "3", "1", "1"],
        ["European Office", "2", "1", "2.5", "1", "3", "1", "1"],
    ]
    page = client.get(reverse("exchanges:figures")).content.decode()
    assert "50 %" in page
    assert "Finnish Office" not in page
