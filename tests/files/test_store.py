"""What is taken in, what is refused, and that bytes are kept once, whole and without personal data."""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageFile

from foundation.files.errors import FileRefused
from foundation.files.models import Blob, StoredFile
from tests.factories import make_user
from tests.files.pictures import GPS, phone_photograph, picture


def content_of(file: StoredFile) -> bytes:
    with default_storage.open(file.blob.storage_name) as stored:
        return stored.read()


def names_in(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp")],
)
def test_pictures_are_known_by_their_content(send, kind, media_type):
    file = send(picture(kind), name="说是别的.txt")

    assert (file.blob.media_type, file.width, file.height) == (media_type, 8, 6)
    assert file.name == "说是别的.txt"
    assert content_of(file) == picture(kind)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SVG, "PNG、JPEG、GIF 或 WebP"),
        (b"<!doctype html><script>alert(1)</script>", "PNG、JPEG、GIF 或 WebP"),
        (b"%PDF-1.7", "PNG、JPEG、GIF 或 WebP"),
        (picture("BMP"), "PNG、JPEG、GIF 或 WebP"),
        (picture("TIFF"), "PNG、JPEG、GIF 或 WebP"),
        (picture("PNG", (64, 64))[:-30], "不完整"),
        (picture("JPEG", (64, 64))[:-200], "不完整"),
        (b"\x89PNG\r\n\x1a\n", "放不进来"),
        (b"", "空的"),
    ],
    ids=["svg", "html", "pdf", "bmp", "tiff", "cut png", "cut jpeg", "png head only", "empty"],
)
def test_what_is_no_whole_picture_is_refused_and_leaves_nothing(send, folder, content, words):
    with pytest.raises(FileRefused, match=words):
        send(content, name="图片.png")

    assert not StoredFile.objects.exists()
    assert not Blob.objects.exists()
    assert names_in(folder) == []


def test_too_many_bytes_are_refused_in_megabytes(send, settings, folder):
    settings.IMAGE_MAX_BYTES = 1024**2

    with pytest.raises(FileRefused, match=r"图片有 1\.5 MB，最大 1 MB"):
        send(b"x" * (1024**2 * 3 // 2))
    assert names_in(folder) == []


def test_a_small_file_that_unpacks_to_many_pixels_is_refused(send, settings):
    settings.IMAGE_MAX_PIXELS = 1_000_000
    bomb = picture("PNG", (2000, 2000))
    assert len(bomb) < 20_000

    with pytest.raises(FileRefused, match="图片超过 100 万像素"):
        send(bomb)


@pytest.mark.parametrize("moving", [False, True])
def test_what_would_unpack_to_too_much_is_refused_before_it_is_unpacked(send, monkeypatch, moving):
    """A few kilobytes that say 60,000 x 60,000 pixels, or a moving picture of many large frames."""
    bomb = moving_picture((1000, 1000), 41) if moving else vast_png(60_000)
    assert len(bomb) < 100_000
    unpacked = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", unpacked.append)

    with pytest.raises(FileRefused, match="万像素"):
        send(bomb)
    assert unpacked == []


def moving_picture(size: tuple[int, int], frames: int) -> bytes:
    others = [Image.new("RGB", size, (number, 0, 0)) for number in range(1, frames)]
    return picture("GIF", size, save_all=True, append_images=others)


def vast_png(side: int) -> bytes:
    """A PNG of one colour that says it has so many pixels; its data stop after the first lines."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1_000_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def test_a_picture_beyond_what_pillow_opens_is_refused_in_the_same_words(send, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)

    with pytest.raises(FileRefused, match="万像素"):
        send(picture("PNG", (200, 200)))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_where_a_photograph_was_taken_is_not_kept_and_it_stands_upright(send, kind):
    assert b"PhoneMaker" in phone_photograph(kind)

    file = send(phone_photograph(kind))

    stored = content_of(file)
    assert b"PhoneMaker" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert not image.getexif()
        assert GPS not in image.getexif()
        assert image.size == (file.width, file.height) == (6, 8)


@pytest.mark.parametrize("options", [{"comment": b"in my house"}, {"xmp": b"<x>in my house</x>"}])
def test_other_places_for_personal_data_are_emptied_too(send, options):
    photograph = picture("JPEG", **options)
    assert b"in my house" in photograph

    assert b"in my house" not in content_of(send(photograph))


def test_the_colour_profile_stays(send):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"

    with Image.open(io.BytesIO(content_of(send(picture("JPEG", exif=exif, icc_profile=profile))))) as image:
        assert image.info["icc_profile"] == profile


def test_a_moving_picture_keeps_moving(send):
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, format="GIF", save_all=True, append_images=frames[1:])

    with Image.open(io.BytesIO(content_of(send(out.getvalue())))) as image:
        assert image.n_frames == 3  # type: ignore[attr-defined]


def test_the_same_bytes_are_stored_once_whoever_sends_them(send, folder):
    first, second = send(), send(name="另一张.png", actor=make_user())

    assert first.pk != second.pk
    assert first.blob == second.blob
    assert Blob.objects.count() == 1
    assert names_in(folder) == [first.blob.sha256]


def test_bytes_that_went_missing_come_back_with_the_next_upload(send, folder):
    file = send()
    default_storage.delete(file.blob.storage_name)

    send()

    assert content_of(file) == picture()


def test_many_at_once_leave_one_whole_file(folder):
    content = picture("PNG", (256, 256))

    with ThreadPoolExecutor(8) as pool:
        names = set(
            pool.map(lambda _: default_storage.save("blobs/aa/aa11", ContentFile(content)), range(32))
        )

    assert names == {"blobs/aa/aa11"}
    assert names_in(folder) == ["aa11"]
    assert (folder / "blobs/aa/aa11").read_bytes() == content


def test_a_write_that_breaks_off_leaves_no_file(folder):
    class BreaksOff(ContentFile):
        def chunks(self, chunk_size=None):
            yield b"half"
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        default_storage.save("blobs/aa/aa11", BreaksOff(b"half of it"))
    assert names_in(folder) == []
