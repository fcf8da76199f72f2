"""ASGI entry: pages by Django, `/ws/…` by Channels."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "prep_platform.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (Django must be set up first)
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from prep_platform.encoding import names_no_codec  # noqa: E402
from realtime.routing import websocket_urlpatterns  # noqa: E402
from realtime.signed_in import SignedInMiddleware  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": names_no_codec(django_application),
        "websocket": AllowedHostsOriginValidator(SignedInMiddleware(URLRouter(websocket_urlpatterns))),
    }
)
