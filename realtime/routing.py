from django.urls import re_path

from .consumers import DocumentConsumer, NowhereConsumer, TopicConsumer

UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

websocket_urlpatterns = [
    re_path(
        rf"^ws/docs/(?P<kind>[a-z-]{{1,40}})/(?P<document_id>{UUID})/?$",
        DocumentConsumer.as_asgi(),
    ),
    re_path(r"^ws/topics/?$", TopicConsumer.as_asgi()),
    re_path(r"", NowhereConsumer.as_asgi()),
]
