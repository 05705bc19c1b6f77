"""The page of an office."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from members.accounts.requests import PersonRequest
from members.directory.models import Office, OfficeRole
from members.directory.offices import read_members_of


def office_detail(request: PersonRequest, slug: str) -> HttpResponse:
    people = Prefetch("roles", OfficeRole.objects.select_related("user").order_by("role", "user__name"))
    offices = Office.objects.visible_to(request.user).select_related("parent")
    office = get_object_or_404(offices.prefetch_related(people, "children"), slug=slug)
    sees_standing = request.user.has_perm("directory.view_standing_at_office", office)
    context = {"office": office, "of": read_members_of(office, with_standing=sees_standing)}
    return render(request, "members/directory/office_detail.html", context)
