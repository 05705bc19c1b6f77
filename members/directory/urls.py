from django.urls import path, re_path

from members.directory import views

app_name = "directory"
urlpatterns = [
    path("members/", views.member_list, name="member_list"),
    re_path(r"^members/export\.(?P<kind>csv|xlsx)$", views.member_table, name="member_table"),
    path("members/<slug:slug>/", views.member_detail, name="member_detail"),
    path("members/<slug:slug>/invite/", views.invite, name="invite"),
    path("offices/<slug:slug>/", views.office_detail, name="office_detail"),
    path("invitations/<int:pk>/again/", views.invitation_resend, name="invitation_resend"),
    path("invitations/<int:pk>/withdraw/", views.invitation_withdraw, name="invitation_withdraw"),
    path("invitations/<str:token>/", views.invitation_accept, name="invitation_accept"),
]
