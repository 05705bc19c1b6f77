"""Pictures are made anew: upright, small enough, the right colours, and nothing hidden in them."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import ExifTags, Image, ImageCms

from config.files import pictures
from config.files.pictures import remake
from tests.uploads import drawing, photo, written

SECRETS = (b"Exif", b"secret", b"Secret", b"GPS", b"xmp", b"ICC_PROFILE", b"ICCP", b"XMP")
RED, BLUE, LIME = (255, 0, 0), (0, 0, 255), (0, 255, 0)


def remade(data):
    return remake(BytesIO(data))


def opened(data):
    return Image.open(BytesIO(data))


def near(pixel, colour, by=40):
    return all(abs(one - other) <= by for one, other in zip(pixel, colour, strict=True))


def refusal(data):
    with pytest.raises(ValidationError) as caught:
        remade(data)
    return caught.value.code


def test_photo_loses_its_place_and_everything_else_that_came_along():
    original = photo((800, 600))
    assert opened(original).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert [secret for secret in SECRETS if secret in original] == [b"Exif", b"secret", b"Secret", b"GPS", b"xmp"]
    picture = remade(original)
    for data in (picture.large, picture.small):
        assert [secret for secret in SECRETS if secret in data] == []
        assert dict(opened(data).getexif()) == {}
        assert set(opened(data).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_drawings_lose_what_came_along_too(kind):
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Secret Photographer"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = written(drawing(mode="RGBA"), kind, exif=exif, icc_profile=profile)
    see_through = Image.new("RGBA", (60, 40), (255, 0, 0, 90))
    for original in (data, written(see_through, kind, exif=exif, icc_profile=profile)):
        picture = remade(original)
        assert [one for one in SECRETS for data in (picture.large, picture.small) if one in data] == []


def test_bytes_behind_the_picture_are_gone():
    for kind in ("PNG", "JPEG", "GIF"):
        picture = remade(written(drawing(), kind) + b"<script>secret()</script>")
        assert b"script" not in picture.large + picture.small


def test_two_sizes():
    picture = remade(photo((3000, 1000)))
    assert (picture.width, picture.height, picture.media_type) == (2000, 667, "image/jpeg")
    assert opened(picture.large).size == (2000, 667)
    assert opened(picture.small).size == (640, 213)


def test_a_small_picture_is_not_blown_up():
    picture = remade(photo((60, 40)))
    assert opened(picture.large).size == opened(picture.small).size == (60, 40)
    line = remade(written(drawing((5000, 1)), "PNG"))
    assert (line.width, line.height) == (2000, 1)


def test_same_picture_is_the_same_bytes():
    for data in (photo((3000, 2000)), written(Image.new("RGBA", (900, 700), (255, 0, 0, 90)), "PNG")):
        assert remade(data) == remade(data)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_upright(orientation):
    """The green corner, top left in what was taken, goes where a viewer of the orientation shows it."""
    image = opened(remade(photo((600, 400), orientation)).large).convert("RGB")
    assert image.size == ((600, 400) if orientation < 5 else (400, 600))
    corners = {
        name: image.getpixel(point)
        for name, point in {
            "top left": (10, 10),
            "top right": (image.width - 10, 10),
            "bottom right": (image.width - 10, image.height - 10),
            "bottom left": (10, image.height - 10),
        }.items()
    }
    places = [
        "top left",
        "top right",
        "bottom right",
        "bottom left",
        "top left",
        "top right",
        "bottom right",
        "bottom left",
    ]
    assert [name for name, pixel in corners.items() if near(pixel, LIME)] == [places[orientation - 1]]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGB", "PNG"), ("P", "PNG"), ("P", "GIF"), ("CMYK", "JPEG"), ("CMYK", "TIFF"), ("RGB", "BMP"), ("RGBA", "PNG")],
)
def test_colours_stay(mode, kind):
    picture = remade(written(drawing((300, 200), mode), kind))
    image = opened(picture.large)
    assert (image.mode, picture.media_type) == ("RGB", "image/jpeg")
    assert near(image.getpixel((90, 150)), RED)
    assert near(image.getpixel((250, 150)), BLUE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "F", "I"])
def test_grey_pictures(mode):
    image = Image.new("L", (60, 40), 255)
    image.paste(0, (0, 0, 30, 40))
    if mode == "I;16":
        image = Image.frombytes("I;16", (60, 40), (b"\x00\x00" * 30 + b"\xff\xff" * 30) * 40)
    kind = "TIFF" if mode in {"F", "I"} else "PNG"
    shown = opened(remade(written(image if mode == "I;16" else image.convert(mode), kind)).large)
    assert near(shown.getpixel((5, 20)), (0, 0, 0))
    assert near(shown.getpixel((50, 20)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_what_shows_through_still_does(kind):
    image = Image.new("RGBA", (60, 40), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 30, 40))
    picture = remade(written(image, kind))
    shown = opened(picture.large)
    assert (picture.media_type, shown.format, shown.mode) == ("image/webp", "WEBP", "RGBA")
    assert (shown.getpixel((5, 20))[3], shown.getpixel((50, 20))[3]) == (0, 255)


def test_colour_profile_is_worked_in():
    """A profile that says other things of the same numbers gives other numbers in sRGB."""
    image = Image.new("RGB", (60, 40), (120, 180, 60))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = opened(remade(written(image, "PNG")).large).getpixel((30, 20))
    for profile in (srgb, lab, b"broken"):  # the same colours, another mode's, none
        shown = opened(remade(written(image, "PNG", icc_profile=profile)).large)
        assert near(shown.getpixel((30, 20)), plain, by=2)


def test_profile_of_other_primaries_changes_the_numbers():
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(int.from_bytes(swapped[128:132], "big")):  # the table of tags: name, place, size
        at = 132 + 12 * index
        names = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
        swapped[at : at + 4] = names.get(bytes(swapped[at : at + 4]), bytes(swapped[at : at + 4]))
    data = written(drawing((300, 200)), "PNG", icc_profile=bytes(swapped))
    shown = opened(remade(data).large)
    assert near(shown.getpixel((90, 150)), BLUE)  # what the file calls red
    assert near(shown.getpixel((250, 150)), RED)


def test_first_picture_of_a_pair_is_taken():
    data = written(drawing(), "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "white")])
    assert opened(data).format == "MPO"
    assert near(opened(remade(data).large).getpixel((50, 30)), BLUE)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_several_frames_are_refused(kind):
    data = written(drawing(), kind, save_all=True, append_images=[Image.new("RGB", (60, 40), "white")])
    assert refusal(data) == "frames"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_half_a_picture_is_refused(kind):
    data = written(Image.effect_noise((200, 200), 80).convert("RGB"), kind)
    assert refusal(data[: len(data) // 2]) == "damaged"
    assert refusal(data[:20]) == "damaged"


def test_other_kinds_of_picture_are_not_even_tried():
    assert refusal(written(drawing(), "ICO")) == "damaged"
    assert refusal(b"not a picture") == "damaged"


@pytest.mark.parametrize("side", [6001, 9600, 20_000])
def test_too_many_pixels_are_refused_before_they_are_unpacked(side):
    data = written(Image.new("1", (side, side)), "PNG")
    assert len(data) < 100_000
    assert refusal(data) == "pixels"
    assert pictures.MOST_PIXELS < pictures.MOST_OF_JPEG < Image.MAX_IMAGE_PIXELS


def test_more_pixels_are_possible_in_a_jpeg():
    assert remade(written(Image.new("L", (7900, 7900)))).width == 2000
    assert refusal(written(Image.new("L", (8001, 8001)))) == "pixels"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_note_beside_the_pixels_does_no_harm():
    data = written(drawing(), exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f")
    assert remade(data).width == 60
