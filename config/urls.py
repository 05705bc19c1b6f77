"""Every address of Talkoo, room by room."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # sign-in has one door, with its rate limits

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("", include("config.ops.urls")),
    path("", include("config.outbox.urls")),
    path("", include("members.accounts.urls")),
    path("", include("members.directory.urls")),
    path("", include("members.fees.urls")),
    path("", include("members.joining.urls")),
    path("", include("members.people.urls")),
    path("", include("members.outgoing.urls")),
    path("", include("practices.library.urls")),
    path("", include("practices.editorial.urls")),
    path("", include("practices.translations.urls")),
    path("", include("practices.search.urls")),
    path("", include("practices.intake.urls")),
    path("", include("practices.sharing.urls")),
    path("", include("practices.upkeep.urls")),
    path("", include("practices.uptake.urls")),
    path("", include("exchange.moderation.urls")),
    path("", include("exchange.connections.urls")),
    path("", include("exchange.conversations.urls")),
    path("", include("exchange.announcements.urls")),
    path("", include("exchange.digests.urls")),
    path("", include("exchange.exchanges.urls")),
    path("", include("exchange.peers.urls")),
    path("", include("exchange.home.urls")),
    path("admin/", admin.site.urls),
]
