from django.urls import path, re_path

from practices.uptake import list_views, views

app_name = "uptake"
urlpatterns = [
    path("uptake/", views.my_uptake, name="my_uptake"),
    path("uptake/<int:pk>/", views.uptake_edit, name="uptake_edit"),
    path("uptake/<int:pk>/confirm/", views.uptake_confirm, name="uptake_confirm"),
    path("publications/<int:pk>/uptake/", views.publication_uptake, name="publication_uptake"),
    re_path(
        r"^publications/(?P<pk>\d+)/uptake/export\.(?P<kind>csv|xlsx)$",
        views.publication_table,
        name="publication_table",
    ),
    path("publications/<int:pk>/uptake/new/", views.uptake_record, name="uptake_record"),
    path("members/<slug:slug>/uptake/", views.member_uptake, name="member_uptake"),
    re_path(r"^members/(?P<slug>[-\w]+)/uptake/export\.(?P<kind>csv|xlsx)$", views.member_table, name="member_table"),
    path("saved/", list_views.list_index, name="list_index"),
    path("saved/<int:pk>/", list_views.list_detail, name="list_detail"),
    re_path(r"^saved/(?P<pk>\d+)/export\.(?P<kind>csv|xlsx)$", list_views.list_table, name="list_table"),
    path("saved/<int:pk>/change/", list_views.list_change, name="list_change"),
    path("saved/<int:pk>/delete/", list_views.list_delete, name="list_delete"),
    path("publications/<int:pk>/save/", list_views.bookmark_save, name="bookmark_save"),
    path("bookmarks/<int:pk>/remove/", list_views.bookmark_remove, name="bookmark_remove"),
]
