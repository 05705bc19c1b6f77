"""From a council's decision to an active member: the story of Joensuu, and what may go wrong in it."""

import io
import itertools
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from config.outbox.models import Message
from members.accounts.models import PersonalDataEvent
from members.directory.models import Contact, Invitation, Member, MemberRole, Office
from members.directory.rules import forget_roles, roles_of
from members.fees.document import invoice_pdf
from members.fees.invoicing import credit_invoice
from members.fees.models import Invoice
from members.fees.payments import record_payment
from members.joining import deciding, own_data, services
from members.joining.document import application_pdf
from members.joining.models import Application
from members.joining.tokens import application_token, find_application, find_by_mailed_token, mailed_token
from members.joining.transitions import TRANSITIONS
from tests.factories import UserFactory
from tests.members.joining import CONTACTS, MUNICIPALITY, PDF, STARTED, application, documents_of
from tests.members.money import flat_schedule, issuer
from tests.threads import at_once

State = Application.State
PEOPLE = ("alice", "bob", "rita", "carlos", "xavier", "kaisa", "eva", "ada", "nora")


@pytest.fixture
def network(cast):
    """Return the cast, with a fee of 1,200 EUR and offices that look after countries."""
    flat_schedule()
    issuer(cast.europe, series="EUROPE")
    for office, territory in ((cast.finland, ["FI"]), (cast.europe, ["FI", "SE", "ES"])):
        office.territory = territory
        office.save(update_fields=["territory"])
    return cast


def post(client, place, token, *args, **data):
    return client.post(reverse(f"joining:{place}", args=[token, *args]), data)


def page_of(client, name, *args):
    return client.get(reverse(f"joining:{name}", args=args)).content.decode()


def told(kind, address):
    return list(
        Message.objects.filter(kind=kind, recipient=address).order_by("pk").values_list("payload__what", flat=True)
    )


def test_joensuu_joins(network, client, mail_to, link_in):
    answer = client.post(reverse("joining:start"), STARTED)
    made = Application.objects.get()
    token = application_token(made)
    assert answer.url == reverse("joining:step", args=[token, "municipality"])
    assert (made.office, made.state) == (network.finland, "draft")
    mailed = link_in(mail_to("aino@joensuu.example"), "/apply/mail/")
    assert client.post(mailed).url == reverse("joining:overview", args=[token])

    post(client, "step", token, "municipality", edition="0", **MUNICIPALITY)
    assert "Address on the invoice" in page_of(client, "overview", token)
    answer = post(client, "step", token, "contacts", edition="1", **CONTACTS)
    assert answer.url == reverse("joining:documents", args=[token])
    pdf = client.get(reverse("joining:form_document", args=[token])).content
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())
    for part in ("Joensuun kaupunki", "77,513", "Kaupunginjohtaja", "1275", "ilmasto@joensuu.example", "Signature"):
        assert part in text, part
    for purpose in ("signed_form", "decision"):
        post(
            client,
            "documents",
            token,
            purpose=purpose,
            file=SimpleUploadedFile(f"{purpose}.pdf", PDF + purpose.encode()),
        )
    assert documents_of(made) == [("decision", "decision.pdf"), ("signed_form", "signed_form.pdf")]
    post(client, "submit", token)
    assert told("joining.office", "kaisa@network.example") == ["submitted"]
    assert not told("joining.office", "eva@network.example")

    client.force_login(network.kaisa)
    place = Application.objects.get().get_absolute_url()
    page = client.get(place).content.decode()
    assert "1,200 EUR" in page
    assert "77513" in page or "77,513" in page
    assert "1275" in page
    answer = client.post(place, {"act": "approve"})
    invoice = Invoice.objects.get()
    assert answer.url == invoice.get_absolute_url()
    assert (invoice.total, invoice.buyer["reference"]) == (Decimal("1200.00"), "1275")
    member = Member.objects.get(name_en="Joensuu")
    assert (member.is_active, member.office, member.slug) == (False, network.finland, "joensuu")
    assert set(Contact.objects.filter(member=member).values_list("function", "email")) == {
        ("leader", "kaupunginjohtaja@joensuu.example"), ("staff", "ilmasto@joensuu.example"),
        ("billing", "laskut@joensuu.example"),
    }  # fmt: skip
    assert told("fees.invoice", "laskut@joensuu.example") == ["issued"]

    client.post(invoice.get_absolute_url(), {"amount": "1200", "paid_on": timezone.localdate().isoformat()})
    member.refresh_from_db()
    assert (member.is_active, member.joined_year) == (True, timezone.localdate().year)
    invitation = Invitation.objects.get(member=member)
    assert (invitation.email, invitation.role, invitation.language) == ("aino@joensuu.example", "liaison", "en")
    assert told("joining.applicant", "aino@joensuu.example") == ["started", "submitted", "approved", "active"]
    assert told("joining.office", "kaisa@network.example") == ["submitted", "active"]
    assert Application.objects.get().state == "active"


def test_applicant_with_an_account_becomes_liaison_at_once(network):
    aino = UserFactory(email="aino@joensuu.example")
    made = application("approved", by=network.kaisa)
    services.confirm_address(application=made)
    record_payment(invoice=Invoice.objects.get(), amount=Decimal(1200), paid_on=date(2026, 1, 1), by=network.kaisa)
    forget_roles(aino)
    assert roles_of(aino).liaison_of == {made.member_id}
    assert not Invitation.objects.exists()


def test_address_that_nobody_confirmed_gets_an_invitation_instead(network):
    UserFactory(email="aino@joensuu.example")
    application("approved", by=network.kaisa)
    record_payment(invoice=Invoice.objects.get(), amount=Decimal(1200), paid_on=date(2026, 1, 1), by=network.kaisa)
    assert Invitation.objects.get().email == "aino@joensuu.example"
    assert not MemberRole.objects.filter(user__email="aino@joensuu.example").exists()


def acts_of(made, by):
    return {
        "submit": lambda: services.submit_application(application=made),
        "withdraw": lambda: services.withdraw_application(application=made),
        "request_documents": lambda: deciding.request_documents(application=made, message="Please.", by=by),
        "approve": lambda: deciding.approve_application(application=made, by=by),
        "decline": lambda: deciding.decline_application(application=made, message="No.", by=by),
        "call_off": lambda: deciding.call_off_application(application=made, message="Never paid.", by=by),
    }


@pytest.mark.parametrize("state", [one for one in State.values if one != "active"])
@pytest.mark.parametrize("act", ["submit", "withdraw", "request_documents", "approve", "decline", "call_off"])
def test_every_act_in_every_state(state, act, network):
    made = application(state, by=network.kaisa)
    allowed, target = TRANSITIONS[act]
    if state in allowed and (act in {"submit", "withdraw"} or made.submitted_at):
        acts_of(made, network.kaisa)[act]()
        assert Application.objects.get().state == target
    else:
        with pytest.raises((ValidationError, PermissionDenied)):
            acts_of(made, network.kaisa)[act]()
        assert Application.objects.get().state == state


@pytest.mark.parametrize("state", [one for one in State.values if one != "active"])
def test_every_role_in_every_state(state, network):
    """Nobody but the coordinators of its office and administrators decides, and those only on what waits."""
    made = application(state, by=network.kaisa)
    for name, act in itertools.product(PEOPLE, ("request_documents", "approve", "decline", "call_off")):
        person = getattr(network, name)
        decides = name in {"kaisa", "ada"} and made.submitted_at is not None
        expected = None if state in TRANSITIONS[act][0] else ValidationError
        expected = expected if decides else PermissionDenied
        with transaction.atomic():
            if expected is None:
                acts_of(made, person)[act]()
                assert Application.objects.get().state == TRANSITIONS[act][1]
            else:
                with pytest.raises(expected):
                    acts_of(made, person)[act]()
            transaction.set_rollback(True)
        assert Application.objects.get().state == state
        assert Application.objects.visible_to(person).exists() == decides


def test_nobody_sees_what_is_not_submitted(network):
    application()
    for name in ("kaisa", "ada", "alice"):
        assert not Application.objects.visible_to(getattr(network, name)).exists()


@pytest.mark.django_db(transaction=True)
def test_decision_and_withdrawal_at_once(network):
    made = application("submitted")
    acts = acts_of(made, network.ada)
    found = at_once(acts["approve"], acts["withdraw"])
    assert [isinstance(one, ValidationError) for one in found].count(True) == 1
    state = Application.objects.get().state
    assert state in {"approved", "withdrawn"}
    assert Member.objects.filter(name_en="Joensuu").count() == Invoice.objects.count() == (state == "approved")


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_are_one(network):
    made = application("submitted")
    found = at_once(acts_of(made, network.kaisa)["approve"], acts_of(made, network.ada)["approve"])
    assert sorted(type(one).__name__ for one in found) == ["Invoice", "ValidationError"]
    assert Invoice.objects.count() == 1


def test_what_is_missing_is_asked_for_and_comes(network, client):
    made = application("submitted")
    deciding.request_documents(application=made, message="The decision has no date.", by=network.kaisa)
    token = application_token(made)
    assert "The decision has no date." in page_of(client, "overview", token)
    post(client, "documents", token, purpose="decision", file=SimpleUploadedFile("new.pdf", PDF + b"new"))
    post(client, "submit", token)
    assert Application.objects.get().state == "submitted"
    assert len(told("joining.office", "kaisa@network.example")) == 2


def test_reason_is_needed(network):
    made = application("submitted")
    for act in (deciding.request_documents, deciding.decline_application):
        with pytest.raises(ValidationError, match="say why"):
            act(application=made, message=" \n", by=network.kaisa)
    deciding.approve_application(application=made, by=network.kaisa)
    with pytest.raises(ValidationError, match="say why"):
        deciding.call_off_application(application=made, message=" ", by=network.kaisa)
    assert not Invoice.objects.get().credited


def test_member_that_is_there_is_not_made_again(network):
    Member.objects.create(
        name="JOENSUUN KAUPUNKI", name_en="Joensuu", slug="joensuu", country="FI", kind="city", office=network.finland
    )
    with pytest.raises(ValidationError, match="member already"):
        application("approved", by=network.kaisa)
    assert not Invoice.objects.exists()
    Member.objects.update(is_active=False)
    deciding.approve_application(application=Application.objects.get(), by=network.kaisa)
    assert Member.objects.filter(country="FI", name_en="Joensuu").count() == 1


def test_what_was_typed_is_kept_right_or_not(network, client):
    made = services.start_application(language="en", **STARTED)
    token = application_token(made)
    wrong = MUNICIPALITY | {"population": "many", "name": "𐍈 القاهرة <b>", "website": "javascript:alert(1)"}
    page = post(client, "step", token, "municipality", edition="0", **wrong).content.decode()
    assert "many" in page
    assert "القاهرة &lt;b&gt;" in page
    assert Application.objects.get().content["population"] == "many"
    assert {"Population", "Website"} <= set(services.missing(Application.objects.get()))
    with pytest.raises(ValidationError, match="Still missing"):
        services.submit_application(application=made)


@pytest.mark.parametrize("people", ["0", "-5", "40000001", "1e6", "12.5"])
def test_population_that_cannot_be(people, network):
    made = services.start_application(language="en", **STARTED)
    services.save_application(application=made, values=MUNICIPALITY | {"population": people}, edition=0)
    assert "Population" in services.missing(Application.objects.get())


def test_two_windows(network, client):
    made = services.start_application(language="en", **STARTED)
    token = application_token(made)
    services.save_application(application=made, values={"name_en": "Theirs"}, edition=0)
    headers = {"HX-Request": "true"}
    place = reverse("joining:step", args=[token, "municipality"])
    answer = client.post(place, MUNICIPALITY | {"name_en": "Mine", "edition": "0"}, headers=headers).content.decode()
    assert "Not saved: other words" in answer
    assert Application.objects.get().content["name_en"] == "Theirs"
    page = client.post(place, MUNICIPALITY | {"name_en": "Mine", "edition": "0"}).content.decode()
    assert 'value="Mine"' in page
    assert 'name="edition" id="edition" value="1"' in " ".join(page.split())
    client.post(place, MUNICIPALITY | {"name_en": "Mine", "edition": "1"})
    assert Application.objects.get().content["name_en"] == "Mine"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("form.pdf", b"", "empty"), ("form.pdf", b"MZ\x90\x00", "of the type"), ("form.pdf", b"<html><body>", "of the type"),
        ("form.docx", b"PK\x03\x04", "of the type"),
    ],
)  # fmt: skip
def test_file_that_is_no_document(name, data, why, network, client):
    made = application()
    token = application_token(made)
    page = post(client, "documents", token, purpose="decision", file=SimpleUploadedFile(name, data)).content.decode()
    assert why in page
    assert len(documents_of(made)) == 2
    assert post(client, "documents", token, purpose="other", file=SimpleUploadedFile("a.pdf", PDF)).status_code == 404


def test_file_that_is_too_large_is_refused_and_the_rest_stays(network, client, settings):
    settings.MAX_IMAGE_MB = settings.MAX_DOCUMENT_MB = 1
    made = application()
    huge = SimpleUploadedFile("decision.pdf", PDF + b"0" * 200_000_000)
    page = post(client, "documents", application_token(made), purpose="decision", file=huge).content.decode()
    assert "This file is too large. At most 1 MB are possible." in page
    assert len(documents_of(made)) == 2


@pytest.mark.parametrize("name", ["بلدية القدس", "עיריית חיפה", "東京都", "नगर निगम", "Општина Охрид", "𐍈 <b>#eval(1)"])
def test_papers_hold_names_of_every_script(name, network):
    made = application("submitted", name=name, language="mk")
    assert application_pdf(made).startswith(b"%PDF")
    invoice = deciding.approve_application(application=made, by=network.kaisa)
    assert invoice.buyer["name"] == name
    assert invoice_pdf(Invoice.objects.select_related("member", "term", "credits").get()).startswith(b"%PDF")


def test_links_are_signed(network, client):
    made = application()
    token, mailed = application_token(made), mailed_token(made)
    assert find_application(token) == find_by_mailed_token(mailed) == made
    for wrong in (mailed, str(made.pk), f"{made.pk}:x", token[:-1]):
        assert find_application(wrong) is None
        assert client.get(reverse("joining:overview", args=[wrong])).status_code == 404
    assert find_by_mailed_token(token) is None
    other = application()
    document = other.documents.first()
    assert client.get(reverse("joining:document_download", args=[token, document.pk])).status_code == 404
    assert post(client, "document_remove", token, document.pk).status_code == 404
    assert other.documents.count() == 2


def test_nothing_changes_once_it_is_submitted(network, client):
    made = application("submitted")
    token = application_token(made)
    for name, args in (("step", ["contacts"]), ("documents", [])):
        assert post(client, name, token, *args, edition="9", leader_title="Other").url == reverse(
            "joining:overview", args=[token]
        )
    with pytest.raises(ValidationError, match="cannot be changed"):
        services.save_application(application=made, values={"name": "Other"}, edition=1)
    with pytest.raises(ValidationError, match="cannot be changed"):
        services.remove_document(application=made, document=made.documents.first())
    assert Application.objects.get().content["leader_title"] == "Kaupunginjohtaja"


def test_country_without_an_office(cast, client):
    Office.objects.filter(kind="world").update(kind="regional")
    page = client.post(reverse("joining:start"), STARTED | {"country": "NZ"}).content.decode()
    assert "No office looks after this country yet" in page
    assert not Application.objects.exists()


def test_one_machine_begins_ten_an_hour(network, client):
    cache.clear()
    codes = [client.post(reverse("joining:start"), STARTED).status_code for _ in range(11)]
    assert codes == [302] * 10 + [429]


def test_unfinished_ones_are_forgotten_after_half_a_year(network):
    old, submitted, young = application(), application("submitted"), application()
    Application.objects.exclude(pk=young.pk).update(saved_at=timezone.now() - timedelta(days=181))
    assert services.forget_unfinished() == 1
    assert set(Application.objects.values_list("pk", flat=True)) == {submitted.pk, young.pk}
    assert old.pk not in Application.objects.values_list("pk", flat=True)


def test_who_applied_is_forgotten_with_their_account(network):
    aino = UserFactory(email="aino@joensuu.example")
    begun, handed_in = application(), application("submitted")
    assert list(own_data.read(aino)) == []  # anybody may type her address
    Application.objects.update(is_confirmed=True)
    assert [one["state"] for one in own_data.read(aino)] == ["draft", "submitted"]
    own_data.erase(aino)
    left = Application.objects.get()
    assert (left.pk, left.applicant_name, left.applicant_email) == (handed_in.pk, "–", "erased@network.invalid")
    assert begun.pk != left.pk


# Approved, and never paid -------------------------------------------------------------------------------------------


def pay(invoice, by):
    return record_payment(invoice=invoice, amount=invoice.total, paid_on=timezone.localdate(), by=by)


def test_approval_that_nobody_pays_for_is_taken_back(network, client):
    made = application("approved", by=network.kaisa)
    invoice = Invoice.objects.get()
    client.force_login(network.kaisa)
    answer = client.post(made.get_absolute_url(), {"act": "call_off", "message": "The council has changed its mind."})
    assert answer.url == made.get_absolute_url()
    invoice.refresh_from_db()
    note = Invoice.objects.get(kind="credit_note")
    assert (invoice.credited, note.credits, note.reason) == (True, invoice, "The council has changed its mind.")
    made.refresh_from_db()
    assert (made.state, made.said, made.decided_by) == ("withdrawn", note.reason, network.kaisa)
    assert not made.member.is_active
    assert "Joensuu" not in page_of_directory(client)
    assert told("joining.applicant", "aino@joensuu.example")[-1] == "called_off"
    assert told("joining.office", "kaisa@network.example")[-1] == "called_off"
    assert told("fees.invoice", "laskut@joensuu.example") == ["issued", "credited"]
    page = page_of(client, "overview", application_token(made))
    assert "has taken its approval back" in page
    assert "The council has changed its mind." in page
    pay(invoice, network.kaisa)  # money that comes all the same makes nobody a member
    made.refresh_from_db()
    assert (made.state, made.member.is_active) == ("withdrawn", False)


def page_of_directory(client):
    return client.get(reverse("directory:member_list")).content.decode()


def test_who_was_called_off_applies_again_and_is_approved(network):
    first = application("approved", by=network.kaisa)
    deciding.call_off_application(application=first, message="Never paid.", by=network.kaisa)
    second = application("approved", by=network.kaisa)
    assert second.member == Application.objects.get(pk=first.pk).member
    pay(Invoice.objects.get(kind="invoice", credited=False), network.kaisa)
    assert set(Application.objects.values_list("pk", "state")) == {(first.pk, "withdrawn"), (second.pk, "active")}
    assert Member.objects.get(name_en="Joensuu").is_active
    assert first.member.terms.count() == 1


def test_invoice_that_is_taken_back_alone_is_told_and_a_new_one_activates(network, client):
    made = application("approved", by=network.kaisa)
    first = Invoice.objects.get()
    note = credit_invoice(invoice=first, reason="Another cost centre", by=network.kaisa)
    assert deciding.taken_back(made) == note
    client.force_login(network.kaisa)
    assert f"{first.name} was taken back" in " ".join(client.get(made.get_absolute_url()).content.decode().split())
    page = " ".join(page_of(client, "overview", application_token(made)).split())
    assert f"invoice {first.name} was taken back" in page
    answer = client.post(reverse("fees:member_bill", args=[made.member.slug]))
    again = Invoice.objects.get(kind="invoice", credited=False)
    assert (answer.url, again.term) == (again.get_absolute_url(), first.term)
    assert deciding.taken_back(made) is None
    pay(again, network.kaisa)
    assert Application.objects.get().state == "active"


def test_calling_off_after_the_invoice_was_taken_back_credits_nothing_more(network):
    made = application("approved", by=network.kaisa)
    credit_invoice(invoice=Invoice.objects.get(), reason="Wrong", by=network.kaisa)
    deciding.call_off_application(application=made, message="They do not want it.", by=network.kaisa)
    assert Invoice.objects.filter(kind="credit_note").count() == 1


@pytest.mark.django_db(transaction=True)
def test_payment_and_calling_off_at_once(network):
    made = application("approved", by=network.kaisa)
    invoice = Invoice.objects.get()
    at_once(lambda: pay(invoice, network.ada), acts_of(made, network.kaisa)["call_off"])
    state, credited = Application.objects.get().state, Invoice.objects.get(pk=invoice.pk).credited
    assert (state, credited) in {("active", False), ("withdrawn", True)}
    assert Member.objects.get(name_en="Joensuu").is_active == (state == "active")


def test_opening_an_application_is_written_down_where_the_applicant_has_an_account(network, client):
    made = application("submitted")
    client.force_login(network.kaisa)
    client.get(made.get_absolute_url())
    assert not PersonalDataEvent.objects.exists()
    aino = UserFactory(email="aino@joensuu.example")
    client.get(made.get_absolute_url())
    assert [(one.who, one.whose, one.what) for one in PersonalDataEvent.objects.all()] == [
        (network.kaisa, aino, "address_seen")
    ]
