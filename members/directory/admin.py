"""The support tool for members, offices and people."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse

from members.accounts.models import PersonalDataEvent, User
from members.accounts.personal_data import note_personal_data
from members.directory.models import Contact, Member, MemberRole, Office, OfficeRole


class MemberRoleInline(admin.TabularInline[MemberRole, Member]):
    model = MemberRole
    autocomplete_fields = ("user", "member")
    extra = 0


class OfficeRoleInline(admin.TabularInline[OfficeRole, Office]):
    model = OfficeRole
    autocomplete_fields = ("user", "office")
    extra = 0


class ContactInline(admin.TabularInline[Contact, Member]):
    model = Contact
    autocomplete_fields = ("person",)
    extra = 0


@admin.register(Office)
class OfficeAdmin(admin.ModelAdmin[Office]):
    list_display = ("name", "kind", "city", "parent")
    search_fields = ("name", "city")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (OfficeRoleInline,)


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin[Member]):
    list_display = ("name", "name_en", "country", "kind", "office", "is_active")
    list_filter = ("office", "kind", "is_active")
    list_select_related = ("office",)
    search_fields = ("name", "name_en")
    prepopulated_fields = {"slug": ("name_en",)}
    autocomplete_fields = ("associations", "merged_into")  # a list of all members would be long
    raw_id_fields = ("logo",)
    inlines = (ContactInline, MemberRoleInline)
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """People are invited, never added here; passwords are theirs alone."""

    list_display = ("email", "name", "is_active", "is_administrator", "last_login")
    list_filter = ("is_active", "is_administrator")
    search_fields = ("email", "name")
    readonly_fields = ("email", "last_login")
    fields = ("email", "name", "job_title", "language", "time_zone", "is_active", "is_administrator", "last_login")
    inlines = (MemberRoleInline, OfficeRoleInline)

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_delete_permission(self, request: object, obj: User | None = None) -> bool:  # noqa: ARG002
        """People are erased on their own page, never deleted: what they did stays the member's."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Write down that an administrator has opened somebody's account."""
        person = self.get_object(request, object_id)
        if person and request.method == "GET" and self.has_view_or_change_permission(request, person):
            self._note(request, person, PersonalDataEvent.What.ACCOUNT_SEEN, [])
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_model(request, obj, form, change)
        if form.changed_data:
            self._note(request, obj, PersonalDataEvent.What.CHANGED, form.changed_data)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        super().save_related(request, form, formsets, change)
        if any(formset.has_changed() for formset in formsets):
            self._note(request, form.instance, PersonalDataEvent.What.CHANGED, ["roles"])

    def _note(self, request: HttpRequest, person: User, what: str, columns: list[str]) -> None:
        who = User.objects.get(pk=request.user.pk or 0)
        note_personal_data(who=who, whose=person, what=what, details={"columns": columns} if columns else None)
