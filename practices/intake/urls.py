from django.urls import path, re_path

from practices.intake import views

app_name = "intake"
urlpatterns = [
    path("imports/", views.batch_list, name="batch_list"),
    path("imports/new/", views.batch_create, name="batch_create"),
    re_path(r"^imports/publications\.(?P<kind>csv|xlsx)$", views.batch_template, name="batch_template"),
    path("imports/<int:pk>/", views.batch_detail, name="batch_detail"),
    path("imports/<int:pk>/check/", views.batch_check, name="batch_check"),
    path("imports/<int:pk>/import/", views.batch_import, name="batch_import"),
    path("imports/<int:pk>/abandon/", views.batch_abandon, name="batch_abandon"),
]
