"""How an exchange ends: outcomes, report, what becomes of recommendations, feedback."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.kit.acts import tell_outcome
from exchange.exchanges import ending, outcomes
from exchange.exchanges.fetching import answer_form, check_possible, get_exchange, get_part, get_party
from exchange.exchanges.forms import FeedbackForm, OutcomeForm, ReportForm
from exchange.exchanges.models import Feedback, Outcome
from members.accounts.requests import PersonRequest


def exchange_report(request: PersonRequest, pk: int) -> HttpResponse:
    """Complete an exchange with a report; the outcomes recorded so far are shown above it."""
    exchange = get_exchange(request, pk, "lead_exchange")
    if back := check_possible(request, exchange, "complete"):
        return back
    form = ReportForm(request.POST or None)
    act = lambda: ending.complete_exchange(exchange=exchange, by=request.user, **form.cleaned_data)  # noqa: E731
    return answer_form(
        request, exchange, form, act, title=_("Report"), button=_("Complete the exchange"),
        done=_("It is completed. Please say how useful it was for you."), place="feedback",
        lead=_("A short report closes the exchange, and cancels sessions that are still to come. Record what came of it first."),
        outcomes=exchange.outcomes.all(), reports=True,
    )  # fmt: skip


def outcome_add(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "run_exchange")
    if back := check_possible(request, exchange, "add_outcome"):
        return back
    form = OutcomeForm(request.POST or None, exchange=exchange, user=request.user)
    act = lambda: outcomes.add_outcome(exchange=exchange, by=request.user, **form.cleaned_data)  # noqa: E731
    return answer_form(
        request, exchange, form, act, title=_("Record an outcome"), button=_("Record it"),
        done=_("It is recorded."), place="outcomes",
    )  # fmt: skip


def outcome_edit(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, get_part(request, Outcome, pk).exchange_id, "run_exchange")
    outcome = exchange.outcomes.get(pk=pk)
    form = OutcomeForm(request.POST or None, exchange=exchange, user=request.user, outcome=outcome)
    act = lambda: outcomes.change_outcome(outcome=outcome, by=request.user, **form.cleaned_data)  # noqa: E731
    return answer_form(
        request, exchange, form, act, title=_("Change the outcome"), button=_("Save it"), done=_("It is saved."),
        place="outcomes", remove=reverse("exchanges:outcome_remove", args=[outcome.pk]),
    )  # fmt: skip


@require_POST
def outcome_remove(request: PersonRequest, pk: int) -> HttpResponse:
    outcome = get_part(request, Outcome, pk)
    tell_outcome(request, lambda: outcomes.remove_outcome(outcome=outcome, by=request.user), _("It is removed."))
    return redirect(f"{outcome.exchange.get_absolute_url()}#outcomes")


@require_POST
def outcome_tick(request: PersonRequest, pk: int) -> HttpResponse:
    outcome = get_part(request, Outcome, pk)
    done = request.POST.get("done") == "yes"
    tell_outcome(request, lambda: outcomes.follow_up(outcome=outcome, done=done, by=request.user))
    return redirect(f"{outcome.exchange.get_absolute_url()}#outcomes")


def feedback(request: PersonRequest, pk: int) -> HttpResponse:
    party = get_party(request, pk)
    if not party.is_in:
        raise PermissionDenied
    if back := check_possible(request, party.exchange, "give_feedback"):
        return back
    given = Feedback.objects.filter(party=party).first()
    form = FeedbackForm(request.POST or None, initial={"useful": given.useful, "text": given.text} if given else {})
    act = lambda: outcomes.give_feedback(party=party, by=request.user, **form.cleaned_data)  # noqa: E731
    return answer_form(
        request, party.exchange, form, act, title=_("How useful was it?"), button=_("Send it"),
        done=_("Thank you."), place="feedback",
        lead=_("The other side reads it once it has given its own, or after fourteen days."),
    )  # fmt: skip
