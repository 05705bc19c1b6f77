"""My data, erasure, and the record of who saw whose."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.files.detection import DOCUMENTS
from config.files.services import store_upload
from config.journal.models import Entry
from config.journal.services import record
from config.ops.retention import keep_retention
from config.outbox.models import Message
from config.outbox.sender import Sender
from exchange.digests.models import Subscription
from exchange.digests.services import add_missing_subscriptions
from members.accounts.models import PersonalDataEvent, SignIn, User
from members.accounts.personal_data import note_personal_data, personal_parts
from members.directory.models import Invitation, MemberRole
from members.people.erasing import erase_person
from members.people.taking import make_personal_archive
from practices.library.models import File, Publication, Seen
from practices.search.models import SavedSearch
from practices.search.saving import save_search
from practices.uptake.bookmarks import change_list, make_list, save_bookmark
from practices.uptake.models import BookmarkList
from tests.factories import PublicationFactory, RevisionFactory, UserFactory
from tests.fixtures import PASSWORD
from tests.keys import give_key
from tests.members.acts import invite
from tests.threads import raised_at_once
from tests.uploads import PDF, upload


@pytest.fixture
def bob(cast, with_password):
    """Return Bob with something of every sort."""
    bob = with_password(cast.bob)
    User.objects.filter(pk=bob.pk).update(job_title="Planner", ask_me_about="Heat networks", languages_spoken=["fi"])
    text = PublicationFactory(owner=cast.lahti, by=bob, title="School meals")
    Publication.objects.filter(pk=text.pk).update(responsible=bob)
    blob = store_upload(upload=upload(PDF), allowed=DOCUMENTS)
    File.objects.create(publication=text, blob=blob, name="plan.pdf", uploaded_by=bob)
    save_search(query="topic=food", values={"name": "Food", "cadence": "daily"}, by=bob)
    kept, shared = make_list(name="Mine", by=bob), make_list(name="Ours", by=bob)
    change_list(bookmark_list=shared, name="Ours", shared_with=cast.lahti, by=bob)
    save_bookmark(publication=text, bookmark_list=kept, note="Call them.", by=bob)
    Seen.objects.create(user=bob, publication=text, version=1)
    add_missing_subscriptions()
    give_key(bob)
    SocialAccount.objects.create(user=bob, provider="oidc-x", uid="7", extra_data={"email": bob.email})
    record(verb="published", obj=text, by=bob, member_id=cast.lahti.pk)
    return User.objects.get(pk=bob.pk)


def sign_in(user):
    client = Client(headers={"User-Agent": "Firefox"})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


# My data -------------------------------------------------------------------------------------------------------------


def opened(user):
    with make_personal_archive(user=user, by=user) as made, zipfile.ZipFile(made) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_archive_holds_what_every_room_knows_of_the_person(cast, bob):
    SignIn.objects.create(user=bob, method="password", succeeded=True, ip="192.0.2.1")
    note_personal_data(who=cast.ada, whose=bob, what="account_seen")
    found = opened(bob)
    parts = {name.removesuffix(".json"): json.loads(text) for name, text in found.items() if name.endswith(".json")}
    manifest = parts.pop("manifest")
    assert set(parts) == set(personal_parts())
    assert parts["profile"][0]["email"] == "bob@city.example"
    assert parts["roles"] == [{"member": "Lahden kaupunki", "role": "contributor", "since": parts["roles"][0]["since"]}]
    assert parts["saved_searches"] == [{"name": "Food", "query": "topic=food", "cadence": "daily"}]
    assert parts["saved_publications"] == [{"list": "Mine", "publication": "School meals", "note": "Call them."}]
    assert [one["cadence"] for one in parts["subscription"]] == ["weekly"]
    assert parts["announcements"] == [{"wants_announcements": True}]
    assert [one["ip"] for one in parts["sign_ins"]] == ["192.0.2.1"]
    assert parts["organisation_sign_ins"][0]["uid"] == "7"
    assert [one["title"] for one in parts["texts"]] == ["School meals"]
    assert "published" in {one["verb"] for one in parts["journal"]}
    assert [(one["who"], one["what"]) for one in parts["who_saw_it"]] == [("Ada", "account_seen")]
    (file,) = manifest["files"]
    assert (file.startswith("files/"), found[file]) == (True, PDF)
    assert manifest["rows"]["saved_searches"] == 1


def test_archive_holds_no_secret_and_nobody_else(cast, bob):
    text = b"".join(opened(bob).values()).decode(errors="replace")
    for secret in (bob.password, "attestationObject", "carlos@city.example", "alice@city.example"):
        assert secret not in text


def test_archive_is_for_the_person_alone(cast, bob):
    for by in (cast.ada, cast.alice):
        with pytest.raises(PermissionDenied):
            make_personal_archive(user=bob, by=by)


def test_archive_is_downloaded(client, cast, bob):
    client.force_login(bob)
    response = client.post(reverse("people:own_data"))
    assert response.headers["Content-Type"] == "application/zip"
    assert response.streaming
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as archive:
        assert "profile.json" in archive.namelist()


# Erasure -------------------------------------------------------------------------------------------------------------


def everything():
    """Return all rows of all tables as text, but the record of what the database itself does."""
    return {
        model._meta.label: json.dumps(list(model._base_manager.values()), default=str, ensure_ascii=False)
        for model in apps.get_models()
        if model._meta.managed
    }


@pytest.mark.parametrize("who", ["bob", "ada"])
def test_erasure_takes_name_and_address_out_of_every_table(cast, bob, who, smtp):
    client = sign_in(bob)
    invite(cast, by="alice", email="someone@city.example")
    Invitation.objects.filter(email="someone@city.example").update(accepted_by=bob, email=bob.email)
    Client().post(reverse("account_reset_password"), {"email": bob.email})
    Sender().run()
    LogEntry.objects.create(
        user=cast.ada, content_type_id=1, object_id=str(bob.pk), object_repr="x", action_flag=2, change_message="[]"
    )
    User.objects.filter(pk=bob.pk).update(name="Bobert Unmistakable")
    bob.refresh_from_db()
    erase_person(user=bob, by=bob if who == "bob" else cast.ada)
    for label, rows in everything().items():
        for word in ("bob@city.example", "Bobert Unmistakable", "Heat networks"):
            # An address may stand in the sealed, signed sessions of Django alone, and those are gone too.
            assert word not in rows, (label, word)
    bob.refresh_from_db()
    assert (bob.is_active, bob.has_usable_password(), str(bob)) == (False, False, "A former member of staff")
    assert re.fullmatch(r"[0-9a-f-]{36}@erased\.invalid", bob.email)
    for model in (EmailAddress, SocialAccount, Authenticator, UserSession, SignIn, MemberRole, SavedSearch, Seen):
        assert not model.objects.filter(user=bob).exists(), model
    assert not Subscription.objects.filter(user=bob).exists()
    assert client.get("/profile/").status_code == 302


def test_erasure_leaves_the_members_record(cast, bob):
    entries = Entry.objects.filter(by=bob).count()
    erase_person(user=bob, by=bob)
    text = Publication.objects.get(title="School meals")
    assert (text.state, text.owner_member, text.responsible) == ("published", cast.lahti, cast.alice)
    assert Entry.objects.filter(by=bob).count() >= entries
    assert list(BookmarkList.objects.values_list("name", flat=True)) == ["Ours"]
    assert File.objects.get().uploaded_by == bob


def test_erased_person_is_named_a_former_member_of_staff_in_the_history(client, cast):
    revision = RevisionFactory(owner=cast.lahti, by=cast.bob, reviewer=cast.kaisa, state="approved")
    erase_person(user=cast.bob, by=cast.bob)
    client.force_login(cast.alice)
    page = client.get(reverse("editorial:publication_history", args=[revision.publication_id]))
    assert page.status_code == 200
    assert "A former member of staff" in page.text
    assert "Bob" not in page.text
    assert client.get(reverse("people:person_detail", args=[cast.bob.pk])).status_code == 404


@pytest.mark.parametrize("by", ["alice", "kaisa", "rita", "carlos", "nora"])
def test_nobody_else_erases_a_person(cast, by):
    with pytest.raises(PermissionDenied):
        erase_person(user=cast.bob, by=getattr(cast, by))
    assert User.objects.get(pk=cast.bob.pk).is_active


def test_erasure_happens_once(cast):
    erase_person(user=cast.bob, by=cast.ada)
    with pytest.raises(ValidationError):
        erase_person(user=cast.bob, by=cast.ada)


def test_last_liaison_may_go_and_the_office_is_told(cast):
    erase_person(user=cast.alice, by=cast.alice)
    assert not MemberRole.objects.filter(member=cast.lahti, role="liaison").exists()
    assert [m.user for m in Message.objects.filter(kind="people.left")] == [cast.kaisa]


def test_last_administrator_stays(cast):
    with pytest.raises(ValidationError):
        erase_person(user=cast.ada, by=cast.ada)


@pytest.mark.django_db(transaction=True)
def test_two_last_administrators_who_go_at_once_leave_one(cast):
    other = UserFactory(is_administrator=True)
    raised = raised_at_once(
        lambda: erase_person(user=cast.ada, by=User.objects.get(pk=cast.ada.pk)),
        lambda: erase_person(user=other, by=User.objects.get(pk=other.pk)),
    )
    assert raised == ["ValidationError"]
    assert User.objects.filter(is_administrator=True, is_active=True).count() == 1


def test_person_erases_themselves_after_a_sign_in_of_the_last_minutes(cast, bob):
    with time_machine.travel(timezone.now(), tick=True) as clock:
        client = sign_in(bob)
        Authenticator.objects.filter(user=bob).delete()
        client = sign_in(bob)
        page = reverse("people:own_erasure")
        assert "This is not the address of the account." in client.post(page, {"email": "x@city.example"}).text
        clock.shift(timedelta(minutes=6))
        answer = client.post(page, {"email": bob.email})
        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert User.objects.get(pk=bob.pk).is_active
        done = client.post(answer.headers["Location"], {"password": PASSWORD}, follow=True)
    assert "Your account is erased." in done.text
    assert not User.objects.get(pk=bob.pk).is_active
    assert "_auth_user_id" not in client.session


def test_erased_person_gets_no_mail_and_no_subscription(cast, bob, smtp):
    erase_person(user=bob, by=bob)
    add_missing_subscriptions()
    Sender().run()
    assert not Subscription.objects.filter(user=bob).exists()
    assert "bob@city.example" not in [mail["To"] for mail in smtp.messages]


# The record ----------------------------------------------------------------------------------------------------------


def events():
    return list(PersonalDataEvent.objects.order_by("pk").values_list("who__name", "whose__name", "what", "details"))


def test_seeing_and_changing_somebody_else_is_written_down(client, cast):
    User.objects.update(address_visibility="network")
    client.force_login(cast.carlos)
    client.post(reverse("people:person_address", args=[cast.bob.pk]))
    client.force_login(cast.ada)
    client.get(reverse("people:account_detail", args=[cast.bob.pk]))
    client.get(reverse("admin:accounts_user_change", args=[cast.bob.pk]))
    assert events() == [
        ("Carlos", "Bob", "address_seen", {}), ("Ada", "Bob", "account_seen", {}), ("Ada", "Bob", "account_seen", {}),
    ]  # fmt: skip


def test_change_in_the_support_tool_names_columns_and_no_values(client, cast):
    client.force_login(cast.ada)
    page = reverse("admin:accounts_user_change", args=[cast.bob.pk])
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    for formset in client.get(page).context["inline_admin_formsets"]:
        for one in [formset.formset.management_form, *formset.formset.initial_forms]:
            data |= {one.add_prefix(name): "" if (v := one[name].value()) is None else v for name in one.fields}
    assert client.post(page, data | {"job_title": "Secret job"}).status_code == 302
    assert events()[-1] == ("Ada", "Bob", "changed", {"columns": ["job_title"]})


def test_change_of_roles_in_the_support_tool_is_written_down(client, cast):
    client.force_login(cast.ada)
    page = reverse("admin:accounts_user_change", args=[cast.bob.pk])
    form = client.get(page).context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    for formset in client.get(page).context["inline_admin_formsets"]:
        for one in [formset.formset.management_form, *formset.formset.initial_forms]:
            data |= {one.add_prefix(name): "" if (v := one[name].value()) is None else v for name in one.fields}
    assert client.post(page, data | {"member_roles-0-role": "reader"}).status_code == 302
    assert events()[-1] == ("Ada", "Bob", "changed", {"columns": ["roles"]})


def test_ones_own_is_not_written_down(client, cast):
    client.force_login(cast.ada)
    client.post(reverse("people:person_address", args=[cast.ada.pk]))
    client.get(reverse("people:account_detail", args=[cast.ada.pk]))
    client.get(reverse("people:person_detail", args=[cast.bob.pk]))
    assert events() == []


def test_refused_look_is_not_written_down(client, cast):
    client.force_login(cast.carlos)
    assert client.post(reverse("people:person_address", args=[cast.bob.pk])).status_code == 403
    assert events() == []


def test_liaison_who_opens_a_request_sees_an_address(client, cast):
    from tests.members.test_people import verified

    cast.lahti.email_domains = ["lahti.example"]
    cast.lahti.save()
    ilkka = verified(UserFactory(email="ilkka@lahti.example", name="Ilkka"))
    client.force_login(ilkka)
    client.post(reverse("people:join"), {"member": cast.lahti.pk})
    client.force_login(cast.alice)
    client.get(reverse("people:request_detail", args=[ilkka.join_requests.get().pk]))
    assert events() == [("Alice", "Ilkka", "address_seen", {})]


def tamper(setting, statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL talkoo.retention = '{setting}'")
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_personaldataevent SET what = 'x'", "DELETE FROM accounts_personaldataevent"]
)
def test_record_is_neither_changed_nor_deleted(cast, statement):
    note_personal_data(who=cast.ada, whose=cast.bob, what="account_seen")
    for setting in ("", "on"):
        with pytest.raises(DatabaseError, match="only added to"):
            tamper(setting, statement)
    assert len(events()) == 1


def test_record_is_kept_for_two_years(cast):
    for days in (729, 731):
        with time_machine.travel(timezone.now() - timedelta(days=days)):
            note_personal_data(who=cast.ada, whose=cast.bob, what="account_seen")
    assert keep_retention()["record of personal data"] == 1
    assert len(events()) == 1


def test_record_is_the_administrators(client, cast):
    note_personal_data(who=cast.carlos, whose=cast.bob, what="address_seen")
    client.force_login(cast.ada)
    page = client.get(reverse("people:event_list")).text
    assert "saw the e-mail address" in page
    assert "Personal data" in client.get("/").text
    for person in ("alice", "kaisa", "bob"):
        client.force_login(getattr(cast, person))
        assert client.get(reverse("people:event_list")).status_code == 403


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_record_costs_the_same_for_any_number_of_rows(client, cast, django_assert_num_queries, rows):
    for _ in range(rows):
        note_personal_data(who=cast.carlos, whose=cast.bob, what="address_seen")
    client.force_login(cast.ada)
    with django_assert_num_queries(8):
        client.get(reverse("people:event_list"))


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_account_costs_the_same_for_any_number_of_rows(client, cast, django_assert_num_queries, rows):
    for _ in range(rows):
        note_personal_data(who=cast.carlos, whose=cast.bob, what="address_seen")
        SignIn.objects.create(user=cast.bob, method="password", succeeded=True)
    client.force_login(cast.ada)
    with django_assert_num_queries(14):
        client.get(reverse("people:account_detail", args=[cast.bob.pk]))


def test_administrator_ends_somebodys_sessions(cast, bob, client):
    Authenticator.objects.filter(user=bob).delete()
    theirs = sign_in(bob)
    client.force_login(cast.ada)
    client.post(reverse("people:account_end_sessions", args=[bob.pk]))
    assert theirs.get("/profile/").status_code == 302
    assert events()[-1][:3] == ("Ada", "Bob", "sessions_ended")
