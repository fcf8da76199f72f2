"""Pages go compressed over a thin line; static files already are (whitenoise), pictures need not be."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

COMPRESSED = ("text/html", "application/json")


class CompressedPagesMiddleware(GZipMiddleware):
    """Django's own adds random bytes to the answer, so that its length tells nothing of a secret in it."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)
