"""Keeping the page of a member: its facts, its logo, its contacts."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from config.files.uploads import check_all_came, read_uploads
from config.kit.forms import add_errors, render_form
from members.accounts.requests import PersonRequest
from members.directory import keeping
from members.directory.climate import climate_zone_at
from members.directory.facts import FACTS, MANY, fingerprint, read_facts
from members.directory.member_forms import Choices, ContactForm, LogoForm, MemberForm, MergeForm, member_fields
from members.directory.merging import merge_member
from members.directory.models import Contact, ContactCheck, Member


def member_edit(request: PersonRequest, slug: str) -> HttpResponse:
    member = _get_kept(request, slug)
    choices = Choices.read()
    official = request.user.has_perm("directory.change_member_office", member)
    names = [name for name in FACTS if official or name not in keeping.OFFICIAL]
    facts, initial = read_facts(member), _initial(member)
    proposed = "" if member.climate_zone else climate_zone_at(member.latitude, member.longitude)
    known = {"languages": member.languages, "associations": initial["associations"]}
    posted = request.POST if request.method == "POST" else None
    fields = member_fields(choices, names=names, known=known)
    form = MemberForm(posted, fields=fields, initial=initial | {"climate_zone": member.climate_zone or proposed})
    if proposed:
        form.fields["climate_zone"].help_text = _("Proposed from the point. Choose another one where it does not fit.")
    logo = LogoForm(posted, request.FILES if posted else None)
    if posted is not None and form.is_valid() and logo.is_valid():
        if _save(request, member, form, logo, choices):
            messages.success(request, _("Saved."))
            return redirect(member)
        member.refresh_from_db()
        facts = read_facts(member)
    context = {"member": member, "form": form, "logo": logo, "seen": fingerprint(facts)}
    return render_form(request, "members/directory/member_edit.html", context, invalid=form.is_bound)


def member_contacts(request: PersonRequest, slug: str) -> HttpResponse:
    member = _get_kept(request, slug)
    known = {one.function: one for one in member.contacts.all()}
    posted = request.POST if request.method == "POST" else None
    forms = {
        function: ContactForm(posted, prefix=function, instance=known.get(function), label=label)
        for function, label in Contact.Function.choices
    }
    if posted is not None and all(form.is_valid() for form in forms.values()):
        contacts = {function: form.cleaned_data for function, form in forms.items()}
        keeping.save_contacts(member=member, contacts=contacts, by=request.user)
        messages.success(request, _("Saved."))
        return redirect(member)
    checks = ContactCheck.objects.filter(contact__member=member, closed_at=None).select_related("contact")
    context = {"member": member, "forms": list(forms.values()), "checks": checks.order_by("contact__function")}
    return render_form(request, "members/directory/member_contacts.html", context, invalid=posted is not None)


def member_merge(request: PersonRequest, slug: str) -> HttpResponse:
    """Merge a member into another one, for administrators."""
    member = get_object_or_404(Member.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("directory.merge_member", member):
        raise PermissionDenied
    form = MergeForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            into = _named(request, form.cleaned_data["into"])
            merge_member(member=member, into=into, by=request.user)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("%(member)s is part of this member now.") % {"member": member})
            return redirect(into)
    context = {"member": member, "form": form}
    return render_form(request, "members/directory/member_merge.html", context, invalid=form.is_bound)


def _named(request: PersonRequest, address: str) -> Member:
    """Return the member whose page has an address, or the end of one.

    Raises:
        ValidationError: there is none.
    """
    slug = address.strip().rstrip("/").rpartition("/")[2]
    member: Member | None = Member.objects.visible_to(request.user).filter(slug=slug).first()
    if member is None:
        raise ValidationError({"into": _("There is no member with this address.")})
    return member


def _get_kept(request: PersonRequest, slug: str) -> Member:
    members = Member.objects.visible_to(request.user).select_related("office", "logo")
    member: Member = get_object_or_404(members.prefetch_related("pathways", "associations"), slug=slug)
    if not request.user.has_perm("directory.change_member", member):
        raise PermissionDenied
    return member


def _initial(member: Member) -> dict[str, Any]:
    initial = {name: getattr(member, name) for name in FACTS if name not in MANY}
    initial |= {name: [getattr(one, key) for one in getattr(member, name).all()] for name, key in MANY.items()}
    return initial | {"office": member.office.slug, "is_active": "yes" if member.is_active else "no"}


def _save(request: PersonRequest, member: Member, form: MemberForm, logo: LogoForm, choices: Choices) -> bool:
    """Save facts and logo together, or tell on the forms why not."""
    try:
        check_all_came(request)
        uploads = read_uploads(request, "logo")
    except ValidationError as error:
        add_errors(logo, ValidationError({"logo": error.messages}))
        return False
    try:
        with transaction.atomic():
            keeping.change_member(
                member=member, values=form.cleaned_data, choices=choices, seen=request.POST.get("seen", ""), by=request.user
            )  # fmt: skip
            if uploads or request.POST.get("no_logo"):
                try:
                    keeping.set_logo(member=member, upload=uploads[0] if uploads else None, by=request.user)
                except ValidationError as error:
                    add_errors(logo, ValidationError({"logo": error.messages}))
                    raise
    except ValidationError as error:
        if not logo.errors:
            add_errors(form, error)
        return False
    return True
