from django.urls import path

from exchange.digests import alert_views, views

app_name = "digests"
urlpatterns = [
    path("digest/", views.subscription, name="subscription"),
    path("digest/now/", views.send_now, name="send_now"),
    path("digest/preview/", views.preview, name="preview"),
    path("digest/less/<str:token>/", views.less, name="less"),
    path("digest/mutes/<int:pk>/remove/", views.mute_remove, name="mute_remove"),
    path("digest/leave/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("searches/stop/<str:token>/", alert_views.alerts_stop, name="alerts_stop"),
]
