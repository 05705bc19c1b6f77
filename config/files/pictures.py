"""Pictures made anew from their pixels: upright, in sRGB, in two sizes, without anything that came along in the file.

So a place, a thumbnail, a comment or a script in the uploaded bytes is in nothing that Talkoo keeps.
"""

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

logger = logging.getLogger(__name__)
LARGE, SMALL = 2000, 640  # pixels of the longest side
MOST_PIXELS = 36_000_000  # a page of A4 scanned at 600 dpi; to unpack and shrink them takes up to 400 MB
MOST_OF_JPEG = 64_000_000  # more than telephones commonly make; JPEG is shrunk while it is unpacked
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP")
_SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Picture:
    """The bytes of both sizes; `width` and `height` are those of the large one, in pixels."""

    large: bytes
    small: bytes
    media_type: str
    width: int
    height: int


def remake(file: IO[bytes]) -> Picture:
    """Make the picture in `file` anew. The same bytes always give the same bytes.

    Raises:
        ValidationError: it is damaged, too large or has several frames.
    """
    try:
        image = _pixels(file)
        large = _shrink(image, LARGE)
        see_through = large.mode == "RGBA"
        return Picture(
            large=_encode(large),
            small=_encode(_shrink(large, SMALL)),
            media_type="image/webp" if see_through else "image/jpeg",
            width=large.width,
            height=large.height,
        )
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(MOST_PIXELS) from error
    except Exception as error:  # decoders raise a dozen kinds for broken bytes, some of them by accident
        logger.info("A picture could not be read", exc_info=True)
        raise ValidationError(
            _("This picture cannot be read: it is damaged or not whole. Please export it again."), code="damaged"
        ) from error


def _pixels(file: IO[bytes]) -> Image.Image:
    """Return the picture upright as RGB, or RGBA where something shows through."""
    image: Image.Image = Image.open(file, formats=FORMATS)
    limit = MOST_OF_JPEG if image.format in {"JPEG", "MPO"} else MOST_PIXELS
    if image.width * image.height > limit:
        raise _too_many_pixels(limit)
    if image.format != "MPO" and getattr(image, "is_animated", False):
        raise ValidationError(
            _("This picture moves or has several pages. Please export one of them as JPEG or PNG."), code="frames"
        )
    image.draft("RGB", (LARGE, LARGE))  # lets JPEG unpack no more than it needs
    image.load()
    if image.mode not in {"L", "RGB", "RGBA", "CMYK"}:
        image = _eight_bits(image)
    image.thumbnail((LARGE, LARGE), Image.Resampling.LANCZOS)  # at once, since each copy of all pixels is large
    profile = image.info.get("icc_profile")
    return _in_srgb(_without_idle_alpha(_turn(image)), profile)


def _turn(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - a broken note beside the pixels is no reason to refuse them
        return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture of another mode in one that can be shrunk and that colour profiles are for."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


def _without_idle_alpha(image: Image.Image) -> Image.Image:
    """Return the picture as RGBA only where something shows through. RGB may have one colour that does."""
    if image.mode != "RGBA" and image.has_transparency_data:
        image = image.convert("RGBA")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        return image.convert("RGB")
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    target = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(image, own, _SRGB, outputMode=target)
        except (ImageCms.PyCMSError, OSError):
            pass  # a broken profile, or one of another mode
        else:
            if turned is not None:
                return turned
    return image.convert(target)


def _shrink(image: Image.Image, longest: int) -> Image.Image:
    """Return a copy whose sides are at most `longest`, with the pixels and nothing else."""
    copy = image.copy()
    copy.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    copy.info = {}
    return copy


def _encode(image: Image.Image) -> bytes:
    """Write JPEG, which every mail program and network shows; WebP where something shows through."""
    written = BytesIO()
    if image.mode == "RGBA":
        image.save(written, "WEBP", quality=85, method=4, exif=b"", xmp=b"", icc_profile=None)
    else:
        # Full colour resolution, since diagrams have coloured letters.
        image.save(written, "JPEG", quality=85, optimize=True, progressive=True, subsampling=0)
    return written.getvalue()


def _too_many_pixels(limit: int) -> ValidationError:
    return ValidationError(
        _("This picture has too many pixels. At most %(limit)d million are possible. Please make it smaller."),
        params={"limit": limit // 1_000_000},
        code="pixels",
    )
