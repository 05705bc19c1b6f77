"""Inside an exchange: people, sessions, tasks, notes, files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.files.serving import serve_blob
from config.files.uploads import check_all_came
from config.kit.acts import tell_outcome
from exchange.exchanges import working
from exchange.exchanges.fetching import answer_form, ask_first, get_exchange, get_part, get_party
from exchange.exchanges.forms import FileForm, NoteForm, PeopleForm, SessionForm, TaskForm, session_words
from exchange.exchanges.models import Attachment, Note, Session, Task
from exchange.exchanges.talking import open_talk
from members.accounts.requests import PersonRequest

SESSION_FIELDS = {"starts_at": "starts", "ends_at": "ends"}


def party_people(request: PersonRequest, pk: int) -> HttpResponse:
    """Choose who takes part for one's member."""
    party = get_party(request, pk)
    initial = {"people": [one.user_id for one in party.participants.all()], "person": party.person_id}
    form = PeopleForm(request.POST or None, party=party, initial=initial)
    act = lambda: working.choose_people(party=party, by=request.user, **form.cleaned_data)  # noqa: E731
    return answer_form(
        request, party.exchange, form, act, title=_("Who takes part for %(member)s") % {"member": party.member.name},
        button=_("Save it"), done=_("It is saved."), place="parties",
    )  # fmt: skip


def session_add(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "run_exchange")
    form = SessionForm(request.POST or None, initial=session_words(exchange, None))
    act = lambda: working.add_session(exchange=exchange, facts=form.facts(), by=request.user)  # noqa: E731
    return answer_form(
        request, exchange, form, act, title=_("Plan a session"), button=_("Plan it"), done=_("It is planned."),
        lead=_("Once the exchange is agreed, all who take part get it for their calendars by e-mail."),
        place="sessions", names=SESSION_FIELDS,
    )  # fmt: skip


def session_edit(request: PersonRequest, pk: int) -> HttpResponse:
    session = get_part(request, Session, pk)
    if not request.user.has_perm("exchanges.run_exchange", session.exchange):
        raise PermissionDenied
    form = SessionForm(request.POST or None, initial=session_words(session.exchange, session))

    def act() -> None:
        try:
            working.change_session(
                session=session, facts=form.facts(), sequence=form.cleaned_data["sequence"], by=request.user
            )
        except working.StaleSessionError as stale:
            # What was typed is kept; whoever saves it again has seen what there is now.
            now = session_words(session.exchange, stale.session)
            typed = request.POST.copy()
            typed["sequence"] = str(stale.session.sequence)
            form.data = typed
            text = _(
                "A colleague changed it meanwhile. It says now: %(session)s. Save again to put yours in its place."
            )
            shown = ", ".join(str(now[name]) for name in ("title", "day", "starts", "ends", "place") if now[name])
            raise ValidationError(text % {"session": shown}) from None

    return answer_form(
        request, session.exchange, form, act, title=_("Change the session"), button=_("Save it"),
        done=_("It is saved."), lead=_("The calendars of all who take part follow."), place="sessions",
        names=SESSION_FIELDS,
    )  # fmt: skip


def session_cancel(request: PersonRequest, pk: int) -> HttpResponse:
    session = get_part(request, Session, pk)
    if not request.user.has_perm("exchanges.run_exchange", session.exchange):
        raise PermissionDenied
    act = lambda: working.cancel_session(session=session, by=request.user)  # noqa: E731
    return ask_first(
        request, session.exchange, act, title=_("Cancel the session?"), lead=session.title, button=_("Cancel it"),
        done=_("The session is cancelled. It leaves the calendars of all who take part."), place="sessions",
    )  # fmt: skip


def task_add(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "work_on_exchange")
    form = TaskForm(request.POST or None, exchange=exchange)
    act = lambda: working.add_task(  # noqa: E731
        exchange=exchange, by=request.user, **{"is_milestone": False} | form.cleaned_data
    )
    return answer_form(
        request, exchange, form, act, title=_("Add a task"), button=_("Add it"), done=_("It is added."), place="tasks"
    )


def task_edit(request: PersonRequest, pk: int) -> HttpResponse:
    task = get_part(request, Task, pk)
    if not request.user.has_perm("exchanges.work_on_exchange", task.exchange):
        raise PermissionDenied
    form = TaskForm(request.POST or None, exchange=task.exchange, task=task)
    act = lambda: working.change_task(  # noqa: E731
        task=task, by=request.user, **{"is_milestone": task.is_milestone} | form.cleaned_data
    )
    return answer_form(
        request, task.exchange, form, act, title=_("Change the task"), button=_("Save it"), done=_("It is saved."),
        place="tasks", remove=reverse("exchanges:task_remove", args=[task.pk]),
    )  # fmt: skip


@require_POST
def task_remove(request: PersonRequest, pk: int) -> HttpResponse:
    task = get_part(request, Task, pk)
    tell_outcome(request, lambda: working.remove_task(task=task, by=request.user), _("It is removed."))
    return redirect(f"{task.exchange.get_absolute_url()}#tasks")


@require_POST
def task_tick(request: PersonRequest, pk: int) -> HttpResponse:
    task = get_part(request, Task, pk)
    done = request.POST.get("done") == "yes"
    tell_outcome(request, lambda: working.tick_task(task=task, done=done, by=request.user))
    return redirect(f"{task.exchange.get_absolute_url()}#tasks")


@require_POST
def exchange_talk(request: PersonRequest, pk: int) -> HttpResponse:
    """Lead those who take part to their thread."""
    exchange = get_exchange(request, pk, "work_on_exchange")
    try:
        thread = open_talk(exchange=exchange, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(exchange)
    return redirect(thread)


def note_add(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "work_on_exchange")
    form = NoteForm(request.POST or None)
    act = lambda: working.add_note(exchange=exchange, text=form.cleaned_data["text"], by=request.user)  # noqa: E731
    return answer_form(
        request, exchange, form, act, title=_("Write a note"), button=_("Keep it"), done=_("Your note is kept."),
        place="notes",
    )  # fmt: skip


def note_remove(request: PersonRequest, pk: int) -> HttpResponse:
    note = get_part(request, Note, pk)
    if not working.may_remove(note, request.user):
        raise PermissionDenied
    act = lambda: working.remove_note(note=note, by=request.user)  # noqa: E731
    return ask_first(
        request, note.exchange, act, title=_("Remove the note?"), lead=str(note), button=_("Remove it"),
        done=_("It is removed."), place="notes",
    )  # fmt: skip


def file_add(request: PersonRequest, pk: int) -> HttpResponse:
    exchange = get_exchange(request, pk, "work_on_exchange")
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = FileForm(*bound)
    act = lambda: working.add_file(exchange=exchange, upload=form.cleaned_data["file"], by=request.user)  # noqa: E731
    if form.is_bound:
        try:
            check_all_came(request)
        except ValidationError as error:
            form.add_error("file", error)
    return answer_form(
        request, exchange, form, act, title=_("Add a file"), button=_("Upload"), done=_("The file is kept."),
        place="files", multipart=True,
    )  # fmt: skip


@require_safe
def file_download(request: PersonRequest, pk: int) -> HttpResponseBase:
    file = get_part(request, Attachment, pk)
    if not request.user.has_perm("exchanges.see_inside_exchange", file.exchange):
        raise PermissionDenied
    return serve_blob(request, file.blob, name=file.name)


def file_remove(request: PersonRequest, pk: int) -> HttpResponse:
    file = get_part(request, Attachment, pk)
    if not working.may_remove(file, request.user):
        raise PermissionDenied
    act = lambda: working.remove_file(file=file, by=request.user)  # noqa: E731
    return ask_first(
        request, file.exchange, act, title=_("Remove the file?"), lead=file.name, button=_("Remove it"),
        done=_("The file is removed."), place="files",
    )  # fmt: skip
