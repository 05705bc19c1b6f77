from django.urls import path

from practices.translations import views

app_name = "translations"
urlpatterns = [
    path("publications/<int:pk>/translations/", views.translation_begin, name="translation_begin"),
    path("publications/<int:pk>/translations/<str:language>/", views.translation_edit, name="translation_edit"),
    path(
        "publications/<int:pk>/translations/<str:language>/approve/",
        views.translation_approve,
        name="translation_approve",
    ),
    path(
        "publications/<int:pk>/translations/<str:language>/send-back/",
        views.translation_send_back,
        name="translation_send_back",
    ),
]
