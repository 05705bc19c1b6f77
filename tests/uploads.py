"""Files as people upload them, made on the spot."""

import zipfile
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image, ImageDraw

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def upload(data, name="something"):
    """Return `data` as an upload whose name and declared type tell lies."""
    return SimpleUploadedFile(name, data, content_type="image/svg+xml")


def drawing(size=(60, 40), mode="RGB"):
    """Return a picture that is red at the left, blue at the right and has a green top left corner."""
    image = Image.new("RGB", size, "red")
    draw = ImageDraw.Draw(image)
    draw.rectangle((size[0] // 2, 0, *size), fill="blue")
    draw.rectangle((0, 0, size[0] // 6, size[1] // 4), fill="lime")
    return image.convert(mode)


def written(image, kind="JPEG", **options):
    data = BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def photo(size=(60, 40), orientation=1):
    """Return the JPEG of a telephone: with where it was taken, by whom, what with, and a comment."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = "Secret Photographer"
    exif[ExifTags.Base.Make] = "Secret Telephone"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (60.0, 58.0, 59.0)}
    )
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><GPSLatitude>secret</GPSLatitude></x:xmpmeta>"
    return written(drawing(size), exif=exif, comment=b"Secret comment", xmp=xmp, quality=95)


def archive(members):
    """Return a ZIP archive; `members` maps names to contents, in order."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(name), content)  # without the time: the same bytes in every process
    return data.getvalue()


def ooxml(kind, **more):
    """Return an office file: `kind` is `wordprocessingml.document`, say."""
    part = f'<Override PartName="/main.xml" ContentType="{OOXML}{kind}.main+xml"/>'
    return archive({"[Content_Types].xml": f"<Types>{part}</Types>", "main.xml": "<main/>"} | more)


def odf(kind, **more):
    return archive({"mimetype": ODF + kind, "content.xml": "<office/>"} | more)
