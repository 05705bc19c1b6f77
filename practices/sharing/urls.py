from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps.views import sitemap
from django.urls import path, re_path

from practices.sharing import archive_views, feed_views, public_views, sheet_views, table_views
from practices.sharing.sitemaps import PublicSitemap

app_name = "sharing"
urlpatterns = [
    path("members/<slug:slug>/export/", archive_views.member_export, name="member_export"),
    re_path(r"^publications/export\.(?P<kind>csv|xlsx)$", table_views.publication_table, name="publication_table"),
    path("publications/<int:pk>/sheet.pdf", sheet_views.publication_sheet, name="publication_sheet"),
    path("publications/<int:pk>/public/", public_views.publication_public, name="publication_public"),
    path("public/", public_views.public_list, name="public_list"),
    path("public/<int:pk>-<str:slug>/", public_views.public_detail, name="public_detail"),
    path("publications/<int:pk>.jsonld", public_views.publication_data, name="publication_data"),
    path("feeds/<slug:terms>/<slug:code>.atom", feed_views.public_feed, name="public_feed"),
    path("my-feeds/<str:token>/searches/<int:pk>.atom", feed_views.search_feed, name="search_feed"),
    path("my-feeds/<str:token>/<slug:terms>/<slug:code>.atom", feed_views.own_feed, name="own_feed"),
    path("robots.txt", public_views.robots, name="robots"),
    path(
        "sitemap.xml",
        login_not_required(sitemap),
        {"sitemaps": {"public": PublicSitemap}},
        name="sitemap",
    ),
]
