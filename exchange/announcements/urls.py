from django.urls import path

from exchange.announcements import views

app_name = "announcements"
urlpatterns = [
    path("announcements/", views.announcement_list, name="announcement_list"),
    path("announcements/new/", views.announcement_create, name="announcement_create"),
    path("announcements/mine/", views.change_leave, name="change_leave"),
    path("announcements/leave/<str:token>/", views.leave, name="leave"),
    path("announcements/<int:pk>/", views.announcement_detail, name="announcement_detail"),
    path("announcements/<int:pk>/edit/", views.announcement_edit, name="announcement_edit"),
    path("announcements/<int:pk>/preview/<int:reader>/", views.announcement_preview, name="announcement_preview"),
    path("announcements/<int:pk>/unschedule/", views.announcement_unschedule, name="announcement_unschedule"),
    path("announcements/<int:pk>/stop/", views.announcement_stop, name="announcement_stop"),
    path("announcements/<int:pk>/test/", views.announcement_test, name="announcement_test"),
    path("announcements/<int:pk>/delete/", views.announcement_delete, name="announcement_delete"),
]
