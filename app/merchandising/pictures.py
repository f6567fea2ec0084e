"""
Pictures as people upload them, drawn anew.

What is kept is made here from the pixels alone: nothing else that was in a file, such as a script,
a place or a camera's number, reaches a shopper.
"""

import io
from dataclasses import dataclass

import structlog
from PIL import Image, ImageCms, ImageOps

from app.merchandising.errors import ImageRefused

log = structlog.get_logger(__name__)

MOST_BYTES = 10 * 1024 * 1024
# Forty million, as a good camera gives; a few kilobytes can claim a thousand times as many.
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
# The longer side, in pixels: as a shopper looks at a piece closely, and in lists.
WHOLE, THUMBNAIL = 1_600, 320
QUALITY = 85


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as WebP, whole and small; ``width`` and ``height`` are of the whole one."""

    width: int
    height: int
    content: bytes
    thumbnail: bytes


def read(content: bytes) -> Picture:
    """
    Draw an uploaded picture anew.

    Raises:
        ImageRefused: it is none that is taken, whatever its name says.
    """
    try:
        whole = _drawn(content)
    except _TooLargeError:
        raise ImageRefused(f"It has more than {MOST_PIXELS // 1_000_000} million pixels.") from None
    except Exception as error:  # noqa: BLE001 - a decoder that is given anything fails in any way
        log.info("image.refused", error=error)
        raise ImageRefused("It is no JPEG, PNG or WebP picture, or a broken one.") from None
    small = whole.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return Picture(whole.width, whole.height, _webp(whole), _webp(small))


class _TooLargeError(Exception):
    """Nobody looks at so many pixels."""


def _drawn(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as found:
        # Known from its head, before a pixel is drawn.
        if found.width * found.height > MOST_PIXELS:
            raise _TooLargeError
        return _plain(found)


def _plain(found: Image.Image) -> Image.Image:
    """Turn it upright, in the colours of the web, on white, no larger than is shown."""
    found.draft("RGB", (WHOLE, WHOLE))
    upright = ImageOps.exif_transpose(found)
    upright.thumbnail((WHOLE, WHOLE))
    if upright.has_transparency_data:
        seen = upright.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(ground, seen).convert("RGB")
    return _in_web_colours(upright)


def _in_web_colours(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if not profile or image.mode != "RGB":
        return image.convert("RGB")
    of_camera = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    drawn = ImageCms.profileToProfile(image, of_camera, ImageCms.createProfile("sRGB"))
    return drawn or image


def _webp(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    # Told explicitly, since Pillow else copies what stood beside the pixels.
    image.save(kept, "WEBP", quality=QUALITY, icc_profile=b"", exif=b"", xmp=b"")
    return kept.getvalue()
