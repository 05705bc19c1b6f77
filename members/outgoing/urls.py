from django.urls import path

from members.outgoing import views

app_name = "outgoing"
urlpatterns = [
    path("mail/", views.message_list, name="message_list"),
    path("mail/<int:pk>/", views.message_detail, name="message_detail"),
    path("mail/<int:pk>/preview/", views.message_preview, name="message_preview"),
    path("mail/<int:pk>/again/", views.message_again, name="message_again"),
    path("mail/<int:pk>/address/", views.address_open, name="address_open"),
]
