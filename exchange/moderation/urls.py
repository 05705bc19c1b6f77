from django.urls import path

from exchange.moderation import views

app_name = "moderation"
urlpatterns = [
    path("report/<slug:kind>/<int:pk>/", views.report_create, name="report_create"),
    path("reports/", views.queue, name="queue"),
    path("reports/<int:pk>/", views.case_detail, name="case_detail"),
    path("reports/<int:pk>/decide/", views.case_decide, name="case_decide"),
    path("reports/<int:pk>/appeal/", views.case_appeal, name="case_appeal"),
]
