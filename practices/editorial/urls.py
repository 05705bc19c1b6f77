from django.urls import URLPattern

app_name = "editorial"
urlpatterns: list[URLPattern] = []
