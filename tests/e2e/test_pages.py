"""Every page: no violation that axe finds, nothing wider than the screen, no complaint of the browser."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from config.ops.services import beat
from config.outbox.invariant import check_ledger
from config.outbox.models import Message, Suppression
from config.outbox.suppression import suppress
from exchange.announcements.emails import LEAVE as LEAVE_ANNOUNCEMENTS
from exchange.announcements.planning import plan_announcements
from exchange.announcements.services import schedule_announcement, write_announcement
from exchange.connections.blocks import block_person
from exchange.connections.emails import LEAVE as LEAVE_CONNECTIONS
from exchange.conversations.commenting import reply_to_comment
from exchange.conversations.emails import LEAVE as LEAVE_MESSAGES
from exchange.conversations.gathering import add_file
from exchange.conversations.models import Comment, Group, Thread
from exchange.conversations.reporting import COMMENT
from exchange.digests.alert_emails import LEAVE as LEAVE_ALERTS
from exchange.digests.composing import leave_url
from exchange.digests.models import Subscription
from exchange.digests.muting import less_token
from exchange.digests.services import add_missing_subscriptions
from exchange.exchanges.agreeing import answer_exchange, invite_party
from exchange.exchanges.models import Exchange
from exchange.exchanges.services import FACTS, change_exchange, propose_exchange
from exchange.exchanges.working import add_file as add_file_to_exchange
from exchange.moderation.services import decide_case, report_thing
from exchange.peers.dismissing import dismiss
from exchange.peers.matching import match_all
from exchange.peers.models import Introduction, Notice
from exchange.peers.services import close_notice, open_notice
from members.accounts.models import User
from members.directory.models import Invitation, Member, Office
from members.directory.services import invite_colleague
from members.directory.table_services import upload_members
from members.directory.tokens import invitation_token
from members.fees.models import Invoice
from members.fees.payments import import_statement
from members.joining.models import Application
from members.joining.services import start_application
from members.joining.tokens import application_token, mailed_token
from members.people.join_requests import request_to_join
from practices.editorial.assessing import invite_expert, submit_assessment
from practices.editorial.models import Revision
from practices.editorial.models.assessments import CRITERIA
from practices.editorial.steps import STEPS
from practices.editorial.talking import add_note, add_remark
from practices.library.models import Publication
from practices.search.indexing import embed_documents, unmeant
from practices.search.saving import save_search
from practices.sharing.public import public_path
from practices.sharing.services import show_to_public
from practices.translations.models import Translation
from practices.upkeep.links import links_of
from practices.upkeep.models import Check, LinkCheck
from practices.upkeep.tokens import answer_token
from practices.uptake.models import BookmarkList, Uptake
from tests.e2e.conftest import SEEN_WIDTHS, listen
from tests.exchange.notices import facts, terms
from tests.keys import give_key
from tests.members.joining import STARTED
from tests.members.money import statement
from tests.practices.intake import ROW, checked, uploaded
from tests.uploads import PDF

# Addresses that show no page of ours, each with the reason.
NO_PAGE = {
    "ops:metrics": "figures for machines",
    "outbox:mail_reports": "reports of a mail service",
    "moderation:case_decide": "POST",
    "moderation:case_appeal": "POST",
    "connections:connection_accept": "POST",
    "connections:connection_decline": "POST",
    "connections:connection_withdraw": "POST",
    "connections:connection_remove": "POST",
    "connections:person_unblock": "POST",
    "connections:change_leave": "POST",
    "conversations:publication_follow": "POST",
    "conversations:comment_answer": "POST",
    "conversations:thread_follow": "POST",
    "conversations:group_act": "POST",
    "conversations:group_follow": "POST",
    "conversations:group_person": "POST",
    "conversations:file_add": "POST",
    "conversations:file_download": "the bytes of a file",
    "conversations:file_remove": "POST",
    "conversations:event_file": "a calendar",
    "announcements:announcement_unschedule": "POST",
    "announcements:announcement_stop": "POST",
    "announcements:announcement_test": "POST",
    "announcements:announcement_delete": "POST",
    "announcements:change_leave": "POST",
    "outgoing:message_again": "POST",
    "outgoing:address_open": "POST",
    "accounts:set_language": "POST",
    "fees:invoice_table": "a file",
    "fees:invoice_document": "a PDF",
    "fees:invoice_public": "a PDF",
    "fees:member_bill": "POST",
    "joining:document_download": "the bytes of a file",
    "joining:document": "the bytes of a file",
    "joining:document_remove": "POST",
    "joining:form_document": "a PDF",
    "joining:submit": "POST",
    "joining:withdraw": "POST",
    "accounts:session_end": "POST",
    "accounts:sessions_end_others": "POST",
    "people:person_address": "POST",
    "people:account_end_sessions": "POST",
    "people:account_erase": "POST",
    "people:role_set": "POST",
    "people:role_move": "POST",
    "people:role_remove": "POST",
    "people:request_approve": "POST",
    "people:request_decline": "POST",
    "people:request_withdraw": "POST",
    "people:provider_back": "an organisation leads back to it; tests/members/test_providers.py",
    "directory:invitation_resend": "POST",
    "directory:invitation_withdraw": "POST",
    "library:publication_restore": "POST",
    "search:suggest_publications": "a piece of a page",
    "search:publication_map": "data of a map",
    "library:file_download": "the bytes of a file",
    "directory:member_names": "options of a field",
    "exchanges:party_answer": "POST",
    "exchanges:exchange_start": "POST",
    "exchanges:exchange_take_back": "POST",
    "exchanges:exchange_talk": "POST",
    "exchanges:session_file": "a file for calendars",
    "exchanges:own_calendar": "a feed for calendars",
    "exchanges:task_tick": "POST",
    "exchanges:task_remove": "POST",
    "exchanges:outcome_remove": "POST",
    "exchanges:file_download": "the bytes of a file",
    "exchanges:outcome_tick": "POST",
    "exchanges:figures_table": "a file",
    "peers:notice_close": "POST",
    "peers:take_back": "POST",
    "peers:introduction_answer": "POST",
    "peers:introduction_withdraw": "POST",
    "uptake:bookmark_remove": "POST",
    "editorial:publication_revise": "POST",
    "editorial:project_continue": "POST",
    "editorial:version_restore": "POST",
    "editorial:revision_presence": "POST",
    "translations:translation_approve": "POST",
    "editorial:revision_submit": "POST",
    "editorial:revision_withdraw": "POST",
    "editorial:revision_take": "POST",
    "editorial:revision_give_back": "POST",
    "editorial:revision_assign": "POST",
    "editorial:note_add": "POST",
    "editorial:remark_add": "POST",
    "editorial:expert_invite": "POST",
    "editorial:publication_recommend": "POST",
    "editorial:recommendation_take_back": "POST",
    "editorial:publication_verify": "POST",
    "editorial:verification_take_back": "POST",
    "editorial:publication_note_add": "POST",
    "editorial:assessment_withdraw": "POST",
    "translations:translation_send_back": "POST",
    "intake:batch_template": "a file",
    "intake:batch_check": "POST",
    "intake:batch_import": "POST",
    "intake:batch_abandon": "POST",
    "sharing:publication_table": "a file",
    "directory:member_table": "a file",
    "directory:member_map": "data of a map",
    "directory:table_apply": "POST",
    "directory:member_logo": "the bytes of a picture",
    "uptake:list_table": "a file",
    "uptake:publication_table": "a file",
    "uptake:member_table": "a file",
    "sharing:publication_sheet": "a PDF",
    "sharing:publication_data": "data for machines",
    "sharing:public_feed": "a feed",
    "sharing:own_feed": "a feed",
    "sharing:search_feed": "a feed",
    "search:saved_delete": "POST",
    "sharing:robots": "a text for machines",
    "sharing:sitemap": "a list for machines",
    "upkeep:publication_confirm": "POST",
    "digests:send_now": "POST",
    "digests:mute_remove": "POST",
}
AXE = Axe().axe_script
SHARES = 4  # the pages are looked at by as many tests, which may run at once
COLOURS = ("color-contrast", "link-in-text-block")  # the rules that a dark page may break where a light one does not
ADA, AINO, ELENA, INES, JONAS, KAISA, LUCIA, MIKKO = (
    f"{name}.example"
    for name in (
        "ada@network", "aino@joensuu", "elena@bitola", "ines@network", "jonas@network", "kaisa@network",
        "lucia@pontevedra", "mikko@lahti",
    )
)  # fmt: skip


@pytest.fixture
def addresses(network, practice):
    """Return (name, whose eyes, path) of every page."""
    add_missing_subscriptions()
    beat("planner")
    beat("sender")
    check_ledger()
    key = _second_factors(User.objects.get(email=INES))
    joensuu = Member.objects.get(slug="joensuu")
    aino = joensuu.roles.get().user
    invite_colleague(member=joensuu, email="new@joensuu.example", role="reader", language="fi", by=aino)
    asking = _asks_to_join(joensuu)
    draft = Revision.objects.get(state="draft").pk
    change, new = Revision.objects.filter(state="submitted").order_by("pk")
    adapted, considered, dropped = Uptake.objects.select_related("publication").order_by("pk")
    kept = BookmarkList.objects.get()
    saved = save_search(query="topic=water", values={"name": "Water", "cadence": "daily"}, by=aino)
    translated = Translation.objects.get().publication
    asked, assessed = _assessments(practice)
    add_note(publication=change.publication, revision=change, text="Is this **new**?", by=User.objects.get(email=KAISA))
    add_remark(revision=change, text="Where is the *report*?", by=User.objects.get(email=KAISA))
    batches = [
        uploaded([ROW], by=aino, owner=joensuu),
        checked([ROW], by=aino, owner=joensuu),
        checked([ROW | {"topics": "foods"}], by=aino, owner=joensuu),
    ]
    rows = "slug,name,kind,country\njoensuu,Joensuu!,city,FI\n,Kemi,town,FI\n,Bad,none,FI\n,القاهرة,city,EG\n"
    members = upload_members(upload=SimpleUploadedFile("m.csv", rows.encode()), by=User.objects.get(email=ADA))
    mikko = User.objects.get(email=MIKKO)
    shown = Publication.objects.editable_by(mikko).published().order_by("pk")[0]
    show_to_public(publication=shown, by=mikko)
    announced, sent = _announcements()
    invoice, payment = _invoice_and_payment()
    applied = Application.objects.get(name="Kajaanin kaupunki")
    begun = start_application(language="mk", **STARTED | {"name": "Општина Охрид", "country": "MK"})
    secret = application_token(begun)
    embed_documents(unmeant())
    match_all()
    ask, closed = _asks(aino)
    introduction = Introduction.objects.get()
    written = Message.objects.get(kind="directory.invitation", recipient="new@joensuu.example")
    token = invitation_token(Invitation.objects.get())
    left = leave_url(Subscription.objects.get(user=aino)).removeprefix(network.url)
    return [
        ("home:home", AINO, "/"),
        ("home:home", KAISA, "/"),
        ("accounts:profile", ELENA, "/profile/"),
        ("accounts:sessions", ELENA, "/profile/sessions/"),
        ("people:provider_find", "", "/sign-in/"),
        ("people:person_detail", KAISA, f"/people/{aino.pk}/"),
        ("people:role_detail", AINO, f"/roles/{aino.member_roles.get().pk}/"),
        ("people:role_detail", KAISA, f"/roles/{aino.member_roles.get().pk}/"),
        ("people:own_data", AINO, "/profile/data/"),
        ("people:own_erasure", AINO, "/profile/erase/"),
        ("people:account_detail", ADA, f"/people/{aino.pk}/account/"),
        ("people:event_list", ADA, "/personal-data/"),
        ("people:join", AINO, "/join/"),
        ("people:join", JONAS, "/join/"),
        ("people:request_detail", AINO, f"/join/{asking.pk}/"),
        ("directory:member_detail", AINO, "/members/joensuu/"),
        ("mfa_index", ELENA, "/accounts/second-factor/"),
        ("mfa_index", INES, "/accounts/second-factor/"),
        ("mfa_activate_totp", ELENA, "/accounts/second-factor/totp/activate/"),
        ("mfa_add_webauthn", ELENA, "/accounts/second-factor/webauthn/add/"),
        ("mfa_list_webauthn", INES, "/accounts/second-factor/webauthn/"),
        ("mfa_edit_webauthn", INES, f"/accounts/second-factor/webauthn/keys/{key.pk}/edit/"),
        ("mfa_remove_webauthn", INES, f"/accounts/second-factor/webauthn/keys/{key.pk}/remove/"),
        ("mfa_view_recovery_codes", INES, "/accounts/second-factor/recovery-codes/"),
        ("mfa_generate_recovery_codes", INES, "/accounts/second-factor/recovery-codes/generate/"),
        ("mfa_reauthenticate", INES, "/accounts/second-factor/reauthenticate/"),
        ("mfa_reauthenticate_webauthn", INES, "/accounts/second-factor/webauthn/reauthenticate/"),
        ("directory:member_list", AINO, "/members/"),
        ("directory:member_list", AINO, "/members/?view=map&country=FI&m=lahti&m=joensuu"),
        ("directory:member_list", AINO, "/members/?q=nothing+like+it"),
        ("directory:member_compare", AINO, "/members/compare/?m=joensuu&m=bitola&m=lahti&m=nobody"),
        ("directory:member_compare", AINO, "/members/compare/"),
        ("directory:member_detail", AINO, "/members/joensuu/"),
        ("directory:member_detail", AINO, "/members/kuntaliitto/"),
        ("directory:member_edit", AINO, "/members/joensuu/edit/"),
        ("directory:member_contacts", AINO, "/members/joensuu/contacts/"),
        ("directory:invite", AINO, "/members/joensuu/invite/"),
        ("directory:member_merge", ADA, "/members/joensuu/merge/"),
        ("directory:table_create", ADA, "/members/import/"),
        ("directory:table_detail", ADA, members.get_absolute_url()),
        ("directory:office_detail", AINO, "/offices/finland/"),
        ("directory:office_detail", KAISA, "/offices/finland/"),
        ("directory:invitation_accept", "", f"/invitations/{token}/"),
        ("fees:invoice_list", JONAS, "/fees/"),
        ("fees:invoice_list", KAISA, "/fees/?state=overdue"),
        ("fees:invoice_detail", JONAS, invoice.get_absolute_url()),
        ("fees:invoice_credit", JONAS, f"{invoice.get_absolute_url()}credit/"),
        ("fees:price_list", ADA, "/fees/prices/"),
        ("fees:schedule_add", ADA, "/fees/prices/schedules/add/"),
        ("fees:schedule_edit", ADA, f"/fees/prices/schedules/{invoice.term.schedule_id}/"),
        ("fees:issuer_add", ADA, "/fees/prices/issuers/add/"),
        ("fees:issuer_edit", ADA, f"/fees/prices/issuers/{invoice.office.issuer.pk}/"),
        ("fees:bank", JONAS, "/fees/bank/"),
        ("fees:payment_match", JONAS, f"/fees/payments/{payment.pk}/"),
        ("fees:member_fees", AINO, "/members/joensuu/fees/"),
        ("joining:start", "", "/apply/"),
        ("joining:mailed", "", f"/apply/mail/{mailed_token(begun)}/"),
        ("joining:overview", "", f"/apply/{secret}/"),
        ("joining:overview", "", f"/apply/{application_token(applied)}/"),
        ("joining:step", "", f"/apply/{secret}/municipality/"),
        ("joining:step", "", f"/apply/{secret}/contacts/"),
        ("joining:documents", "", f"/apply/{secret}/documents/"),
        ("joining:application_list", KAISA, "/applications/"),
        ("joining:application_list", JONAS, "/applications/"),
        ("joining:application_detail", KAISA, applied.get_absolute_url()),
        ("announcements:announcement_list", KAISA, "/announcements/"),
        ("announcements:announcement_list", JONAS, "/announcements/"),
        ("announcements:announcement_create", KAISA, "/announcements/new/"),
        ("announcements:announcement_edit", KAISA, f"/announcements/{announced.pk}/edit/"),
        ("announcements:announcement_detail", KAISA, f"/announcements/{announced.pk}/"),
        ("announcements:announcement_detail", KAISA, f"/announcements/{sent.pk}/"),
        ("announcements:announcement_preview", KAISA, f"/announcements/{announced.pk}/preview/{aino.pk}/"),
        ("announcements:leave", "", f"/announcements/leave/{LEAVE_ANNOUNCEMENTS.sign(str(aino.pk))}/"),
        *_talk_pages(aino),
        ("ops:health", "", "/ops/health"),
        ("outgoing:message_list", KAISA, "/mail/"),
        ("outgoing:message_list", KAISA, "/mail/?q=nobody"),
        ("outgoing:message_detail", KAISA, f"/mail/{written.pk}/"),
        ("outgoing:message_preview", KAISA, f"/mail/{written.pk}/preview/"),
        ("search:publication_list", AINO, "/publications/?topic=water"),
        ("search:publication_list", AINO, "/publications/?view=map&topic=water"),
        ("search:publication_list", ELENA, "/publications/?q=nothing+like+it"),
        ("search:saved_list", ELENA, "/searches/"),
        ("search:saved_list", AINO, "/searches/"),
        ("search:saved_new", AINO, "/searches/new/?topic=water&q=school"),
        ("search:saved_edit", AINO, f"/searches/{saved.pk}/"),
        ("library:publication_detail", AINO, practice.get_absolute_url()),
        ("library:publication_archive", JONAS, f"{practice.get_absolute_url()}archive/"),
        ("editorial:my_work", ELENA, "/write/"),
        ("editorial:publication_create", AINO, "/write/new/"),
        *(("editorial:revision_edit", ELENA, f"/revisions/{draft}/{step}/") for step in STEPS),
        ("editorial:revision_edit", MIKKO, f"/revisions/{change.pk}/"),
        ("editorial:publication_history", AINO, f"{practice.get_absolute_url()}history/"),
        ("editorial:publication_history", AINO, f"{change.publication.get_absolute_url()}history/"),
        ("editorial:publication_version", AINO, f"{translated.get_absolute_url()}history/1/"),
        ("editorial:publication_assign", MIKKO, f"{change.publication.get_absolute_url()}responsible/"),
        ("translations:translation_begin", AINO, f"{practice.get_absolute_url()}translations/"),
        ("translations:translation_edit", AINO, f"{practice.get_absolute_url()}translations/sv/"),
        ("library:publication_detail", AINO, f"{translated.get_absolute_url()}?lang=en"),
        ("editorial:queue", KAISA, "/review/"),
        ("editorial:queue", ADA, "/review/?what=change"),
        ("editorial:revision_hand_over", KAISA, f"/revisions/{new.pk}/hand-over/"),
        ("editorial:my_assessments", INES, "/assessments/"),
        ("editorial:assessment", INES, f"/assessments/{asked.pk}/"),
        ("editorial:assessment", JONAS, f"/assessments/{assessed.pk}/"),
        ("editorial:assessment_decline", INES, f"/assessments/{asked.pk}/decline/"),
        ("editorial:publication_trust", JONAS, f"{practice.get_absolute_url()}trust/"),
        ("editorial:revision_review", KAISA, f"/revisions/{change.pk}/review/"),
        ("editorial:revision_review", KAISA, f"/revisions/{new.pk}/review/"),
        ("library:publication_detail", AINO, dropped.publication.get_absolute_url()),
        ("directory:member_detail", AINO, "/members/bitola/"),
        ("intake:batch_list", AINO, "/imports/"),
        ("intake:batch_list", ELENA, "/imports/"),
        ("intake:batch_create", AINO, "/imports/new/"),
        *(("intake:batch_detail", AINO, batch.get_absolute_url()) for batch in batches),
        *_exchange_pages(),
        ("peers:home", AINO, "/peers/"),
        ("peers:home", KAISA, "/peers/"),
        ("peers:ask_list", AINO, "/asks/"),
        ("peers:ask_list", KAISA, "/asks/?q=nothing+like+it&country=AQ"),
        ("peers:ask_list", AINO, "/asks/?q=hulevesi"),
        ("peers:offer_list", ELENA, "/offers/?topic=energy&sort=ending"),
        ("peers:ask_create", AINO, f"/asks/new/?publication={practice.pk}"),
        ("peers:offer_create", ELENA, "/offers/new/"),
        ("peers:notice_detail", AINO, ask.get_absolute_url()),
        ("peers:notice_detail", KAISA, ask.get_absolute_url()),
        ("peers:notice_detail", ELENA, ask.get_absolute_url()),
        ("peers:notice_detail", AINO, closed.get_absolute_url()),
        ("peers:notice_edit", AINO, f"{ask.get_absolute_url()}edit/"),
        ("peers:notice_reopen", AINO, f"{closed.get_absolute_url()}reopen/"),
        ("peers:dismissed", AINO, "/peers/joensuu/not-for-us/"),
        ("peers:dismiss", AINO, f"/peers/joensuu/not-for-us/member/{practice.owner_member_id}/"),
        ("peers:desk", KAISA, "/demand/"),
        ("peers:desk", JONAS, "/demand/?without=1"),
        ("peers:supply", KAISA, "/demand/topics/"),
        ("peers:introduction_create", KAISA, f"/introductions/new/?notice={ask.pk}"),
        ("peers:introduction_list", KAISA, "/introductions/"),
        ("peers:introduction_list", ELENA, "/introductions/"),
        ("peers:introduction_detail", AINO, introduction.get_absolute_url()),
        ("peers:introduction_detail", KAISA, introduction.get_absolute_url()),
        ("uptake:my_uptake", AINO, "/uptake/"),
        ("uptake:my_uptake", ELENA, "/uptake/"),
        ("uptake:publication_uptake", AINO, f"{practice.get_absolute_url()}uptake/"),
        ("uptake:member_uptake", AINO, "/members/bitola/uptake/"),
        ("uptake:uptake_record", AINO, f"{practice.get_absolute_url()}uptake/new/"),
        ("uptake:uptake_edit", ELENA, f"/uptake/{adapted.pk}/"),
        ("uptake:uptake_confirm", AINO, f"/uptake/{considered.pk}/confirm/"),
        ("uptake:list_index", AINO, "/saved/"),
        ("uptake:list_index", ELENA, "/saved/"),
        ("uptake:list_detail", AINO, kept.get_absolute_url()),
        ("uptake:list_change", AINO, f"{kept.get_absolute_url()}change/"),
        ("uptake:list_delete", AINO, f"{kept.get_absolute_url()}delete/"),
        ("uptake:bookmark_save", AINO, f"{practice.get_absolute_url()}save/"),
        ("sharing:member_export", AINO, "/members/joensuu/export/"),
        ("sharing:publication_public", "lucia@pontevedra.example", f"{practice.get_absolute_url()}public/"),
        ("sharing:publication_public", MIKKO, f"{shown.get_absolute_url()}public/"),
        ("sharing:public_list", "", "/public/"),
        ("sharing:public_list", AINO, "/public/?pathway=circular"),
        ("sharing:public_detail", "", public_path(shown)),
        ("library:publication_detail", LUCIA, practice.get_absolute_url()),
        ("editorial:my_work", LUCIA, "/write/"),
        *(("upkeep:check_answer", "", path) for path in _answer_pages(practice)),
        ("upkeep:check_answer", "", "/still-true/forged/"),
        ("digests:subscription", ELENA, "/digest/"),
        ("digests:preview", ELENA, "/digest/preview/"),
        ("digests:unsubscribe", "", left[left.index("/digest/") :]),
        ("digests:alerts_stop", "", f"/searches/stop/{LEAVE_ALERTS.sign(str(saved.pk))}/"),
        ("digests:less", "", f"/digest/less/{less_token(Subscription.objects.get(user=aino).pk, practice.pk)}/"),
        ("account_login", "", "/accounts/login/"),
        ("account_reset_password", "", "/accounts/password/reset/"),
        ("account_change_password", AINO, "/accounts/password/change/"),
        ("account_email", AINO, "/accounts/email/"),
        ("not found", AINO, "/nowhere/"),
    ]


def _asks(aino):
    """Return the demo's ask of Joensuu, and one that is closed; Aino does not want to see Pori."""
    ask = Notice.objects.get(member__slug="joensuu", kind="ask", state="open")
    closed = open_notice(kind="ask", member=ask.member, facts=facts(), **terms(), by=aino)
    close_notice(notice=closed, by=aino)
    dismiss(member=ask.member, target=Member.objects.get(name_en="Pori"), reason="known", note="We meet.", by=aino)
    return ask, closed


def _changing(like, member, by, answers):
    """Return an exchange as another one, agreed by two members and then changed by the first, so that the second is asked."""
    facts = {name: getattr(like, name) for name in FACTS} | {"title": "A visit that moves"}
    partner = answers.member_roles.get().member
    made = propose_exchange(member=member, partners=[partner], gives=False, format_=like.format, facts=facts, by=by)
    party = made.parties.get(member=partner)
    agreed = answer_exchange(party=party, agrees=True, edition=1, by=answers)
    return change_exchange(exchange=agreed, format_=like.format, facts={"costs": "host"}, edition=1, by=by)


def _exchange_pages():
    """Yield the pages of the demo's three exchanges: one that is over, one that runs, one that waits for Aino."""
    visit, mentoring, waiting = Exchange.objects.order_by("pk")
    here, goran = waiting.get_absolute_url(), "goran@strumica.example"
    party = waiting.parties.get(state="invited")
    more = invite_party(exchange=waiting, member=Member.objects.get(name_en="Bitola"), by=waiting.proposed_by)
    asker = waiting.parties.get(state="agreed")
    changing = _changing(waiting, asker.member, waiting.proposed_by, party.person)
    yield from (("exchanges:exchange_list", who, "/exchanges/") for who in (AINO, KAISA, INES))
    yield "exchanges:exchange_create", AINO, "/exchanges/new/?member=bitola"
    yield (
        "exchanges:exchange_create",
        AINO,
        f"/exchanges/new/?notice={Notice.objects.filter(kind='ask', state='open')[0].pk}",
    )
    yield "exchanges:exchange_detail", AINO, here
    yield "exchanges:exchange_detail", KAISA, here
    yield "exchanges:exchange_detail", ELENA, visit.get_absolute_url()
    yield "exchanges:exchange_detail", goran, mentoring.get_absolute_url()
    yield from (("exchanges:exchange_detail", who, changing.get_absolute_url()) for who in (MIKKO, AINO, KAISA))
    yield "exchanges:exchange_edit", MIKKO, f"{here}edit/"
    yield "exchanges:party_leave", MIKKO, f"/exchanges/parties/{asker.pk}/leave/"
    yield "exchanges:party_leave_out", MIKKO, f"/exchanges/parties/{more.pk}/leave-out/"
    yield "exchanges:exchange_detail", MIKKO, here
    yield "exchanges:exchange_cancel", KAISA, f"{here}cancel/"
    yield "exchanges:party_invite", MIKKO, f"{here}invite/"
    yield "exchanges:agenda", ELENA, f"{visit.get_absolute_url()}agenda/"
    yield "exchanges:exchange_report", goran, f"{mentoring.get_absolute_url()}report/"
    yield "exchanges:outcome_add", goran, f"{mentoring.get_absolute_url()}outcomes/new/"
    yield "exchanges:party_people", AINO, f"/exchanges/parties/{party.pk}/people/"
    yield "exchanges:feedback", ELENA, f"/exchanges/parties/{visit.parties.get(member__slug='bitola').pk}/feedback/"
    yield "exchanges:session_add", MIKKO, f"{here}sessions/new/"
    yield "exchanges:session_edit", goran, f"/exchanges/sessions/{mentoring.sessions.all()[0].pk}/edit/"
    yield "exchanges:session_cancel", goran, f"/exchanges/sessions/{mentoring.sessions.all()[0].pk}/cancel/"
    yield "exchanges:task_edit", goran, f"/exchanges/tasks/{mentoring.tasks.all()[0].pk}/edit/"
    yield "exchanges:outcome_edit", ELENA, f"/exchanges/outcomes/{visit.outcomes.all()[0].pk}/edit/"
    yield "exchanges:note_remove", ELENA, f"/exchanges/notes/{visit.notes.all()[0].pk}/remove/"
    upload = SimpleUploadedFile("plan.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    file = add_file_to_exchange(exchange=visit, upload=upload, by=User.objects.get(email=ELENA))
    yield "exchanges:file_remove", ELENA, f"/exchanges/files/{file.pk}/remove/"
    for name, path in (("task_add", "tasks"), ("note_add", "notes"), ("file_add", "files")):
        yield f"exchanges:{name}", AINO, f"{here}{path}/new/"
    yield "exchanges:figures", KAISA, "/exchanges/figures/"
    yield "exchanges:figures", ADA, "/exchanges/figures/"


def _invoice_and_payment():
    """Return the demo's invoice, and a payment of which nobody knows."""
    invoice = Invoice.objects.get()
    data = statement(("A1", "600.00", "2026-01-02", "Lahden kaupunki", ["Membership"]))
    jonas = User.objects.get(email=JONAS)
    done = import_statement(upload=SimpleUploadedFile("statement.xml", data), by=jonas)
    return invoice, done.unmatched[0]


def _asks_to_join(member):
    """Let somebody with an address of `member` ask; Jonas may then ask it too."""
    Member.objects.filter(pk=member.pk).update(email_domains=["joensuu.example", "network.example"])
    member.refresh_from_db()
    newcomer = User.objects.create_user("ilkka@joensuu.example", name="Ilkka Korhonen", language="fi")
    for one in (newcomer, User.objects.get(email=JONAS)):
        EmailAddress.objects.update_or_create(user=one, email=one.email, defaults={"verified": True, "primary": True})
    return request_to_join(member=member, leaves=None, by=newcomer)


def _second_factors(user):
    """Give somebody an app, a key and recovery codes, as far as pages show them; return the key."""
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(user)
    return give_key(user)


def _announcements():
    """Return a draft of the Finnish office, and one of which some messages are queued."""
    kaisa = User.objects.get(email=KAISA)
    said = {"en": ("A meeting in Lahti", "Come to **Lahti**.\n\n- By train\n- By bicycle"), "fi": ("Kokous", "Tule.")}
    values = {"office": Office.objects.get(slug="finland"), "topic": None, "is_important": False, "texts": said}
    draft, other = (write_announcement(values=values, by=kaisa) for _ in range(2))
    schedule_announcement(announcement=other, at=None, edition=1, by=kaisa)
    plan_announcements()
    return draft, other


def _talk_pages(aino):
    """Return the pages of what people write to each other, and of what was reported."""
    lucia, tom, ada = (User.objects.get(email=email) for email in (LUCIA, "tom@melbourne.example", ADA))
    comment = Comment.objects.get(by=tom)
    own = reply_to_comment(comment=comment.parent, text="I *see*.", language="en", by=aino)
    case = report_thing(reportable=COMMENT, thing=comment, reason="Not **polite**.", by=aino)
    hidden = report_thing(reportable=COMMENT, thing=own, reason="Not polite.", by=lucia)
    decide_case(case=hidden, verdict="hide", reason="Not here.", by=ada)
    question = Comment.objects.get(by=aino, parent=None)
    thread, group = Thread.objects.get(group=None), Group.objects.get(admission="open")
    asked = Group.objects.get(admission="request")
    add_file(group=group, upload=SimpleUploadedFile("plan.pdf", PDF), by=lucia)
    block_person(person=tom, by=aino)
    talk = comment.publication.get_absolute_url() + "talk/"
    return [
        ("moderation:queue", ADA, "/reports/"),
        ("moderation:case_detail", ADA, case.get_absolute_url()),
        ("moderation:case_detail", AINO, hidden.get_absolute_url()),
        ("moderation:report_create", LUCIA, f"/report/comment/{question.pk}/"),
        ("connections:connection_list", AINO, "/connections/"),
        ("connections:connection_list", MIKKO, "/connections/"),
        ("connections:request_create", MIKKO, f"/people/{aino.pk}/connect/"),
        ("connections:person_block", MIKKO, f"/people/{aino.pk}/block/"),
        ("connections:leave", "", f"/connections/leave/{LEAVE_CONNECTIONS.sign(str(aino.pk))}/"),
        ("people:person_detail", LUCIA, f"/people/{aino.pk}/"),
        ("conversations:publication_talk", AINO, talk),
        ("conversations:publication_talk", LUCIA, talk),
        ("library:publication_detail", AINO, comment.publication.get_absolute_url()),
        ("conversations:comment_reply", LUCIA, f"/comments/{question.pk}/reply/"),
        ("conversations:comment_edit", AINO, f"/comments/{question.pk}/edit/"),
        ("conversations:comment_delete", AINO, f"/comments/{question.pk}/delete/"),
        ("conversations:thread_list", AINO, "/messages/"),
        ("conversations:thread_list", MIKKO, "/messages/"),
        ("conversations:thread_create", AINO, f"/messages/new/?to={lucia.pk}"),
        ("conversations:thread_create", MIKKO, "/messages/new/"),
        ("conversations:thread_detail", AINO, thread.get_absolute_url()),
        ("conversations:thread_detail", AINO, group.threads.get().get_absolute_url()),
        ("conversations:thread_leave", AINO, f"{thread.get_absolute_url()}leave/"),
        ("conversations:group_list", AINO, "/groups/"),
        ("conversations:group_create", AINO, "/groups/new/"),
        ("conversations:group_detail", LUCIA, group.get_absolute_url()),
        ("conversations:group_detail", KAISA, asked.get_absolute_url()),
        ("conversations:group_detail", LUCIA, asked.get_absolute_url()),
        ("conversations:group_edit", KAISA, f"{asked.get_absolute_url()}edit/"),
        ("conversations:group_people", KAISA, f"{asked.get_absolute_url()}people/"),
        ("conversations:group_people", AINO, f"{group.get_absolute_url()}people/"),
        ("conversations:group_meetings", AINO, f"{group.get_absolute_url()}events/"),
        ("conversations:group_leave", AINO, f"{group.get_absolute_url()}leave/"),
        ("conversations:discussion_create", AINO, f"{group.get_absolute_url()}discuss/"),
        ("conversations:event_create", AINO, f"{group.get_absolute_url()}events/new/"),
        ("conversations:event_edit", LUCIA, f"/groups/events/{group.events.get().pk}/"),
        ("conversations:event_cancel", LUCIA, f"/groups/events/{group.events.get().pk}/cancel/"),
        ("conversations:delivery", AINO, "/messages/settings/"),
        ("conversations:leave", "", f"/messages/stop/{LEAVE_MESSAGES.sign(f'{aino.pk}.threads')}/"),
    ]


def _assessments(practice):
    """Return an assessment that Inês is asked for, and one that she has submitted for the same practice."""
    ines, jonas = (User.objects.get(email=email) for email in (INES, JONAS))
    answers = dict.fromkeys(CRITERIA, 3) | {f"{code}_comment": "Clear *and* useful." for code in CRITERIA}
    found = []
    for _ in range(2):
        one = invite_expert(publication=practice, expert=ines, note="Is it **new**?", by=jonas)
        found.append(one)
        if len(found) == 1:
            submit_assessment(assessment=one, answers=answers, version=practice.version, by=ines)
    return found[1], found[0]


def _answer_pages(publication):
    """Return the paths of the links that a question about a publication has, which lapsed unanswered."""
    ago = timezone.now() - timedelta(days=500)
    Publication.objects.filter(pk=publication.pk).update(confirmed_at=ago, unconfirmed_at=timezone.now())
    check = Check.objects.create(publication=publication, confirmed_at=ago, asked_at=ago + timedelta(days=365))
    for link in links_of(publication)[:1]:
        LinkCheck.objects.create(
            publication=publication, url=link, status="broken", failures=2, checked_at=ago, first_broken_at=ago
        )
    suppress(address="calles@pontevedra.example", scope=Suppression.Scope.ALL, reason="bounce")
    Publication.objects.filter(pk=publication.pk).update(contact_email="calles@pontevedra.example")
    for answer in Check.Answer:
        yield reverse("upkeep:check_answer", args=[answer_token(check, answer, "calles@pontevedra.example")])


def test_every_page_is_looked_at(addresses):
    seen = {name for name, _, _ in addresses}
    assert _names_of_our_pages() == (seen | set(NO_PAGE)) & _names_of_our_pages()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("share", range(SHARES))
def test_pages_are_accessible_and_fit(network, addresses, browser, share):
    complaints = []
    for device, viewport in SEEN_WIDTHS.items():
        contexts = {}  # each reader's, so that what all pages share comes from the browser's cache
        for _name, who, path in addresses[share::SHARES]:
            is_framed = "preview" in path  # in the sandbox of the e-mail's preview no script runs, axe neither
            if (who, is_framed) not in contexts:
                made = browser.new_context(viewport=viewport, reduced_motion="reduce", bypass_csp=is_framed)
                contexts[who, is_framed] = made
                if who:
                    network.sign_in(made, who)
            page = contexts[who, is_framed].new_page()
            heard = listen(page)
            page.goto(network.url + path)
            page.evaluate(AXE)
            complaints += [f"{path} {device} light: {one}" for one in _violations(page)]
            page.emulate_media(color_scheme="dark")
            complaints += [f"{path} {device} dark: {one}" for one in _violations(page, COLOURS)]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                complaints.append(f"{path} {device}: {wide} px too wide")
            complaints += [f"{path} {device}: {one}" for one in heard if "404" not in one]
            page.close()
        for context in contexts.values():
            context.close()
    assert complaints == []


def _violations(page, rules=()):
    """Return what axe, which is in the page already, finds by all its rules or by some."""
    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    options = {"iframes": False, "resultTypes": ["violations"]} | only
    for one in page.evaluate("options => axe.run(document, options)", options)["violations"]:
        yield f"{one['id']} {one['nodes'][0]['html'][:300]} {one['nodes'][0]['failureSummary'][:300]}"


def _names_of_our_pages(resolver=None, prefix=""):
    """Return the names of every address of our rooms."""
    names = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            if prefix and entry.name:
                names.add(prefix + entry.name)
        elif entry.app_name in {"", None}:
            names |= _names_of_our_pages(entry, prefix)
        elif entry.app_name != "admin":
            names |= _names_of_our_pages(entry, f"{entry.app_name}:")
    return names
