"""What is taken, and how large."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class ImageLimits:
    max_bytes: int
    max_pixels: int


def image_limits() -> ImageLimits:
    return ImageLimits(settings.IMAGE_MAX_BYTES, settings.IMAGE_MAX_PIXELS)
