from django.urls import path, re_path

from members.directory import keeping_views, list_views, office_views, page_views, table_views, views

app_name = "directory"
urlpatterns = [
    path("members/", list_views.member_list, name="member_list"),
    path("members/map.json", list_views.member_map, name="member_map"),
    path("members/names/", list_views.member_names, name="member_names"),
    path("members/compare/", list_views.member_compare, name="member_compare"),
    re_path(r"^members/export\.(?P<kind>csv|xlsx)$", list_views.member_table, name="member_table"),
    path("members/import/", table_views.table_create, name="table_create"),
    path("members/import/<int:pk>/", table_views.table_detail, name="table_detail"),
    path("members/import/<int:pk>/apply/", table_views.table_apply, name="table_apply"),
    path("members/<slug:slug>/", page_views.member_detail, name="member_detail"),
    path("members/<slug:slug>/edit/", keeping_views.member_edit, name="member_edit"),
    path("members/<slug:slug>/merge/", keeping_views.member_merge, name="member_merge"),
    path("members/<slug:slug>/contacts/", keeping_views.member_contacts, name="member_contacts"),
    path("members/<slug:slug>/logo/", page_views.member_logo, name="member_logo"),
    path("members/<slug:slug>/invite/", views.invite, name="invite"),
    path("offices/<slug:slug>/", office_views.office_detail, name="office_detail"),
    path("invitations/<int:pk>/again/", views.invitation_resend, name="invitation_resend"),
    path("invitations/<int:pk>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("invitations/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
