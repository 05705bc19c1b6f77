"""Exchanges: the list of one's own, proposing, the page, the plan, and the acts that lead to the end."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from config.kit.forms import add_errors, render_form
from exchange.connections.blocks import blocked_ids
from exchange.exchanges import agreeing, ending, locking, services
from exchange.exchanges.fetching import answer_form, get_exchange, get_part, get_party
from exchange.exchanges.forms import (
    CancelForm,
    InviteForm,
    NoteForm,
    PlanForm,
    ProposeForm,
    first_words,
    initial_of,
    posted_plan,
    typed_plan,
)
from exchange.exchanges.models import Exchange, Party
from exchange.exchanges.outcomes import feedback_for, is_open
from exchange.exchanges.plans import MOST_PARTNERS, OTHER_COUNTRIES, PART_LABELS, countries_of_peers, template_of
from exchange.exchanges.queries import agenda_days, changes_of, history_of, outcomes_for, people_shown, steps_of
from exchange.exchanges.querysets import speaks_for
from exchange.exchanges.transitions import may
from exchange.peers.models import Introduction, Notice
from members.accounts.models import User
from members.accounts.requests import PersonRequest
from members.directory.models import Member
from members.directory.rules import roles_of
from practices.sharing.feeds import feed_token

PAGE_SIZE = 20


def exchange_list(request: PersonRequest) -> HttpResponse:
    """List the exchanges of one's own members, what waits first; coordinators see those of their offices' members."""
    roles = roles_of(request.user)
    helps = bool(roles.coordinates) or roles.is_administrator
    rows = Exchange.objects.visible_to(request.user) if helps else Exchange.objects.of_members(roles.members)
    waiting = Party.objects.answerable_by(request.user).with_asker().select_related("exchange", "member")
    feedback_due = (
        Party.objects.owing_feedback().filter(member__in=speaks_for(roles)).select_related("exchange", "member")
    )
    asked = request.GET.get("state", "")
    state = asked if asked in Exchange.State.values else ""
    shown = rows.filter(state=state) if state else rows
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    context = {
        "waiting": waiting.prefetch_related("exchange__parties__member"),
        "page": Paginator(shown.with_rows().order_by("-proposed_at", "-pk"), PAGE_SIZE).get_page(
            request.GET.get("page")
        ),
        "feedback_due": feedback_due,
        "state": state,
        "states": [(one, Exchange.State(one).label, counts[one]) for one in Exchange.State.values if one in counts],
        "helps": helps,
        "writes": bool(roles.writes_for),
        "calendar": feed_token(request.user) if roles.members else "",
    }
    return render(request, "exchange/exchanges/exchange_list.html", context)


def exchange_create(request: PersonRequest) -> HttpResponse:
    """Propose an exchange; `notice`, `introduction` or `member` in the address say what it comes from."""
    members = list(Member.objects.written_for_by(request.user).order_by("name_en", "pk"))
    if not members:
        raise PermissionDenied
    notice, introduction = _notice(request), _introduction(request)
    partner: Member | None
    person: User | None = None
    own = {one.pk for one in members}
    if introduction:
        notice = notice or introduction.notice
        members = [one for one in (introduction.member, introduction.peer) if one.pk in own][:1]
        partner = introduction.peer if members == [introduction.member] else introduction.member
    elif notice and notice.member_id in own:
        members, partner = [notice.member], _member(request)
    else:
        partner = notice.member if notice else _member(request)
        members = [one for one in members if one != partner] or members
        person = _person(request, partner)
    of_us = bool(notice and notice.member_id == members[0].pk)
    form = ProposeForm(
        request.POST or None, members=members, partner=partner,
        initial=first_words(
            request.user, notice, members=members, partner=partner, own=of_us, language=request.LANGUAGE_CODE
        ),
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            exchange = services.propose_exchange(
                member=form.whose(), partners=[form.with_whom()], gives=data["gives"] == "yes", format_=data["format"],
                facts=form.facts(), notice=notice if notice and notice.is_open else None, introduction=introduction,
                person=person, by=request.user,
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error, {"partners": "partner"})
        else:
            messages.success(
                request, _("It is proposed. The other side is asked by e-mail. Complete the plan meanwhile.")
            )
            return redirect(exchange)
    context = {"form": form, "notice": notice, "partner": partner, "person": person}
    return render_form(request, "exchange/exchanges/exchange_form.html", context, invalid=form.is_bound)


def exchange_detail(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk)
    roles = roles_of(request.user)
    parties: list[Any] = exchange.taking_part
    for one in parties:
        one.people = people_shown(one)
    mine = [one for one in parties if one.member_id in speaks_for(roles)]
    inside = [one for one in parties if one.is_inside]
    template = template_of(exchange.format)
    given = feedback_for(exchange, roles.members)
    peers_missing = template.peers_abroad and len(countries_of_peers(parties)) < OTHER_COUNTRIES
    leads = exchange.is_open and request.user.has_perm("exchanges.lead_exchange", exchange)
    runs = request.user.has_perm("exchanges.run_exchange", exchange)
    works = request.user.has_perm("exchanges.work_on_exchange", exchange)
    context: dict[str, Any] = {
        "exchange": exchange,
        "steps": steps_of(exchange),
        "parties": parties,
        "mine": mine,
        "answering": [one for one in mine if exchange.is_open and one.state == Party.State.INVITED],
        "may_leave": {one.pk for one in mine if one.joined_at and agreeing.goes_on(inside, without=one)},
        "may_leave_out": {one.pk for one in parties if leads and one.state == Party.State.INVITED
                          and agreeing.goes_on(inside, without=one)},
        "changes": changes_of(exchange),
        "answers_change": any(one.joined_at and one.state == Party.State.INVITED for one in mine),
        "inside": request.user.has_perm("exchanges.see_inside_exchange", exchange),
        "leads": leads,
        "may_change": request.user.has_perm("exchanges.change_exchange", exchange),
        "runs": runs,
        "works": works,
        "may_cancel": exchange.is_open and request.user.has_perm("exchanges.cancel_exchange", exchange),
        "may_start": may(exchange, "start") and (
            exchange.starts_on is None or exchange.starts_on <= locking.today_in(exchange)
        ),
        "may_invite": exchange.is_open and not exchange.is_changing and sum(one.role == template.many for one in parties) < MOST_PARTNERS,
        "peers_missing": peers_missing and exchange.stands_at in {Exchange.State.PROPOSED, Exchange.State.AGREED},
        "agenda": agenda_days(exchange),
        "texts": [(PART_LABELS[name], exchange.plan[name]) for name in template.parts
                  if name != "agenda" and name in exchange.plan],
        "has_milestones": "transfer" in template.parts,
        "sessions": exchange.sessions.planned(),
        "tasks": exchange.tasks.select_related("who"),
        "notes": exchange.notes.select_related("by"),
        "files": exchange.attachments.select_related("by", "blob"),
        "outcomes": outcomes_for(exchange, request.user),
        "may_record": runs and may(exchange, "add_outcome"),
        "may_follow": works and may(exchange, "follow_up"),
        "has_outcomes": may(exchange, "add_outcome"),
        "feedback": given,
        "feedback_open": is_open(exchange),
        "feedback_due": [
            one for one in mine if exchange.state == Exchange.State.COMPLETED
            and one.pk not in {row.party_id for row in given}
        ],
        "contacts_open": exchange.agreed_at is not None and any(one.joined_at for one in mine),
        "blocked": blocked_ids(request.user),
        "history": history_of(exchange),
        "note_form": NoteForm(prefix=""),
    }  # fmt: skip
    return render(request, "exchange/exchanges/exchange_detail.html", context)


def exchange_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change the plan. Buttons of the agenda's rows show the form again without saving it."""
    exchange = get_exchange(request, pk, "change_exchange")
    parts = template_of(exchange.format).parts
    form = PlanForm(parts=parts, initial=initial_of(exchange))
    if request.method == "POST":
        data = posted_plan(request.POST, parts)
        if "act" in request.POST:
            form = PlanForm(parts=parts, initial=typed_plan(data, form))
        else:
            form = PlanForm(data, parts=parts, initial=initial_of(exchange))
    if form.is_bound and form.is_valid():
        try:
            services.change_exchange(
                exchange=exchange, format_=form.cleaned_data["format"], facts=form.facts(),
                edition=form.cleaned_data["edition"], by=request.user,
            )  # fmt: skip
        except locking.StaleExchangeError as error:
            data["edition"] = str(error.exchange.edition)
            form = PlanForm(data, parts=parts, initial=initial_of(error.exchange))
            form.is_valid()
            form.add_error(None, _("A colleague changed it meanwhile. What you typed is not saved yet: see the page in another window, and save again to replace it."))  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is saved."))
            return redirect(exchange)
    context = {"form": form, "exchange": exchange}
    return render_form(request, "exchange/exchanges/exchange_form.html", context, invalid=form.is_bound)


@require_POST
def party_answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Agree to the plan for a party, or decline."""
    party = get_party(request, pk)
    agrees = request.POST.get("answer") == "agree"
    seen = request.POST.get("edition", "")
    edition = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
    act = lambda: agreeing.answer_exchange(party=party, agrees=agrees, edition=edition, by=request.user)  # noqa: E731
    keeps = not agrees and party.is_asked_about_change
    if keeps:
        done = _("The plan stays as it was. The other side is told.")
    else:
        done = _("You have agreed.") if agrees else _("You have declined. The other side is told.")
    try:
        answered = tell_outcome(request, act, done)
    except locking.StaleExchangeError:
        messages.error(request, _("The plan was changed meanwhile. Please read it again before you agree."))
        return redirect(party.exchange)
    return redirect(party.exchange if agrees or keeps or not answered else "exchanges:exchange_list")


@require_POST
def exchange_take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Drop a change of the plan that waits for answers."""
    exchange = get_exchange(request, pk, "change_exchange")
    act = lambda: agreeing.take_back_change(exchange=exchange, by=request.user)  # noqa: E731
    tell_outcome(request, act, _("The change is taken back. The plan stays as it was."))
    return redirect(exchange)


@require_POST
def exchange_start(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "lead_exchange")
    act = lambda: services.start_exchange(exchange=exchange, by=request.user)  # noqa: E731
    tell_outcome(request, act, _("It has begun."))
    return redirect(exchange)


def exchange_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "cancel_exchange")
    form = CancelForm(request.POST or None)
    act = lambda: ending.cancel_exchange(exchange=exchange, reason=form.cleaned_data["reason"], by=request.user)  # noqa: E731
    return answer_form(
        request, exchange, form, act, title=_("Cancel the exchange"), button=_("Cancel the exchange"),
        done=_("It is cancelled."), lead=_("All sides are told, and its sessions leave their calendars."),
    )  # fmt: skip


def party_leave(request: PersonRequest, pk: int) -> HttpResponse:
    """Take part no more, while the others go on."""
    party = get_party(request, pk)
    form = CancelForm(request.POST or None)
    act = lambda: agreeing.leave_exchange(party=party, reason=form.cleaned_data["reason"], by=request.user)  # noqa: E731
    return answer_form(
        request, party.exchange, form, act, title=_("Leave the exchange"), button=_("Leave it"),
        done=_("Your side has left it."), lead=_("All sides are told. The others go on."), away="exchanges:exchange_list",
    )  # fmt: skip


def party_leave_out(request: PersonRequest, pk: int) -> HttpResponse:
    """Go on without a member that has not answered."""
    party = get_part(request, Party, pk)
    if not request.user.has_perm("exchanges.lead_exchange", party.exchange):
        raise PermissionDenied
    form = Form(request.POST if request.method == "POST" else None)
    act = lambda: agreeing.leave_out(party=party, by=request.user)  # noqa: E731
    title = _("Go on without %(member)s") % {"member": party.member.name}
    return answer_form(
        request, party.exchange, form, act, title=title, button=_("Go on without them"), done=_("It goes on without them."),
        lead=_("They are told that their answer is waited for no more. You can ask them again later."), place="parties",
    )  # fmt: skip


def party_invite(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "lead_exchange")
    form = InviteForm(request.POST or None)
    act = lambda: agreeing.invite_party(exchange=exchange, member=form.cleaned_data["member"], by=request.user)  # noqa: E731
    role = Party.Role(template_of(exchange.format).many).label
    return answer_form(
        request, exchange, form, act, title=_("Ask one more member"), button=_("Ask them"),
        done=_("They are asked by e-mail."), lead=_("Their part: %(role)s.") % {"role": role}, place="parties",
        names={"partners": "member"},
    )  # fmt: skip


def agenda(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the agenda with who takes part, to be printed."""
    exchange = get_exchange(request, pk)
    context = {
        "exchange": exchange,
        "agenda": agenda_days(exchange),
        "parties": exchange.taking_part,
        "sessions": exchange.sessions.planned(),
    }
    return render(request, "exchange/exchanges/agenda.html", context)


def _notice(request: PersonRequest) -> Notice | None:
    asked = request.GET.get("notice", "")
    rows = Notice.objects.visible_to(request.user).open().select_related("member")
    return get_object_or_404(rows, pk=asked) if asked.isdecimal() and len(asked) < 10 else None


def _introduction(request: PersonRequest) -> Introduction | None:
    asked = request.GET.get("introduction", "")
    rows = Introduction.objects.visible_to(request.user).filter(state=Introduction.State.AGREED)
    rows = rows.select_related("member", "peer", "notice__member")
    found = rows.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 10 else None
    writes_for = roles_of(request.user).writes_for
    return found if found and {found.member_id, found.peer_id} & writes_for else None


def _person(request: PersonRequest, partner: Member | None) -> User | None:
    """Return who at the partner the reader knows, where the address says so."""
    asked = request.GET.get("person", "")
    if partner is None or not (asked.isdecimal() and len(asked) < 10):
        return None
    return User.objects.filter(pk=asked, pk__in=services.known_at(partner, request.user)).first()


def _member(request: PersonRequest) -> Member | None:
    return Member.objects.visible_to(request.user).listed().filter(slug=request.GET.get("member", "")).first()
