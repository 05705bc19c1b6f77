from django.urls import path

from config.outbox import views

app_name = "outbox"
urlpatterns = [path("mail/reports/", views.mail_reports, name="mail_reports")]
