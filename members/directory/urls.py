from django.urls import path, re_path

from members.directory import list_views, page_views, views

app_name = "directory"
urlpatterns = [
    path("members/", list_views.member_list, name="member_list"),
    path("members/map.json", list_views.member_map, name="member_map"),
    path("members/compare/", list_views.member_compare, name="member_compare"),
    re_path(r"^members/export\.(?P<kind>csv|xlsx)$", list_views.member_table, name="member_table"),
    path("members/<slug:slug>/", page_views.member_detail, name="member_detail"),
    path("members/<slug:slug>/logo/", page_views.member_logo, name="member_logo"),
    path("members/<slug:slug>/invite/", views.invite, name="invite"),
    path("offices/<slug:slug>/", page_views.office_detail, name="office_detail"),
    path("invitations/<int:pk>/again/", views.invitation_resend, name="invitation_resend"),
    path("invitations/<int:pk>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("invitations/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
