from collections.abc import Iterable, Iterator

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import User
from foundation.accounts.personal_data import Kind, Row
from foundation.files.models import StoredFile


def _rows(person: User) -> Iterator[Row]:
    for file in _files_of(person):
        yield {"时间": file.uploaded_at, "文件": file.name, "字节": file.blob.size, "编号": file.pk}


def _contents(person: User) -> Iterator[tuple[str, Iterable[bytes]]]:
    for file in _files_of(person):
        kind, _slash, ending = file.blob.media_type.partition("/")
        if kind != "image":
            ending = file.name.rpartition(".")[2][:8]
        yield f"{file.pk}.{ending}", _chunks(file)


def _chunks(file: StoredFile) -> Iterator[bytes]:
    with default_storage.open(file.blob.storage_name) as stream:
        yield from stream.chunks()


def _files_of(person: User) -> Iterable[StoredFile]:
    return StoredFile.objects.filter(uploaded_by=person).select_related("blob").order_by("uploaded_at", "pk")


KINDS = (
    Kind(
        key="files",
        label=_("上传的图片和文件"),
        what=_("你放进教案的图片，你传的 Word 文件，文件名和时间"),
        purpose=_("在教案里显示；按你的模板导出"),
        kept_for=_("和它所在的教案、模板一样久"),
        after_deletion=_("随教案、模板留下，不再有名字"),
        rows=_rows,
        files=_contents,
        models=(StoredFile,),
    ),
)
