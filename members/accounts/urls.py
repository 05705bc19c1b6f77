from django.urls import path

from members.accounts import views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/sessions/", views.sessions, name="sessions"),
    path("profile/sessions/end-others/", views.sessions_end_others, name="sessions_end_others"),
    path("profile/sessions/<int:pk>/end/", views.session_end, name="session_end"),
    path("language/", views.set_language, name="set_language"),
]
