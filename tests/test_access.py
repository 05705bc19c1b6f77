"""Who may open and do what: every named address, for everybody of the cast, with the answer written out.

A stranger gets 404, somebody who may see but not act 403, somebody who is not signed in the sign-in page (302), or for
a fragment 401.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from config.files.detection import DOCUMENTS, IMAGES
from config.files.services import store_upload
from config.ops.services import beat
from config.outbox.invariant import check_ledger
from config.outbox.models import Message
from config.vocabulary.models import Topic
from exchange.announcements.emails import LEAVE as LEAVE_ANNOUNCEMENTS
from exchange.announcements.services import write_announcement
from exchange.connections.blocks import block_person
from exchange.connections.emails import LEAVE as LEAVE_CONNECTIONS
from exchange.connections.services import accept_request, request_connection
from exchange.conversations.commenting import add_comment, reply_to_comment
from exchange.conversations.emails import LEAVE as LEAVE_MESSAGES
from exchange.conversations.gathering import add_file, save_event
from exchange.conversations.grouping import found_group
from exchange.conversations.messaging import begin_thread
from exchange.digests.alert_emails import LEAVE as LEAVE_ALERTS
from exchange.digests.composing import LEAVE
from exchange.digests.models import Mute
from exchange.digests.muting import less_token
from exchange.digests.services import add_missing_subscriptions, get_subscription
from exchange.exchanges import working
from exchange.exchanges.agreeing import invite_party
from exchange.exchanges.outcomes import add_outcome
from exchange.moderation.models import Silence
from exchange.moderation.services import decide_case, report_thing
from exchange.moderation.silences import PERSON
from exchange.peers.dismissing import dismiss
from exchange.peers.introducing import introduce_members
from exchange.peers.services import close_notice
from members.directory.models import Member
from members.directory.services import invite_colleague
from members.directory.table_services import upload_members
from members.directory.tokens import invitation_token
from members.fees.tokens import invoice_token
from members.joining.tokens import application_token, mailed_token
from members.people.join_requests import request_to_join
from practices.editorial.assessing import invite_expert
from practices.editorial.desk import hand_over_revision
from practices.editorial.services import (
    begin_publication,
    decide_revision,
    save_revision,
    submit_revision,
    take_revision,
)
from practices.intake.services import check_batch
from practices.library.models import File, Photo, Publication
from practices.library.services import archive_publication
from practices.search.saving import save_search
from practices.sharing.feeds import feed_token
from practices.translations.services import save_translation
from practices.upkeep.models import Check
from practices.upkeep.tokens import answer_token
from practices.uptake.bookmarks import change_list, make_list, save_bookmark
from practices.uptake.services import decline_uptake, record_uptake
from tests import snapshots
from tests.exchange.exchanging import day, led_to, propose
from tests.exchange.notices import facts, notice, terms
from tests.factories import MemberFactory, MemberRoleFactory, UserFactory
from tests.keys import give_key
from tests.members.joining import STARTED
from tests.members.joining import application as begin_application
from tests.members.money import owing
from tests.practices.intake import ROW, Table, uploaded
from tests.uploads import PDF, photo, upload

PEOPLE = ("anonymous", "rita", "bob", "alice", "carlos", "xavier", "kaisa", "eva", "ada", "nora")

# The things are all of Lahti, whose office is Finland: `published`, `archived` and two that nobody reads yet,
# `unpublished` with the revision `draft` and `handed_in` with the revision `submitted`; Kaisa reviews `taken` and has
# given `handed_over` to Eva's office; Xavier is asked for the `assessment` of one more. `invitation` is open and for
# somebody without an account, `message` the mail that carries it, `subscription` is Rita's digest. `shown_file`, `public_file` and `archived_file` are in
# a photo row of a publication that is so; `draft_file` is of `published`, but nothing points to it; `handed_file` is
# a photo that `handed_over` names. `uptake` is
# Pontevedra's of another publication of Lahti, `declined` one that Lahti declined; `public_page` is of a public one,
# `inside_page` of `published`, `own_food` is the secret address of Rita's feed; `list` is Alice's, shared with Lahti,
# with `bookmark`; `private` is not. `saved` is a search of Rita's. `invoice` is Lahti's, issued by Europe, `payment` one that nobody knows, `begun` an
# application to Finland that is being filled in, `application` one that waits there. `ask` and `closed_ask` are Bob's; Kaisa has proposed Pontevedra to Lahti: `introduction`.
# `announcement` is a draft of Finland's. `batch` is a table of Alice's for Lahti that is checked.
# Carlos has reported Bob (`case`) and Rita (`hidden_case`); Eva has asked Bob (`connection`) and is `connected` with Alice; Rita has
# blocked Carlos. `comment` is a question of Carlos on `published`, with Rita's `reply`; `thread` is Eva's with Alice;
# `group` and `closed_group` are Alice's, with `group_file` and `event`. `exchange` is a
# running one of Lahti with a member of its own office, so that Carlos and Eva are strangers to it; `done_party` is
# Lahti’s in one that is completed, `network` in one of three, of which `network_third` has not answered. POSTs carry what is in FORMS.
TABLE = """
address                             of            act   anon rita  bob alice carl xavi kais eva  ada  nora
home:home                           -             GET   302  200  200  200  200  200  200  200  200  200
ops:health                          -             GET   200  200  200  200  200  200  200  200  200  200
ops:metrics                         -             GET   401  403  403  403  403  403  403  403  200  403
outbox:mail_reports                 -             GET   404  404  404  404  404  404  404  404  404  404
outbox:mail_reports                 -             POST  404  404  404  404  404  404  404  404  404  404
accounts:profile                    -             GET   302  200  200  200  200  200  200  200  200  200
accounts:profile                    -             POST  302  302  302  302  302  302  302  302  302  302
accounts:set_language               -             GET   405  405  405  405  405  405  405  405  405  405
accounts:set_language               -             POST  302  302  302  302  302  302  302  302  302  302
accounts:sessions                   -             GET   302  200  200  200  200  200  200  200  200  200
accounts:sessions_end_others        -             GET   302  405  405  405  405  405  405  405  405  405
accounts:sessions_end_others        -             POST  302  302  302  302  302  302  302  302  302  302
accounts:session_end                session       GET   302  405  405  405  405  405  405  405  405  405
accounts:session_end                session       POST  302  302  404  404  404  404  404  404  404  404
people:provider_find                -             GET   200  302  302  302  302  302  302  302  302  302
people:provider_find                -             POST  200  302  302  302  302  302  302  302  302  302
people:person_detail                bob           GET   302  200  200  200  200  200  200  200  200  404
people:person_address               bob           GET   302  405  405  405  405  405  405  405  405  405
people:person_address               bob           POST  302  200  200  200  403  403  403  403  200  404
people:role_detail                  role          GET   302  404  200  200  404  404  200  404  200  404
people:role_set                     role          GET   302  405  405  405  405  405  405  405  405  405
people:role_set                     role          POST  302  404  403  302  404  404  302  404  302  404
people:role_move                    role          GET   302  405  405  405  405  405  405  405  405  405
people:role_move                    role          POST  302  404  403  200  404  404  200  404  302  404
people:role_remove                  role          GET   302  405  405  405  405  405  405  405  405  405
people:role_remove                  role          POST  302  404  302  302  404  404  302  404  302  404
people:join                         -             GET   302  200  200  200  200  200  200  200  200  200
people:join                         -             POST  302  200  200  200  200  200  200  200  200  200
people:request_detail               join_request  GET   302  404  404  200  404  404  200  404  200  404
people:request_approve              join_request  GET   302  405  405  405  405  405  405  405  405  405
people:request_approve              join_request  POST  302  404  404  302  404  404  302  404  302  404
people:request_decline              join_request  GET   302  405  405  405  405  405  405  405  405  405
people:request_decline              join_request  POST  302  404  404  302  404  404  302  404  302  404
people:request_withdraw             join_request  GET   302  405  405  405  405  405  405  405  405  405
people:request_withdraw             join_request  POST  302  404  404  403  404  404  403  404  403  404
people:account_detail               bob           GET   302  403  403  403  403  403  403  403  200  403
people:account_end_sessions         bob           GET   302  405  405  405  405  405  405  405  405  405
people:account_end_sessions         bob           POST  302  403  403  403  403  403  403  403  302  403
people:account_erase                bob           GET   302  405  405  405  405  405  405  405  405  405
people:account_erase                bob           POST  302  403  403  403  403  403  403  403  302  403
people:own_data                     -             GET   302  200  200  200  200  200  200  200  200  200
people:own_data                     -             POST  302  200  200  200  200  200  200  200  200  200
people:own_erasure                  -             GET   302  200  200  200  200  200  200  200  200  200
people:own_erasure                  -             POST  302  200  302  200  200  200  200  200  200  200
people:event_list                   -             GET   302  403  403  403  403  403  403  403  200  403
people:provider_back                no_provider   GET   404  404  404  404  404  404  404  404  404  404
directory:member_list               -             GET   302  200  200  200  200  200  200  200  200  200
directory:member_table              csv           GET   302  200  200  200  200  200  200  200  200  200
directory:member_table              xlsx          GET   302  200  200  200  200  200  200  200  200  200
directory:member_map                -             GET   302  200  200  200  200  200  200  200  200  200
directory:member_names              -             GET   302  200  200  200  200  200  200  200  200  200
directory:member_compare            -             GET   302  200  200  200  200  200  200  200  200  200
directory:table_create              -             GET   302  403  403  403  403  403  403  403  200  403
directory:table_create              -             POST  302  403  403  403  403  403  403  403  302  403
directory:table_detail              member_table  GET   302  404  404  404  404  404  404  404  200  404
directory:table_apply               member_table  GET   302  405  405  405  405  405  405  405  405  405
directory:table_apply               member_table  POST  302  404  404  404  404  404  404  404  302  404
directory:member_edit               lahti         GET   302  403  403  200  403  403  200  403  200  404
directory:member_edit               lahti         POST  302  403  403  302  403  403  302  403  302  404
directory:member_merge              lahti         GET   302  403  403  403  403  403  403  403  200  404
directory:member_merge              lahti         POST  302  403  403  403  403  403  403  403  302  404
directory:member_contacts           lahti         GET   302  403  403  200  403  403  200  403  200  404
directory:member_contacts           lahti         POST  302  403  403  302  403  403  302  403  302  404
directory:member_logo               lahti         GET   302  200  200  200  200  200  200  200  200  404
directory:member_detail             lahti         GET   302  200  200  200  200  200  200  200  200  404
directory:office_detail             finland       GET   302  200  200  200  200  200  200  200  200  404
directory:invite                    lahti         GET   302  403  403  200  403  403  200  403  200  404
directory:invite                    lahti         POST  302  403  403  302  403  403  302  403  302  404
directory:invitation_resend         invitation    GET   302  405  405  405  405  405  405  405  405  405
directory:invitation_resend         invitation    POST  302  404  404  302  404  404  302  404  302  404
directory:invitation_withdraw       invitation    GET   302  405  405  405  405  405  405  405  405  405
directory:invitation_withdraw       invitation    POST  302  404  404  302  404  404  302  404  302  404
directory:invitation_accept         token         GET   200  200  200  200  200  200  200  200  200  200
directory:invitation_accept         token         POST  302  403  403  403  403  403  403  403  403  403
outgoing:message_list               -             GET   302  403  403  403  403  403  200  200  200  403
outgoing:message_detail             message       GET   302  404  404  404  404  404  200  404  200  404
outgoing:message_preview            message       GET   302  404  404  404  404  404  200  404  200  404
outgoing:message_again              message       GET   302  405  405  405  405  405  405  405  405  405
outgoing:message_again              message       POST  302  404  404  404  404  404  302  404  302  404
outgoing:address_open               message       GET   302  405  405  405  405  405  405  405  405  405
outgoing:address_open               message       POST  302  404  404  404  404  404  302  404  302  404
fees:invoice_list                   -             GET   302  403  403  403  403  403  200  200  200  403
fees:invoice_table                  csv           GET   302  403  403  403  403  403  200  200  200  403
fees:invoice_detail                 invoice       GET   302  404  404  200  404  404  200  200  200  404
fees:invoice_detail                 invoice       POST  302  404  404  403  404  404  302  302  302  404
fees:invoice_document               invoice       GET   302  404  404  200  404  404  200  200  200  404
fees:invoice_credit                 invoice       GET   302  404  404  403  404  404  200  200  200  404
fees:invoice_credit                 invoice       POST  302  404  404  403  404  404  302  302  302  404
fees:invoice_public                 invoice_link  GET   200  200  200  200  200  200  200  200  200  200
fees:invoice_public                 forged_key    GET   404  404  404  404  404  404  404  404  404  404
fees:bank                           -             GET   302  403  403  403  403  403  200  200  200  403
fees:bank                           -             POST  302  403  403  403  403  403  200  200  200  403
fees:price_list                     -             GET   302  403  403  403  403  403  403  403  200  403
fees:schedule_add                   -             GET   302  403  403  403  403  403  403  403  200  403
fees:schedule_add                   -             POST  302  403  403  403  403  403  403  403  302  403
fees:schedule_edit                  schedule      GET   302  403  403  403  403  403  403  403  200  403
fees:schedule_edit                  schedule      POST  302  403  403  403  403  403  403  403  200  403
fees:issuer_add                     -             GET   302  403  403  403  403  403  403  403  200  403
fees:issuer_add                     -             POST  302  403  403  403  403  403  403  403  302  403
fees:issuer_edit                    issuer        GET   302  403  403  403  403  403  403  403  200  403
fees:issuer_edit                    issuer        POST  302  403  403  403  403  403  403  403  302  403
fees:payment_match                  payment       GET   302  404  404  404  404  404  200  200  200  404
fees:payment_match                  payment       POST  302  404  404  404  404  404  302  302  302  404
fees:member_fees                    lahti         GET   302  403  403  200  403  403  200  403  200  404
fees:member_fees                    lahti         POST  302  403  403  302  403  403  302  403  302  404
fees:member_bill                    lahti         GET   302  405  405  405  405  405  405  405  405  405
fees:member_bill                    lahti         POST  302  403  403  403  403  403  302  403  302  404
joining:start                       -             GET   200  200  200  200  200  200  200  200  200  200
joining:start                       -             POST  302  302  302  302  302  302  302  302  302  302
joining:mailed                      mailed        GET   200  200  200  200  200  200  200  200  200  200
joining:mailed                      mailed        POST  302  302  302  302  302  302  302  302  302  302
joining:mailed                      forged_key    GET   404  404  404  404  404  404  404  404  404  404
joining:overview                    begun         GET   200  200  200  200  200  200  200  200  200  200
joining:overview                    forged_key    GET   404  404  404  404  404  404  404  404  404  404
joining:step                        begun/step    GET   200  200  200  200  200  200  200  200  200  200
joining:step                        begun/step    POST  302  302  302  302  302  302  302  302  302  302
joining:documents                   begun         GET   200  200  200  200  200  200  200  200  200  200
joining:documents                   begun         POST  200  200  200  200  200  200  200  200  200  200
joining:document_download           begun/paper   GET   200  200  200  200  200  200  200  200  200  200
joining:document_download           begun/other   GET   404  404  404  404  404  404  404  404  404  404
joining:document_remove             begun/paper   GET   405  405  405  405  405  405  405  405  405  405
joining:document_remove             begun/paper   POST  302  302  302  302  302  302  302  302  302  302
joining:document_remove             begun/other   POST  404  404  404  404  404  404  404  404  404  404
joining:form_document               begun         GET   200  200  200  200  200  200  200  200  200  200
joining:submit                      begun         GET   405  405  405  405  405  405  405  405  405  405
joining:submit                      begun         POST  302  302  302  302  302  302  302  302  302  302
joining:withdraw                    begun         GET   405  405  405  405  405  405  405  405  405  405
joining:withdraw                    begun         POST  302  302  302  302  302  302  302  302  302  302
joining:application_list            -             GET   302  403  403  403  403  403  200  200  200  403
joining:application_detail          application   GET   302  404  404  404  404  404  200  404  200  404
joining:application_detail          application   POST  302  404  404  404  404  404  302  404  302  404
joining:application_detail          begun_pk      GET   302  404  404  404  404  404  404  404  404  404
joining:document                    application/paper GET 302 404  404  404  404  404  200  404  200  404
search:publication_list            -             GET   302  200  200  200  200  200  200  200  200  200
search:suggest_publications        -             GET   302  200  200  200  200  200  200  200  200  200
search:publication_map              -             GET   302  200  200  200  200  200  200  200  200  200
search:saved_list                   -             GET   302  200  200  200  200  200  200  200  200  200
search:saved_new                    -             GET   302  200  200  200  200  200  200  200  200  200
search:saved_new                    -             POST  302  200  200  200  200  200  200  200  200  403
search:saved_edit                   saved         GET   302  200  404  404  404  404  404  404  404  404
search:saved_edit                   saved         POST  302  302  404  404  404  404  404  404  404  404
search:saved_delete                 saved         GET   302  405  405  405  405  405  405  405  405  405
search:saved_delete                 saved         POST  302  302  404  404  404  404  404  404  404  404
sharing:search_feed                 own_saved     GET   200  200  200  200  200  200  200  200  200  200
sharing:search_feed                 other_saved   GET   404  404  404  404  404  404  404  404  404  404
digests:alerts_stop                 saved_token   GET   200  200  200  200  200  200  200  200  200  200
digests:alerts_stop                 saved_token   POST  200  200  200  200  200  200  200  200  200  200
library:publication_detail          published     GET   302  200  200  200  200  200  200  200  200  404
library:publication_detail          unpublished   GET   302  404  200  200  404  404  200  404  200  404
library:publication_detail          handed_in     GET   302  404  200  200  404  404  200  404  200  404
library:publication_detail          archived      GET   302  404  200  200  404  404  200  404  200  404
library:publication_archive         published     GET   302  403  403  403  403  403  200  403  200  404
library:publication_archive         published     POST  302  403  403  403  403  403  302  403  302  404
library:publication_archive         unpublished   GET   302  404  403  403  404  404  200  404  200  404
library:publication_archive         unpublished   POST  302  404  403  403  404  404  200  404  200  404
library:publication_restore         archived      GET   302  405  405  405  405  405  405  405  405  405
library:publication_restore         archived      POST  302  404  403  403  404  404  302  404  302  404
library:file_download               shown_file    GET   302  200  200  200  200  200  200  200  200  404
library:file_download               public_file   GET   200  200  200  200  200  200  200  200  200  200
library:file_download               draft_file    GET   302  404  200  200  404  404  200  404  200  404
library:file_download               archived_file GET   302  404  200  200  404  404  200  404  200  404
library:file_download               handed_file   GET   302  404  200  200  404  404  200  200  200  404
editorial:my_work                   -             GET   302  200  200  200  200  200  200  200  200  200
editorial:publication_create        -             GET   302  403  200  200  200  403  200  200  403  403
editorial:publication_create        -             POST  302  403  302  302  200  403  200  200  403  403
editorial:publication_revise        published     GET   302  405  405  405  405  405  405  405  405  405
editorial:publication_revise        published     POST  302  403  302  302  403  403  403  403  403  404
editorial:publication_revise        unpublished   POST  302  404  302  302  404  404  403  404  403  404
editorial:revision_edit             draft         GET   302  404  200  200  404  404  404  404  404  404
editorial:revision_edit             submitted     GET   302  404  200  200  404  404  302  404  302  404
editorial:revision_edit             draft/story   GET   302  404  200  200  404  404  404  404  404  404
editorial:revision_edit             draft/basics  POST  302  404  302  302  404  404  404  404  404  404
editorial:revision_submit           draft         GET   302  405  405  405  405  405  405  405  405  405
editorial:revision_submit           draft         POST  302  404  302  302  404  404  404  404  404  404
editorial:revision_withdraw         submitted     GET   302  405  405  405  405  405  405  405  405  405
editorial:revision_withdraw         submitted     POST  302  404  302  302  404  404  403  404  403  404
editorial:revision_review           submitted     GET   302  404  403  403  404  404  200  404  200  404
editorial:revision_review           submitted     POST  302  404  403  403  404  404  302  404  302  404
editorial:revision_review           draft         GET   302  404  403  403  404  404  404  404  404  404
editorial:revision_review           draft         POST  302  404  403  403  404  404  404  404  404  404
editorial:revision_take             submitted     GET   302  405  405  405  405  405  405  405  405  405
editorial:revision_take             submitted     POST  302  404  403  403  404  404  302  404  302  404
editorial:publication_history       published     GET   302  200  200  200  200  200  200  200  200  404
editorial:publication_history       archived      GET   302  404  200  200  404  404  200  404  200  404
editorial:publication_version       published/1   GET   302  200  200  200  200  200  200  200  200  404
editorial:version_restore           published/1   GET   302  405  405  405  405  405  405  405  405  405
editorial:version_restore           published/1   POST  302  403  302  302  403  403  403  403  403  404
editorial:project_continue          published     GET   302  405  405  405  405  405  405  405  405  405
editorial:project_continue          published     POST  302  403  302  302  403  403  403  403  403  404
editorial:publication_assign        published     GET   302  403  200  200  403  403  200  403  200  404
editorial:publication_assign        published     POST  302  403  302  302  403  403  302  403  302  404
editorial:revision_presence         draft/story   GET   302  405  405  405  405  405  405  405  405  405
editorial:revision_presence         draft/story   POST  302  404  200  200  404  404  404  404  404  404
translations:translation_begin      published     GET   302  403  200  200  200  403  200  200  200  404
translations:translation_edit       published/sv  GET   302  403  200  200  200  403  200  200  200  404
translations:translation_edit       published/sv  POST  302  403  302  302  302  403  302  302  302  404
translations:translation_approve    published/es  GET   302  405  405  405  405  405  405  405  405  405
translations:translation_approve    published/es  POST  302  404  302  302  403  404  302  404  302  404
translations:translation_send_back  published/es  GET   302  405  405  405  405  405  405  405  405  405
translations:translation_send_back  published/es  POST  302  404  302  302  403  404  302  404  302  404
editorial:revision_give_back        taken         GET   302  405  405  405  405  405  405  405  405  405
editorial:revision_give_back        taken         POST  302  404  403  403  404  404  302  404  302  404
editorial:revision_assign           submitted     GET   302  405  405  405  405  405  405  405  405  405
editorial:revision_assign           submitted     POST  302  404  403  403  404  404  302  404  302  404
editorial:revision_hand_over        submitted     GET   302  404  403  403  404  404  200  404  200  404
editorial:revision_hand_over        submitted     POST  302  404  403  403  404  404  302  404  302  404
editorial:revision_hand_over        handed_over   GET   302  404  403  403  404  404  403  200  200  404
editorial:revision_hand_over        handed_over   POST  302  404  403  403  404  404  403  200  200  404
editorial:revision_review           handed_over   GET   302  404  403  403  404  404  200  200  200  404
editorial:revision_take             handed_over   POST  302  404  403  403  404  404  403  302  302  404
editorial:note_add                  submitted     GET   302  405  405  405  405  405  405  405  405  405
editorial:note_add                  submitted     POST  302  404  403  403  404  404  302  404  302  404
editorial:note_add                  handed_over   POST  302  404  403  403  404  404  403  302  302  404
editorial:remark_add                submitted     GET   302  405  405  405  405  405  405  405  405  405
editorial:remark_add                submitted     POST  302  404  302  302  404  404  302  404  302  404
editorial:remark_add                handed_over   POST  302  404  302  302  404  404  403  302  302  404
editorial:my_assessments            -             GET   302  403  403  403  403  200  403  403  403  403
editorial:assessment                assessment    GET   302  404  404  404  404  200  200  404  200  404
editorial:assessment                assessment    POST  302  404  404  404  404  302  403  404  403  404
editorial:assessment_decline        assessment    GET   302  404  404  404  404  200  403  404  403  404
editorial:assessment_decline        assessment    POST  302  404  404  404  404  302  403  404  403  404
editorial:assessment_withdraw       assessment    GET   302  405  405  405  405  405  405  405  405  405
editorial:assessment_withdraw       assessment    POST  302  404  404  404  404  403  302  404  302  404
editorial:publication_trust         published     GET   302  403  403  403  403  403  200  403  200  404
editorial:publication_trust         unpublished   GET   302  404  403  403  404  404  200  404  200  404
editorial:expert_invite             published     GET   302  405  405  405  405  405  405  405  405  405
editorial:expert_invite             published     POST  302  403  403  403  403  403  302  403  302  404
editorial:publication_recommend     published     GET   302  405  405  405  405  405  405  405  405  405
editorial:publication_recommend     published     POST  302  403  403  403  403  403  302  403  302  404
editorial:recommendation_take_back  published     GET   302  405  405  405  405  405  405  405  405  405
editorial:recommendation_take_back  published     POST  302  403  403  403  403  403  200  403  200  404
editorial:publication_verify        published     GET   302  405  405  405  405  405  405  405  405  405
editorial:publication_verify        published     POST  302  403  403  403  403  403  302  403  302  404
editorial:verification_take_back    published     GET   302  405  405  405  405  405  405  405  405  405
editorial:verification_take_back    published     POST  302  403  403  403  403  403  200  403  200  404
editorial:publication_note_add      published     GET   302  405  405  405  405  405  405  405  405  405
editorial:publication_note_add      published     POST  302  403  403  403  403  403  302  403  302  404
editorial:queue                     -             GET   302  403  403  403  403  403  200  200  200  403
intake:batch_list                   -             GET   302  403  200  200  200  403  200  200  200  403
intake:batch_create                 -             GET   302  403  200  200  200  403  200  200  200  403
intake:batch_create                 -             POST  302  403  302  302  200  403  302  200  302  403
intake:batch_template               xlsx          GET   302  403  200  200  200  403  200  200  200  403
intake:batch_detail                 batch         GET   302  404  404  200  404  404  404  404  200  404
intake:batch_check                  batch         GET   302  405  405  405  405  405  405  405  405  405
intake:batch_check                  batch         POST  302  404  404  302  404  404  404  404  403  404
intake:batch_import                 batch         GET   302  405  405  405  405  405  405  405  405  405
intake:batch_import                 batch         POST  302  404  404  302  404  404  404  404  403  404
intake:batch_abandon                batch         GET   302  405  405  405  405  405  405  405  405  405
intake:batch_abandon                batch         POST  302  404  404  302  404  404  404  404  403  404
sharing:member_export               lahti         GET   302  403  403  200  403  403  200  403  200  404
sharing:member_export               lahti         POST  302  403  403  200  403  403  200  403  200  404
sharing:publication_table           csv           GET   302  200  200  200  200  200  200  200  200  200
sharing:publication_table           xlsx          GET   302  200  200  200  200  200  200  200  200  200
sharing:publication_sheet           published     GET   302  200  200  200  200  200  200  200  200  404
sharing:publication_sheet           unpublished   GET   302  404  404  404  404  404  404  404  404  404
sharing:publication_public          published     GET   302  403  200  200  403  403  403  403  403  404
sharing:publication_public          published     POST  302  403  302  302  403  403  403  403  403  404
sharing:publication_public          unpublished   GET   302  404  200  200  404  404  403  404  403  404
sharing:public_list                 -             GET   200  200  200  200  200  200  200  200  200  200
sharing:public_detail               public_page   GET   200  200  200  200  200  200  200  200  200  200
sharing:public_detail               inside_page   GET   404  404  404  404  404  404  404  404  404  404
sharing:publication_data            public        GET   200  200  200  200  200  200  200  200  200  200
sharing:publication_data            published     GET   302  200  200  200  200  200  200  200  200  404
sharing:publication_data            unpublished   GET   302  404  404  404  404  404  404  404  404  404
sharing:public_feed                 food          GET   200  200  200  200  200  200  200  200  200  200
sharing:own_feed                    own_food      GET   200  200  200  200  200  200  200  200  200  200
sharing:own_feed                    forged_food   GET   404  404  404  404  404  404  404  404  404  404
sharing:sitemap                     -             GET   200  200  200  200  200  200  200  200  200  200
sharing:robots                      -             GET   200  200  200  200  200  200  200  200  200  200
peers:home                          -             GET   302  200  200  200  200  200  200  200  200  200
peers:ask_list                      -             GET   302  200  200  200  200  200  200  200  200  200
peers:offer_list                    -             GET   302  200  200  200  200  200  200  200  200  200
peers:ask_create                    -             GET   302  403  200  200  200  403  403  403  403  403
peers:ask_create                    -             POST  302  403  302  302  302  403  403  403  403  403
peers:offer_create                  -             GET   302  403  200  200  200  403  403  403  403  403
peers:offer_create                  -             POST  302  403  302  302  302  403  403  403  403  403
peers:notice_detail                 ask           GET   302  200  200  200  200  200  200  200  200  404
peers:notice_detail                 closed_ask    GET   302  200  200  200  200  200  200  200  200  404
peers:notice_edit                   ask           GET   302  403  200  200  403  403  403  403  403  404
peers:notice_edit                   ask           POST  302  403  302  302  403  403  403  403  403  404
peers:notice_close                  ask           GET   302  405  405  405  405  405  405  405  405  405
peers:notice_close                  ask           POST  302  403  302  302  403  403  302  403  302  404
peers:notice_reopen                 closed_ask    GET   302  403  200  200  403  403  403  403  403  404
peers:notice_reopen                 closed_ask    POST  302  403  302  302  403  403  403  403  403  404
peers:dismissed                     lahti         GET   302  403  200  200  403  403  403  403  403  404
peers:dismiss                       lahti/peer    GET   302  403  200  200  403  403  403  403  403  404
peers:dismiss                       lahti/peer    POST  302  403  302  302  403  403  403  403  403  404
peers:take_back                     lahti/refused GET   302  405  405  405  405  405  405  405  405  405
peers:take_back                     lahti/refused POST  302  403  302  302  403  403  403  403  403  404
peers:desk                          -             GET   302  403  403  403  403  403  200  200  200  403
peers:supply                        -             GET   302  403  403  403  403  403  200  200  200  403
peers:introduction_list             -             GET   302  200  200  200  200  200  200  200  200  200
peers:introduction_create           -             GET   302  403  403  403  403  403  200  200  200  403
peers:introduction_create           -             POST  302  403  403  403  403  403  302  302  302  403
peers:introduction_detail           introduction  GET   302  200  200  200  200  404  200  200  200  404
peers:introduction_answer           introduction  GET   302  405  405  405  405  405  405  405  405  405
peers:introduction_answer           introduction  POST  302  403  302  302  403  404  403  403  403  404
peers:introduction_withdraw         introduction  GET   302  405  405  405  405  405  405  405  405  405
peers:introduction_withdraw         introduction  POST  302  403  403  403  403  404  302  302  302  404
uptake:my_uptake                    -             GET   302  200  200  200  200  200  200  200  200  200
uptake:publication_uptake           published     GET   302  200  200  200  200  200  200  200  200  404
uptake:publication_uptake           unpublished   GET   302  404  200  200  404  404  200  404  200  404
uptake:publication_table            published/csv GET   302  200  200  200  200  200  200  200  200  404
uptake:publication_table            unpublished/csv GET   302  404  200  200  404  404  200  404  200  404
uptake:member_table                 lahti/csv     GET   302  200  200  200  200  200  200  200  200  404
uptake:member_uptake                lahti         GET   302  200  200  200  200  200  200  200  200  404
uptake:uptake_record                published     GET   302  403  403  403  200  403  403  403  403  404
uptake:uptake_record                published     POST  302  403  403  403  302  403  403  403  403  404
uptake:uptake_record                unpublished   GET   302  404  403  403  404  404  403  404  403  404
uptake:uptake_record                archived      POST  302  404  403  403  404  404  403  404  403  404
uptake:uptake_edit                  uptake        GET   302  403  403  403  200  403  403  403  403  404
uptake:uptake_edit                  uptake        POST  302  403  403  403  302  403  403  403  403  404
uptake:uptake_edit                  declined      GET   302  404  403  403  200  404  404  404  403  404
uptake:uptake_confirm               uptake        GET   302  403  200  200  403  403  403  403  403  404
uptake:uptake_confirm               uptake        POST  302  403  302  302  403  403  403  403  403  404
uptake:uptake_confirm               declined      GET   302  404  200  200  403  404  404  404  403  404
uptake:list_index                   -             GET   302  200  200  200  200  200  200  200  200  200
uptake:list_index                   -             POST  302  302  302  302  302  302  302  302  302  403
uptake:list_detail                  list          GET   302  200  200  200  404  404  404  404  404  404
uptake:list_detail                  private       GET   302  404  404  200  404  404  404  404  404  404
uptake:list_table                   list/csv      GET   302  200  200  200  404  404  404  404  404  404
uptake:list_table                   private/csv   GET   302  404  404  200  404  404  404  404  404  404
uptake:list_change                  list          GET   302  403  403  200  404  404  404  404  404  404
uptake:list_change                  list          POST  302  403  403  302  404  404  404  404  404  404
uptake:list_delete                  list          GET   302  403  403  200  404  404  404  404  404  404
uptake:list_delete                  list          POST  302  403  403  302  404  404  404  404  404  404
uptake:bookmark_remove              bookmark      GET   302  405  405  405  405  405  405  405  405  405
uptake:bookmark_remove              bookmark      POST  302  403  403  302  404  404  404  404  404  404
uptake:bookmark_save                published     GET   302  200  200  200  200  200  200  200  200  404
uptake:bookmark_save                published     POST  302  302  302  302  302  302  302  302  302  404
uptake:bookmark_save                archived      GET   302  404  200  200  404  404  200  404  200  404
upkeep:check_answer                 check         GET   200  200  200  200  200  200  200  200  200  200
upkeep:check_answer                 check         POST  200  200  200  200  200  200  200  200  200  200
upkeep:check_answer                 forged_key    GET   404  404  404  404  404  404  404  404  404  404
upkeep:check_answer                 forged_key    POST  404  404  404  404  404  404  404  404  404  404
upkeep:publication_confirm          published     GET   302  405  405  405  405  405  405  405  405  405
upkeep:publication_confirm          published     POST  302  403  302  302  403  403  403  403  403  404
upkeep:publication_confirm          unpublished   POST  302  404  302  302  404  404  403  404  403  404
moderation:report_create            report_bob    GET   302  200  200  200  200  200  200  200  200  404
moderation:report_create            report_bob    POST  302  302  200  302  200  302  302  302  302  404
moderation:queue                    -             GET   302  403  403  403  403  403  200  200  200  403
moderation:case_detail              case          GET   302  404  404  404  404  404  200  200  200  404
moderation:case_detail              hidden_case   GET   302  200  404  404  404  404  200  200  200  404
moderation:case_decide              case          GET   302  405  405  405  405  405  405  405  405  405
moderation:case_decide              case          POST  302  404  404  404  404  404  302  403  302  404
moderation:case_appeal              hidden_case   GET   302  405  405  405  405  405  405  405  405  405
moderation:case_appeal              hidden_case   POST  302  302  404  404  404  404  403  403  403  404
connections:connection_list         -             GET   302  200  200  200  200  200  200  200  200  403
connections:request_create          bob           GET   302  200  404  200  200  200  200  200  200  404
connections:request_create          bob           POST  302  302  404  302  302  302  302  200  302  404
connections:connection_accept       connection    GET   302  405  405  405  405  405  405  405  405  405
connections:connection_accept       connection    POST  302  404  302  404  404  404  404  403  404  404
connections:connection_decline      connection    GET   302  405  405  405  405  405  405  405  405  405
connections:connection_decline      connection    POST  302  404  302  404  404  404  404  403  404  404
connections:connection_withdraw     connection    GET   302  405  405  405  405  405  405  405  405  405
connections:connection_withdraw     connection    POST  302  404  403  404  404  404  404  302  404  404
connections:connection_remove       connected     GET   302  405  405  405  405  405  405  405  405  405
connections:connection_remove       connected     POST  302  404  404  302  404  404  404  302  404  404
connections:person_block            bob           GET   302  200  404  200  200  200  200  200  200  404
connections:person_block            bob           POST  302  302  404  302  302  302  302  302  302  404
connections:person_unblock          carlos        GET   302  405  405  405  405  405  405  405  405  405
connections:person_unblock          carlos        POST  302  302  404  404  404  404  404  404  404  404
connections:change_leave            -             GET   302  405  405  405  405  405  405  405  405  405
connections:change_leave            -             POST  302  302  302  302  302  302  302  302  302  302
connections:leave                   left_connections GET   200  200  200  200  200  200  200  200  200  200
connections:leave                   left_connections POST  200  200  200  200  200  200  200  200  200  200
connections:leave                   forged_key    GET   404  404  404  404  404  404  404  404  404  404
conversations:publication_talk      published     GET   302  200  200  200  200  200  200  200  200  404
conversations:publication_talk      published     POST  302  302  302  302  302  302  302  302  302  404
conversations:publication_talk      unpublished   GET   302  404  200  200  404  404  200  404  200  404
conversations:publication_talk      unpublished   POST  302  404  200  200  404  404  200  404  200  404
conversations:publication_follow    published     GET   302  405  405  405  405  405  405  405  405  405
conversations:publication_follow    published     POST  302  302  302  302  302  302  302  302  302  404
conversations:publication_follow    unpublished   POST  302  404  302  302  404  404  302  404  302  404
conversations:comment_reply         comment       GET   302  200  200  200  200  200  200  200  200  404
conversations:comment_reply         comment       POST  302  302  302  302  302  302  302  302  302  404
conversations:comment_edit          comment       GET   302  403  403  403  200  403  403  403  403  404
conversations:comment_edit          comment       POST  302  403  403  403  302  403  403  403  403  404
conversations:comment_delete        comment       GET   302  403  403  403  200  403  403  403  403  404
conversations:comment_delete        comment       POST  302  403  403  403  302  403  403  403  403  404
conversations:comment_answer        reply         GET   302  405  405  405  405  405  405  405  405  405
conversations:comment_answer        reply         POST  302  403  302  302  302  403  403  403  403  404
conversations:thread_list           -             GET   302  200  200  200  200  200  200  200  200  403
conversations:thread_create         -             GET   302  200  200  200  200  200  200  200  200  403
conversations:thread_create         -             POST  302  200  200  200  200  200  200  302  200  403
conversations:thread_detail         thread        GET   302  404  404  200  404  404  404  200  404  404
conversations:thread_detail         thread        POST  302  404  404  302  404  404  404  302  404  404
conversations:thread_leave          thread        GET   302  404  404  200  404  404  404  200  404  404
conversations:thread_leave          thread        POST  302  404  404  302  404  404  404  302  404  404
conversations:thread_follow         thread        GET   302  405  405  405  405  405  405  405  405  405
conversations:thread_follow         thread        POST  302  404  404  302  404  404  404  302  404  404
conversations:group_list            -             GET   302  200  200  200  200  200  200  200  200  403
conversations:group_create          -             GET   302  200  200  200  200  200  200  200  200  403
conversations:group_create          -             POST  302  302  302  302  302  302  302  302  302  403
conversations:group_detail          group         GET   302  200  200  200  200  200  200  200  200  404
conversations:group_detail          closed_group  GET   302  404  404  200  404  404  404  404  404  404
conversations:group_edit            group         GET   302  403  403  200  403  403  403  403  403  404
conversations:group_edit            group         POST  302  403  403  302  403  403  403  403  403  404
conversations:group_people          group         GET   302  403  403  200  403  403  403  403  403  404
conversations:group_people          group         POST  302  403  403  302  403  403  403  403  403  404
conversations:group_leave           group         GET   302  403  403  200  403  403  403  403  403  404
conversations:group_meetings        group         GET   302  403  403  200  403  403  403  403  403  404
conversations:discussion_create     group         GET   302  403  403  200  403  403  403  403  403  404
conversations:discussion_create     group         POST  302  403  403  302  403  403  403  403  403  404
conversations:event_create          group         GET   302  403  403  200  403  403  403  403  403  404
conversations:event_create          group         POST  302  403  403  302  403  403  403  403  403  404
conversations:group_act             group         GET   302  405  405  405  405  405  405  405  405  405
conversations:group_act             group         POST  302  302  302  302  302  302  302  302  302  404
conversations:group_act             closed_group  POST  302  404  404  302  404  404  404  404  404  404
conversations:group_follow          group         GET   302  405  405  405  405  405  405  405  405  405
conversations:group_follow          group         POST  302  404  404  302  404  404  404  404  404  404
conversations:group_person          group_bob     GET   302  405  405  405  405  405  405  405  405  405
conversations:group_person          group_bob     POST  302  403  403  302  403  403  403  403  403  404
conversations:file_add              group         GET   302  405  405  405  405  405  405  405  405  405
conversations:file_add              group         POST  302  403  403  302  403  403  403  403  403  404
conversations:file_download         group_file    GET   302  404  404  200  404  404  404  404  404  404
conversations:file_remove           group_file    GET   302  405  405  405  405  405  405  405  405  405
conversations:file_remove           group_file    POST  302  404  404  302  404  404  404  404  404  404
conversations:event_edit            event         GET   302  404  404  200  404  404  404  404  404  404
conversations:event_edit            event         POST  302  404  404  302  404  404  404  404  404  404
conversations:event_cancel          event         GET   302  404  404  200  404  404  404  404  404  404
conversations:event_cancel          event         POST  302  404  404  302  404  404  404  404  404  404
conversations:event_file            event         GET   302  404  404  200  404  404  404  404  404  404
conversations:delivery              -             GET   302  200  200  200  200  200  200  200  200  403
conversations:delivery              -             POST  302  302  302  302  302  302  302  302  302  403
conversations:leave                 left_messages GET   200  200  200  200  200  200  200  200  200  200
conversations:leave                 left_messages POST  200  200  200  200  200  200  200  200  200  200
conversations:leave                 forged_key    GET   404  404  404  404  404  404  404  404  404  404
announcements:announcement_list     -             GET   302  403  403  403  403  403  200  200  200  403
announcements:announcement_create   -             GET   302  403  403  403  403  403  200  200  200  403
announcements:announcement_create   -             POST  302  403  403  403  403  403  200  200  200  403
announcements:announcement_detail   announcement  GET   302  404  404  404  404  404  200  404  200  404
announcements:announcement_detail   announcement  POST  302  404  404  404  404  404  302  404  302  404
announcements:announcement_edit     announcement  GET   302  404  404  404  404  404  200  404  200  404
announcements:announcement_edit     announcement  POST  302  404  404  404  404  404  302  404  302  404
announcements:announcement_preview  announced     GET   302  404  404  404  404  404  200  404  200  404
announcements:announcement_unschedule announcement GET  302  405  405  405  405  405  405  405  405  405
announcements:announcement_unschedule announcement POST 302  404  404  404  404  404  302  404  302  404
announcements:announcement_stop     announcement  GET   302  405  405  405  405  405  405  405  405  405
announcements:announcement_stop     announcement  POST  302  404  404  404  404  404  302  404  302  404
announcements:announcement_test     announcement  GET   302  405  405  405  405  405  405  405  405  405
announcements:announcement_test     announcement  POST  302  404  404  404  404  404  302  404  302  404
announcements:announcement_delete   announcement  GET   302  405  405  405  405  405  405  405  405  405
announcements:announcement_delete   announcement  POST  302  404  404  404  404  404  302  404  302  404
announcements:change_leave          -             GET   302  405  405  405  405  405  405  405  405  405
announcements:change_leave          -             POST  302  302  302  302  302  302  302  302  302  302
announcements:leave                 left          GET   200  200  200  200  200  200  200  200  200  200
announcements:leave                 left          POST  200  200  200  200  200  200  200  200  200  200
announcements:leave                 forged_key    GET   404  404  404  404  404  404  404  404  404  404
digests:subscription                -             GET   302  200  200  200  200  200  200  200  200  403
digests:subscription                -             POST  302  302  302  302  302  302  302  302  302  403
digests:send_now                    -             GET   302  405  405  405  405  405  405  405  405  405
digests:send_now                    -             POST  302  302  302  302  302  302  302  302  302  403
digests:preview                     -             GET   302  200  200  200  200  200  200  200  200  403
digests:less                        less          GET   200  200  200  200  200  200  200  200  200  200
digests:less                        less          POST  200  200  200  200  200  200  200  200  200  200
digests:less                        forged_key    GET   404  404  404  404  404  404  404  404  404  404
digests:mute_remove                 mute          GET   302  405  405  405  405  405  405  405  405  405
digests:mute_remove                 mute          POST  302  302  404  404  404  404  404  404  404  403
digests:unsubscribe                 subscription  GET   200  200  200  200  200  200  200  200  200  200
digests:unsubscribe                 subscription  POST  200  200  200  200  200  200  200  200  200  200
exchanges:exchange_list             -             GET   302  200  200  200  200  200  200  200  200  200
exchanges:exchange_create           -             GET   302  403  200  200  200  403  403  403  403  403
exchanges:exchange_create           -             POST  302  403  302  302  302  403  403  403  403  403
exchanges:exchange_detail           exchange      GET   302  200  200  200  404  404  200  404  200  404
exchanges:exchange_edit             exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:exchange_edit             exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:exchange_take_back        exchange      GET   302  405  405  405  405  405  405  405  405  405
exchanges:exchange_take_back        exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:exchange_start            exchange      GET   302  405  405  405  405  405  405  405  405  405
exchanges:exchange_start            exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:exchange_cancel           exchange      GET   302  403  200  200  404  404  200  404  200  404
exchanges:exchange_cancel           exchange      POST  302  403  302  302  404  404  302  404  302  404
exchanges:party_invite              exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:party_invite              exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:party_answer              party         GET   302  405  405  405  405  405  405  405  405  405
exchanges:party_answer              party         POST  302  403  302  302  404  404  403  404  403  404
exchanges:party_answer              other_party   POST  302  403  403  403  404  404  403  404  403  404
exchanges:party_leave               network       GET   302  403  200  200  404  404  403  404  403  404
exchanges:party_leave               network       POST  302  403  302  302  404  404  403  404  403  404
exchanges:party_leave_out           network_third GET   302  403  200  200  404  404  403  404  403  404
exchanges:party_leave_out           network_third POST  302  403  302  302  404  404  403  404  403  404
exchanges:party_people              party         GET   302  403  200  200  404  404  403  404  403  404
exchanges:party_people              party         POST  302  403  302  302  404  404  403  404  403  404
exchanges:party_people              other_party   GET   302  403  403  403  404  404  403  404  403  404
exchanges:agenda                    exchange      GET   302  200  200  200  404  404  200  404  200  404
exchanges:exchange_report           exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:exchange_report           exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:outcome_add               exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:outcome_add               exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:outcome_tick              outcome       GET   302  405  405  405  405  405  405  405  405  405
exchanges:outcome_tick              outcome       POST  302  403  302  302  404  404  403  404  403  404
exchanges:outcome_edit              outcome       GET   302  403  200  200  404  404  403  404  403  404
exchanges:outcome_edit              outcome       POST  302  403  302  302  404  404  403  404  403  404
exchanges:outcome_remove            outcome       GET   302  405  405  405  405  405  405  405  405  405
exchanges:outcome_remove            outcome       POST  302  403  302  302  404  404  403  404  403  404
exchanges:feedback                  done_party    GET   302  403  200  200  404  404  403  404  403  404
exchanges:feedback                  done_party    POST  302  403  302  302  404  404  403  404  403  404
exchanges:session_add               exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:session_add               exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:session_edit              meeting       GET   302  403  200  200  404  404  403  404  403  404
exchanges:session_edit              meeting       POST  302  403  302  302  404  404  403  404  403  404
exchanges:session_cancel            meeting       GET   302  403  200  200  404  404  403  404  403  404
exchanges:session_cancel            meeting       POST  302  403  302  302  404  404  403  404  403  404
exchanges:session_file              meeting       GET   302  200  200  200  404  404  200  404  200  404
exchanges:task_add                  exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:task_add                  exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:task_tick                 todo          GET   302  405  405  405  405  405  405  405  405  405
exchanges:task_tick                 todo          POST  302  403  302  302  404  404  403  404  403  404
exchanges:task_edit                 todo          GET   302  403  200  200  404  404  403  404  403  404
exchanges:task_edit                 todo          POST  302  403  302  302  404  404  403  404  403  404
exchanges:task_remove               todo          GET   302  405  405  405  405  405  405  405  405  405
exchanges:task_remove               todo          POST  302  403  302  302  404  404  403  404  403  404
exchanges:exchange_talk             exchange      GET   302  405  405  405  405  405  405  405  405  405
exchanges:exchange_talk             exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:note_add                  exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:note_add                  exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:note_remove               noted         GET   302  403  200  200  404  404  403  404  403  404
exchanges:note_remove               noted         POST  302  403  302  302  404  404  403  404  403  404
exchanges:file_add                  exchange      GET   302  403  200  200  404  404  403  404  403  404
exchanges:file_add                  exchange      POST  302  403  302  302  404  404  403  404  403  404
exchanges:file_download             attached      GET   302  200  200  200  404  404  200  404  200  404
exchanges:file_remove               attached      GET   302  403  200  200  404  404  403  404  403  404
exchanges:file_remove               attached      POST  302  403  302  302  404  404  403  404  403  404
exchanges:own_calendar              own_calendar  GET   200  200  200  200  200  200  200  200  200  200
exchanges:own_calendar              forged_key    GET   404  404  404  404  404  404  404  404  404  404
exchanges:figures                   -             GET   302  403  403  403  403  403  200  200  200  403
exchanges:figures_table             csv           GET   302  403  403  403  403  403  200  200  200  403
account_login                       -             GET   200  302  302  302  302  302  302  302  302  302
account_logout                      -             GET   302  200  200  200  200  200  200  200  200  200
account_signup                      -             GET   200  302  302  302  302  302  302  302  302  302
account_inactive                    -             GET   200  200  200  200  200  200  200  200  200  200
account_reauthenticate              -             GET   302  200  200  200  200  200  200  200  200  200
account_email                       -             GET   302  200  200  200  200  200  200  200  200  200
account_email_verification_sent     -             GET   200  200  200  200  200  200  200  200  200  200
account_change_password             -             GET   302  200  200  200  200  200  200  200  200  200
account_set_password                -             GET   302  302  302  302  302  302  302  302  302  302
account_reset_password              -             GET   200  200  200  200  200  200  200  200  200  200
account_reset_password_done         -             GET   200  200  200  200  200  200  200  200  200  200
account_reset_password_from_key     forged        GET   200  200  200  200  200  200  200  200  200  200
account_reset_password_from_key_done -            GET   200  200  200  200  200  200  200  200  200  200
account_confirm_email               forged_key    GET   200  200  200  200  200  200  200  200  200  200
account_confirm_login_code          -             GET   302  302  302  302  302  302  302  302  302  302
mfa_index                           -             GET   302  200  200  200  200  200  200  200  200  200
mfa_authenticate                    -             GET   302  302  302  302  302  302  302  302  302  302
mfa_reauthenticate                  -             GET   302  302  302  302  302  302  302  302  302  302
mfa_activate_totp                   -             GET   302  302  302  302  302  302  302  302  302  302
mfa_deactivate_totp                 -             GET   302  404  404  404  404  404  404  404  404  404
mfa_view_recovery_codes             -             GET   302  404  404  404  404  404  404  404  404  404
mfa_generate_recovery_codes         -             GET   302  302  302  302  302  302  302  302  302  302
mfa_download_recovery_codes         -             GET   302  404  404  404  404  404  404  404  404  404
mfa_list_webauthn                   -             GET   302  200  200  200  200  200  200  200  200  200
mfa_add_webauthn                    -             GET   302  302  302  302  302  302  302  302  302  302
mfa_reauthenticate_webauthn         -             GET   302  200  302  302  302  302  302  302  302  302
mfa_remove_webauthn                 key           GET   302  302  302  302  302  302  302  302  302  302
mfa_edit_webauthn                   key           GET   302  302  302  302  302  302  302  302  302  302
mfa_login_webauthn                  -             GET   302  302  302  302  302  302  302  302  302  302
"""
EXEMPT = {
    "admin": "Django's support tool asks for an administrator at each of its pages; tests/members/test_accounts.py"
    " opens them all as everybody",
}


ISSUER = {"series": "EUROPE", "name": "Network", "address": "Street 1", "iban": "DE89370400440532013000"}
FORMS = {
    "accounts:profile": {"name": "Somebody", "language": "en", "time_zone": "UTC"},
    "accounts:set_language": {"language": "fi", "next": "/"},
    "people:account_erase": {"email": "bob@city.example"},
    "people:own_erasure": {"email": "bob@city.example"},
    "people:role_set": {"role": "reader"},
    "people:request_approve": {"role": "reader"},
    "people:request_decline": {"reason": "We do not know you."},
    "people:provider_find": {"email": "alice@city.example"},
    "directory:invite": {"email": "colleague@city.example", "role": "reader", "language": "fi"},
    "directory:member_edit": {
        "name": "Lahti", "name_en": "Lahti", "kind": "city", "country": "FI", "office": "finland", "is_active": "yes",
    },
    "directory:member_merge": {"into": "pontevedra"},
    "directory:member_contacts": {"staff-title": "Climate coordinator", "staff-email": "climate@city.example"},
    "directory:invitation_accept": {
        "name": "Ilkka", "time_zone": "Europe/Helsinki", "password": "a long enough passphrase",
    },
    "fees:invoice_detail": {"amount": "1200", "paid_on": "2026-01-02"},
    "fees:invoice_credit": {"reason": "The address was wrong."},
    "fees:schedule_add": {
        "name": "Yearly fee", "year": "2031", "currency": "EUR", "kind": "flat", "amount": "1300", "period": "calendar",
    },
    "fees:schedule_edit": {
        "name": "Yearly fee", "year": "2020", "currency": "EUR", "kind": "flat", "amount": "1300", "period": "calendar",
    },
    "fees:issuer_edit": ISSUER,
    "fees:payment_match": {"number": f"EUROPE-{timezone.localdate().year}-0001"},
    "fees:member_fees": {"language": "fi", "reference": "1275"},
    "joining:start": STARTED,
    "joining:step": {"edition": "1", "name": "Renamed"},
    "joining:documents": {"purpose": "decision"},
    "joining:application_detail": {"act": "decline", "message": "Not a municipality."},
    "library:publication_archive": {"reason": "It is over."},
    "editorial:publication_create": {"kind": "practice", "language": "fi", "title": "Something new"},
    "editorial:revision_review": {"verdict": "changes_requested", "reason": "Figures are missing."},
    "sharing:member_export": {"files": "yes"},
    "sharing:publication_public": {"shown": "yes"},
    "search:saved_new": {"name": "Another", "cadence": "daily"},
    "search:saved_edit": {"name": "Another", "cadence": "daily"},
    "exchanges:exchange_cancel": {"reason": "No time."},
    "exchanges:party_leave": {"reason": "No time."},
    "exchanges:party_leave_out": {"csrfmiddlewaretoken": ""},
    "exchanges:party_answer": {"answer": "agree", "edition": "1"},
    "exchanges:exchange_report": {"report": "We saw it."},
    "exchanges:outcome_add": {"kind": "new_project", "text": "A bid."},
    "exchanges:outcome_tick": {"done": "yes"},
    "exchanges:feedback": {"useful": "5"},
    "exchanges:session_add": {
        "title": "Call", "day": f"{timezone.localdate() + timedelta(days=9)}", "starts": "10:00", "ends": "11:00",
        "time_zone": "UTC",
    },
    "exchanges:session_edit": {
        "title": "Another", "day": f"{timezone.localdate() + timedelta(days=9)}", "starts": "10:00", "ends": "11:00",
        "time_zone": "UTC", "sequence": "0",
    },
    "exchanges:task_add": {"what": "Book trains"},
    "exchanges:task_tick": {"done": "yes"},
    "exchanges:task_edit": {"what": "Book a bus"},
    "exchanges:outcome_edit": {"kind": "new_project", "text": "A bid"},
    "exchanges:note_add": {"text": "Ask them."},
    "peers:dismiss": {"reason": "size"},
    "peers:notice_reopen": {"closes_on": f"{timezone.localdate()}"},
    "uptake:uptake_record": {"state": "in_use", "language": "en"},
    "uptake:list_index": {"name": "Another list"},
    "uptake:list_change": {"name": "Renamed"},
    "uptake:bookmark_save": {"new_list": "Another list", "note": "Ask them."},
    "editorial:revision_hand_over": {"reason": "They know more."},
    "editorial:note_add": {"text": "Is this new?"},
    "editorial:remark_add": {"text": "Where is it?"},
    "editorial:assessment": {"relevant": "4", "relevant_comment": "Many have it."},
    "editorial:assessment_decline": {"reason": "I took part in it."},
    "editorial:expert_invite": {"note": "Is it new?"},
    "editorial:recommendation_take_back": {"reason": "It ended."},
    "editorial:publication_verify": {"note": "Checked with the report."},
    "editorial:verification_take_back": {"reason": "The report is gone."},
    "editorial:publication_note_add": {"text": "Is this new?"},
    "moderation:report_create": {"reason": "This is not polite."},
    "moderation:case_decide": {"verdict": "leave"},
    "moderation:case_appeal": {"text": "It was a joke."},
    "conversations:publication_talk": {"text": "What did it cost?", "kind": "question", "language": "en"},
    "conversations:publication_follow": {"way": "follow"},
    "conversations:comment_reply": {"text": "About ten euros.", "language": "en"},
    "conversations:comment_edit": {"text": "What did it cost you?", "language": "en"},
    "conversations:thread_detail": {"text": "Gladly."},
    "conversations:thread_follow": {"way": "mute"},
    "conversations:delivery": {"questions": "digest", "threads": "never", "groups": "at_once", "joins": "digest"},
    "conversations:discussion_create": {"subject": "Cooks", "text": "Who cooks?"},
    "conversations:event_create": {
        "title": "A call", "starts_at": "2030-01-01T10:00", "ends_at": "2030-01-01T11:00", "time_zone": "UTC",
    },
    "conversations:event_edit": {
        "title": "A call", "starts_at": "2030-01-01T10:00", "ends_at": "2030-01-01T11:00", "time_zone": "UTC",
    },
    "conversations:group_act": {"act": "join"},
    "conversations:group_follow": {"way": "mute"},
    "conversations:group_people": {"name": "Carlos"},
    "conversations:group_person": {"act": "invite"},
    "connections:request_create": {"message": "Shall we talk?"},
    "digests:subscription": {
        "cadence": "weekly", "weekday": "1", "day": "1", "hour": "8", "time_zone": "Europe/Helsinki", "language": "en",
    },
}  # fmt: skip
PLAN = {
    "format": "call", "title": "School meals", "aim": "Ask them.", "time_zone": "UTC", "where": "online",
    "costs": "own",
}  # fmt: skip
GROUP = {"kind": "community", "about": "All about food."}
MEETING = {"title": "A call", "time_zone": "Europe/Helsinki", "place": "", "link": "", "about": ""}
COMPLETE = {
    "title": "School meals", "summary": "From farms nearby.", "language": "en", "status": "running",
    "start_year": "2019", "pathways": ["circular"], "topics": ["food"], "challenge": "Long ways.",
    "solution": "Short ways.", "results": "Fresh meals.", "contact_email": "food@city.example",
}  # fmt: skip


def read_table():
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    return [(*row[:3], dict(zip(PEOPLE, map(int, row[3:]), strict=True))) for row in rows]


ROWS = read_table()
# Where somebody who is not signed in is sent on for another reason than that.
OPEN_TO_ALL = {
    "accounts:set_language": "it goes back to where they were",
    "directory:invitation_accept": "they have joined",
    "joining:start": "to the application that was begun",
    "joining:mailed": "to the application",
    "joining:step": "to the next step",
    "joining:document_remove": "to the documents of the application",
    "joining:submit": "to the application",
    "joining:withdraw": "to the application",
    "account_logout": "they are signed out already",
    "account_confirm_login_code": "no code was asked for",
    "mfa_authenticate": "no password was given",
    "mfa_login_webauthn": "the sign-in page does it",
}
# One house serves all the addresses of a room: what is asked is rolled back each time.
each_room = pytest.mark.parametrize("room", sorted({name.partition(":")[0] for name, *_ in ROWS}))


@pytest.fixture
def house(request, db):
    """Return the cast with things that could leak.

    `arguments` maps a thing in the table to what its address needs, `forms` an address to what is sent to it.

    It takes seconds to build, so each process builds it once.
    """
    cache.clear()
    return snapshots.make_once("house", lambda: build_house(request.getfixturevalue("cast")))


def build_house(cast):
    """Fill the database and return what `house` does."""
    beat("planner")
    beat("sender")
    check_ledger()
    add_missing_subscriptions()
    published = _approve(_write(cast, "Published"), cast)
    public = _approve(_write(cast, "Public"), cast)
    Publication.objects.filter(pk=public.pk).update(is_public=True)
    archived = _approve(_write(cast, "Archived"), cast)
    archive_publication(publication=archived, reason="Over.", by=cast.kaisa)
    Member.objects.filter(pk=cast.lahti.pk).update(logo=store_upload(upload=upload(photo()), allowed=IMAGES))
    asked = _approve(_write(cast, "Asked"), cast)
    assessment = invite_expert(publication=asked, expert=cast.xavier, note="", by=cast.kaisa)
    taken = take_revision(revision=_submit(_write(cast, "Taken"), cast), by=cast.kaisa)
    handing = _write(cast, "Handed over")
    handed_file = _file(handing.publication, "plan.pdf")
    handing = save_revision(
        revision=handing, changes={"documents": [{"file": str(handed_file.pk), "title": "Plan"}]},
        edition=handing.edition, window="", final=True, by=cast.alice,
    )  # fmt: skip
    handed_over = hand_over_revision(
        revision=_submit(handing, cast), office=cast.europe, reason="Theirs.", by=cast.kaisa
    )
    talk = _talk(cast, published)
    draft, submitted = _write(cast, "Unpublished"), _submit(_write(cast, "Handed in"), cast)
    invitation = invite_colleague(
        member=cast.lahti, email="new@city.example", role="contributor", language="fi", by=cast.alice
    )
    uptake, declined = (
        record_uptake(
            publication=_approve(_write(cast, title), cast), member=cast.pontevedra, state="considering", since=None,
            facts={"language": "en"}, by=cast.carlos,
        )
        for title in ("Taken up", "Declined")
    )  # fmt: skip
    decline_uptake(uptake=declined, reason="No.", edition=declined.edition, by=cast.alice)
    shared, private = make_list(name="Shared", by=cast.alice), make_list(name="Private", by=cast.alice)
    change_list(bookmark_list=shared, name="Shared", shared_with=cast.lahti, by=cast.alice)
    bookmark = save_bookmark(publication=published, bookmark_list=shared, note="", by=cast.alice)
    save_translation(
        publication=published, language="es", texts={"title": "Publicado"}, origin="human", edition=0, by=cast.carlos
    )
    invoice, payment = owing(cast)
    cast.finland.territory = ["FI"]
    cast.finland.save(update_fields=["territory"])
    begun, application = begin_application(), begin_application("submitted")
    saved = save_search(query="topic=food", values={"name": "Food", "cadence": "daily"}, by=cast.rita)
    batch = uploaded([ROW], by=cast.alice, owner=cast.lahti)
    check_batch(pk=batch.pk)
    members = upload_members(upload=upload(b"slug,population\nlahti,7\n"), by=cast.ada)
    said = {"office": cast.finland, "topic": None, "is_important": False, "texts": {"en": ("News", "All is new.")}}
    announcement = write_announcement(values=said, by=cast.kaisa)
    cast.kotka = MemberFactory(name_en="Kotka", slug="kotka", office=cast.finland)
    exchange, parts = _exchanges(cast)
    asked, closed_ask = notice(cast.lahti, cast.bob), notice(cast.lahti, cast.bob, title="Closed")
    close_notice(notice=closed_ask, by=cast.bob)
    closed_ask.refresh_from_db()
    refused = dismiss(member=cast.lahti, target=asked, reason="other", by=cast.bob)
    introduction = introduce_members(member=cast.lahti, peer=cast.pontevedra, note="Rain.", by=cast.kaisa)
    third = MemberRoleFactory(member=MemberFactory(office=cast.finland), role="liaison").member
    arguments = {
        "-": [],
        **parts,
        "batch": [batch.pk],
        "invoice": [invoice.pk],
        "invoice_link": [invoice_token(invoice)],
        "payment": [payment.pk],
        "schedule": [invoice.term.schedule_id],
        "issuer": [invoice.office.issuer.pk],
        "begun": [application_token(begun)],
        "begun_pk": [begun.pk],
        "begun/step": [application_token(begun), "municipality"],
        "begun/paper": [application_token(begun), begun.documents.first().pk],
        "begun/other": [application_token(begun), application.documents.first().pk],
        "mailed": [mailed_token(begun)],
        "application": [application.pk],
        "application/paper": [application.pk, application.documents.first().pk],
        "ask": [asked.pk],
        "closed_ask": [closed_ask.pk],
        "lahti/peer": [cast.lahti.slug, "member", cast.pontevedra.pk],
        "lahti/refused": [cast.lahti.slug, refused.pk],
        "introduction": [introduction.pk],
        "member_table": [members.pk],
        "saved": [saved.pk],
        "own_saved": [feed_token(cast.rita), saved.pk],
        "other_saved": [feed_token(cast.alice), saved.pk],
        "saved_token": [LEAVE_ALERTS.sign(str(saved.pk))],
        "bob": [cast.bob.pk],
        "role": [cast.bob.member_roles.get().pk],
        "join_request": [_asks_to_join(cast.lahti).pk],
        "session": [_session_of(cast.rita)],
        "key": [give_key(cast.rita).pk],
        "no_provider": ["oidc-00000000-0000-4000-8000-000000000000"],
        "csv": ["csv"],
        "xlsx": ["xlsx"],
        "published/csv": [published.pk, "csv"],
        "unpublished/csv": [draft.publication_id, "csv"],
        "lahti/csv": [cast.lahti.slug, "csv"],
        "list/csv": [shared.pk, "csv"],
        "private/csv": [private.pk, "csv"],
        "uptake": [uptake.pk],
        "declined": [declined.pk],
        "list": [shared.pk],
        "private": [private.pk],
        "bookmark": [bookmark.pk],
        "lahti": [cast.lahti.slug],
        "finland": [cast.finland.slug],
        "published": [published.pk],
        "archived": [archived.pk],
        "public": [public.pk],
        "food": ["topics", "food"],
        "own_food": [feed_token(cast.rita), "topics", "food"],
        "forged_food": [f"{feed_token(cast.rita)}0", "topics", "food"],
        "public_page": [public.pk, "public"],
        "inside_page": [published.pk, "published"],
        "unpublished": [draft.publication_id],
        "handed_in": [submitted.publication_id],
        "shown_file": [_photo(published).pk],
        "public_file": [_photo(public).pk],
        "archived_file": [_photo(archived).pk],
        "handed_file": [handed_file.pk],
        "draft_file": [_file(published, "draft.pdf").pk],
        "published/1": [published.pk, 1],
        "published/sv": [published.pk, "sv"],
        "published/es": [published.pk, "es"],
        "draft": [draft.pk],
        "draft/story": [draft.pk, "story"],
        "draft/basics": [draft.pk, "basics"],
        "submitted": [submitted.pk],
        "taken": [taken.pk],
        "handed_over": [handed_over.pk],
        "assessment": [assessment.pk],
        "invitation": [invitation.pk],
        "token": [invitation_token(invitation)],
        "announcement": [announcement.pk],
        "announced": [announcement.pk, cast.rita.pk],
        "left": [LEAVE_ANNOUNCEMENTS.sign(str(cast.rita.pk))],
        "message": [Message.objects.get(kind="directory.invitation").pk],
        "check": [_ask_about(published)],
        "subscription": [LEAVE.sign(str(get_subscription(cast.rita).pk))],
        "less": [less_token(get_subscription(cast.rita).pk, published.pk)],
        **talk,
        "mute": [Mute.objects.create(subscription=get_subscription(cast.rita), member=cast.pontevedra).pk],
        "forged": ["1", "forged-key"],
        "forged_key": ["forged"],
    }
    asks = facts() | {name: [one.pk for one in found] for name, found in terms().items()}
    forms = FORMS | {
        "peers:ask_create": asks | {"person": ""},
        "peers:offer_create": asks | {"person": ""},
        "peers:notice_edit": asks | {"person": cast.bob.pk, "edition": asked.edition},
        "peers:notice_reopen": FORMS["peers:notice_reopen"] | {"edition": closed_ask.edition},
        "peers:introduction_create": {
            "member": cast.lahti.slug,
            "peer": third.slug,
            "note": "You both fight with rain.",
        },
        "peers:introduction_answer": {"member": cast.lahti.slug, "answer": "interested"},
        "fees:issuer_add": ISSUER | {"office": cast.finland.pk, "series": "FINLAND"},
        "conversations:group_create": GROUP | {"name": "Another", "admission": "open", "topic": talk["topic"]},
        "conversations:group_edit": GROUP | {"name": "Renamed", "admission": "open", "topic": talk["topic"]},
        "conversations:thread_create": {"people": [cast.alice.pk], "subject": "A visit", "text": "When?"},
        "people:role_move": {"to": cast.pontevedra.pk, "role": "reader"},
        "people:join": {"member": cast.lahti.pk},
        "editorial:publication_create": FORMS["editorial:publication_create"] | {"owner": f"member-{cast.lahti.pk}"},
        "editorial:revision_edit": {"title": "Another title", "edition": draft.edition, "window": "a"},
        "editorial:revision_submit": {"edition": draft.edition},
        "editorial:publication_assign": {"to": cast.bob.pk},
        "announcements:announcement_create": {"office": "0"},
        "announcements:announcement_edit": {
            "office": cast.finland.pk,
            "edition": announcement.edition,
            "subject_en": "Newer",
            "body_en": "All is newer.",
        },
        "announcements:announcement_detail": {"edition": announcement.edition},
        "translations:translation_edit": {"title": "Publicerad", "origin": "human", "edition": "0"},
        "translations:translation_approve": {"edition": "1"},
        "translations:translation_send_back": {"edition": "1", "reason": "The names are wrong."},
        "intake:batch_create": {"owner": f"member-{cast.lahti.pk}", "file": Table()},
        "directory:table_create": {"file": Table([{"slug": "lahti", "population": "8"}])},
        "exchanges:exchange_create": PLAN | {"gives": "yes", "partner": cast.kotka.slug},
        "exchanges:exchange_edit": PLAN | {"edition": exchange.edition},
        "exchanges:party_invite": {"member": cast.pontevedra.slug},
        "exchanges:party_people": {"people": cast.bob.pk},
        "exchanges:file_add": {"file": Table()},
        "uptake:uptake_edit": {"state": "adapting", "language": "en", "edition": uptake.edition},
        "uptake:uptake_confirm": {"answer": "confirm", "reason": "", "edition": uptake.edition},
        "editorial:revision_review": FORMS["editorial:revision_review"] | {"edition": submitted.edition, "version": 0},
        "editorial:revision_hand_over": FORMS["editorial:revision_hand_over"] | {"office": cast.europe.pk},
        "editorial:revision_assign": {"to": cast.kaisa.pk},
        "editorial:expert_invite": FORMS["editorial:expert_invite"] | {"expert": cast.xavier.pk},
    }
    return SimpleNamespace(**vars(cast), arguments=arguments, forms=forms, sessions={})


def _talk(cast, published):
    """Let people report, connect and write to each other; return what of it stands in the table."""
    case = report_thing(reportable=PERSON, thing=cast.bob, reason="Not polite.", by=cast.carlos)
    hidden_case = report_thing(reportable=PERSON, thing=cast.rita, reason="Not polite.", by=cast.carlos)
    hidden_case = decide_case(case=hidden_case, verdict="hide", reason="Not here.", by=cast.kaisa)
    Silence.objects.all().delete()  # so that she may write in other rows
    connection = request_connection(to=cast.bob, message="Shall we talk?", by=cast.eva)
    connected = request_connection(to=cast.alice, message="Shall we talk?", by=cast.eva)
    connected = accept_request(connection=connected, by=cast.alice)
    comment = add_comment(publication=published, kind="question", text="How?", language="en", by=cast.carlos)
    reply = reply_to_comment(comment=comment, text="So.", language="en", by=cast.rita)
    thread = begin_thread(people=[cast.alice], subject="A visit", text="When?", by=cast.eva)
    topic = Topic.objects.get(code="food")
    group, closed_group = (
        found_group(values=GROUP | {"name": one, "admission": one, "topic": topic}, by=cast.alice)
        for one in ("open", "closed")
    )
    group_file = add_file(group=group, upload=upload(PDF, "plan.pdf"), by=cast.alice)
    times = {"starts_at": timezone.now() + timedelta(days=1), "ends_at": timezone.now() + timedelta(days=2)}
    event = save_event(group=group, event=None, values=MEETING | times, by=cast.alice)
    block_person(person=cast.carlos, by=cast.rita)
    return {
        "topic": topic.pk,
        "report_bob": ["person", cast.bob.pk],
        "carlos": [cast.carlos.pk],
        "case": [case.pk],
        "hidden_case": [hidden_case.pk],
        "connection": [connection.pk],
        "connected": [connected.pk],
        "comment": [comment.pk],
        "reply": [reply.pk],
        "thread": [thread.pk],
        "group": [group.pk],
        "closed_group": [closed_group.pk],
        "group_bob": [group.pk, cast.bob.pk],
        "group_file": [group_file.pk],
        "event": [event.pk],
        "left_messages": [LEAVE_MESSAGES.sign(f"{cast.rita.pk}.questions")],
        "left_connections": [LEAVE_CONNECTIONS.sign(str(cast.rita.pk))],
    }


def _exchanges(cast):
    """Return a running exchange of Lahti with Kotka, and what the addresses of it and of its parts need."""
    liaison = MemberRoleFactory(member=cast.kotka, role="liaison").user
    exchange, done = (led_to(state, cast, partner=cast.kotka, by=liaison) for state in ("running", "completed"))
    soon = timezone.now() + timedelta(days=9)
    said = {"title": "Call", "starts_at": soon, "ends_at": soon + timedelta(hours=1), "time_zone": "UTC"}
    todo = {"what": "Book rooms", "who": None, "due_on": None, "is_milestone": False}
    wide = propose(cast, partners=[cast.kotka], gives=False, format_="twinning", starts_on=day(1), ends_on=day(90))
    third = invite_party(exchange=wide, member=MemberFactory(office=cast.finland), by=cast.alice)
    advice = {"kind": "recommendation", "text": "Buy nearer.", "publication": None, "who": "", "due_on": None}
    return exchange, {
        "exchange": [exchange.pk],
        "party": [exchange.parties.get(member=cast.lahti).pk],
        "other_party": [exchange.parties.get(member=cast.kotka).pk],
        "done_party": [done.parties.get(member=cast.lahti).pk],
        "network": [wide.parties.get(member=cast.lahti).pk],
        "network_third": [third.pk],
        "meeting": [working.add_session(exchange=exchange, facts=said, by=cast.alice).pk],
        "todo": [working.add_task(exchange=exchange, by=cast.alice, **todo).pk],
        "noted": [working.add_note(exchange=exchange, text="Ask them.", by=cast.alice).pk],
        "attached": [working.add_file(exchange=exchange, upload=upload(PDF), by=cast.alice).pk],
        "outcome": [add_outcome(exchange=exchange, by=cast.alice, **advice).pk],
        "own_calendar": [feed_token(cast.rita)],
    }


def _asks_to_join(member):
    member.email_domains = ["lahti.example"]
    member.save(update_fields=["email_domains"])
    newcomer = UserFactory(email="ilkka@lahti.example")
    EmailAddress.objects.create(user=newcomer, email=newcomer.email, verified=True, primary=True)
    return request_to_join(member=member, leaves=None, by=newcomer)


def _session_of(user):
    return UserSession.objects.create(user=user, ip="192.0.2.1", session_key="elsewhere", user_agent="Browser").pk


def _file(publication, name):
    blob = store_upload(upload=upload(PDF), allowed=DOCUMENTS)
    return File.objects.create(publication=publication, blob=blob, name=name)


def _photo(publication):
    file = _file(publication, "shown.pdf")
    Photo.objects.create(publication=publication, file=file, position=0, alt="A", credit="B", licence="CC0-1.0")
    return file


def _ask_about(publication):
    """Return the token of a link that answers whether a publication is still true."""
    check = Check.objects.create(
        publication=publication, confirmed_at=publication.confirmed_at, asked_at=timezone.now()
    )
    return answer_token(check, Check.Answer.STILL_TRUE, "food@city.example")


def _write(cast, title):
    revision = begin_publication(kind="practice", owner=cast.lahti, language="en", title=title, by=cast.alice)
    return save_revision(
        revision=revision, changes=COMPLETE | {"title": title}, edition=1, window="", final=True, by=cast.alice
    )


def _submit(revision, cast):
    return submit_revision(revision=revision, edition=revision.edition, by=cast.alice)


def _approve(revision, cast):
    revision = decide_revision(
        revision=_submit(revision, cast), verdict="approved", reason="", edition=2, version=0, by=cast.kaisa
    )
    return Publication.objects.get(pk=revision.publication_id)


def ask(client, house, name, thing, act, person, *, keep=False, **extra):
    """Make the request of a row as `person`, who signs in once, and take back what it wrote unless `keep`."""
    client.cookies.clear()
    if person in house.sessions:
        client.cookies[settings.SESSION_COOKIE_NAME] = house.sessions[person]
    elif person != "anonymous":
        client.force_login(getattr(house, person))
        house.sessions[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
    send = client.post if act == "POST" else client.get
    with transaction.atomic():
        data = house.forms.get(name) if act == "POST" else None
        response = send(reverse(name, args=house.arguments[thing]), data, **extra)
        transaction.set_rollback(not keep)
    if response.streaming:
        list(response)  # a file is closed at its end
    return response


def all_names():
    """Return (name, first namespace) of every address in the URLconf."""

    def walk(patterns, namespace):
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                yield f"{namespace}:{pattern.name}" if namespace else pattern.name, namespace
            else:
                yield from walk(pattern.url_patterns, namespace or pattern.namespace)

    return set(walk(get_resolver().url_patterns, None))


def test_every_named_address_is_in_the_table():
    expected = {name for name, namespace in all_names() if namespace not in EXEMPT}
    assert {name for name, *_ in ROWS} == expected
    assert set(EXEMPT) <= {namespace for _, namespace in all_names()}


def test_every_address_has_a_row_for_reading_it():
    assert {name for name, *_ in ROWS} == {name for name, _, act, _ in ROWS if act == "GET"}


@each_room
def test_access(house, client, room):
    wrong = {}
    for name, thing, act, answers in ROWS:
        if name.partition(":")[0] != room:
            continue
        got = {person: ask(client, house, name, thing, act, person).status_code for person in PEOPLE}
        if unlike := {person: status for person, status in got.items() if status != answers[person]}:
            wrong[name, thing, act] = unlike
    assert wrong == {}


def test_access_without_sign_in_leads_to_it_or_is_401_for_a_fragment(house, client):
    login = f"{reverse(settings.LOGIN_URL)}?next="
    wrong = []
    for name, thing, act, answers in ROWS:
        if answers["anonymous"] != 302 or name in OPEN_TO_ALL:
            continue
        page = ask(client, house, name, thing, act, "anonymous")
        fragment = ask(client, house, name, thing, act, "anonymous", headers={"HX-Request": "true"})
        leads = page.headers["Location"].startswith(login)
        if not leads or (fragment.status_code, fragment.content) != (401, b""):
            wrong.append((name, thing, act))
    assert wrong == []


@pytest.mark.parametrize("person", PEOPLE)
def test_refused_acts_change_nothing(house, client, person):
    before = _everything()
    refused = [row[:3] for row in ROWS if row[2] == "POST" and row[3][person] in {403, 404}]
    for row in refused:
        ask(client, house, *row, person, keep=True)
    assert _everything() == before


@pytest.mark.parametrize("person", ["anonymous", "alice", "kaisa"])
def test_nul_byte_in_any_posted_field_is_answered(house, client, person):
    """PostgreSQL keeps none: whoever forgets to check a field gets an error of the database, which is a 500."""
    for name, thing, act, _answers in ROWS:
        whole = house.forms.get(name, {}) if act == "POST" else {}
        for field in whole:
            house.forms[name] = whole | {field: f"{whole[field]}\x00"}
            assert ask(client, house, name, thing, act, person).status_code < 500, (name, field)
        if whole:
            house.forms[name] = whole


@pytest.mark.parametrize("person", PEOPLE)
def test_reading_changes_nothing(house, client, person):
    before = _everything()
    for row in ROWS:
        if row[2] == "GET":
            ask(client, house, *row[:3], person, keep=True)
    assert _everything() == before


def _everything():
    """Return every row of our own rooms but those that signing in and opening a publication write."""
    rooms = {
        "directory",
        "exchanges",
        "peers",
        "people",
        "files",
        "library",
        "editorial",
        "intake",
        "translations",
        "upkeep",
        "uptake",
        "announcements",
        "moderation",
        "connections",
        "conversations",
        "digests",
        "outbox",
        "journal",
    }
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.app_label in rooms and model._meta.label not in {"library.Seen", "conversations.Reader"}
    }
