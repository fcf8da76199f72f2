from django.urls import re_path

from .consumers import DocumentConsumer

websocket_urlpatterns = [
    re_path(
        r"^ws/docs/(?P<kind>[a-z-]{1,40})/(?P<document_id>[0-9a-fA-F-]{36})/?$",
        DocumentConsumer.as_asgi(),
    ),
]
