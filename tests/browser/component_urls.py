"""The platform's addresses and, for tests only, one page that shows every component in every state."""

from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from prep_platform import urls

SHEET = Path(__file__).parent / "component_sheet.html"
SHORT = [
    ("导入", 5),
    ("初读", 10),
    {"name": "品读春夏", "minutes": 14, "now": True},
    ("练习", 6),
    ("小结", 3),
]
OVER = [("导入", 8), ("新课教学", 25), ("练习", 12)]


class ExampleForm(forms.Form):
    title = forms.CharField(label="课题", help_text="按课本写", initial="美丽的小兴安岭", required=False)
    minutes = forms.IntegerField(
        label="分钟", max_value=40, error_messages={"max_value": "一节课 40 分钟，请改小"}
    )
    grade = forms.ChoiceField(label="年级", choices=[("3", "三年级"), ("4", "四年级")])
    fits = forms.BooleanField(label="A4 可印", required=False)


def component_sheet(request: HttpRequest) -> HttpResponse:
    context = {
        "form": ExampleForm({"title": "美丽的小兴安岭", "minutes": "400", "grade": "3"}),
        "person": SimpleNamespace(name="李老师", initial="李", colour=2),
        "short": SHORT,
        "over": OVER,
        "page": Paginator(range(60), 20).page(2),
    }
    return HttpResponse(engines["django"].from_string(SHEET.read_text()).render(context, request))


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a page that breaks")


urlpatterns = [*urls.urlpatterns, path("components/", component_sheet), path("broken/", broken)]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)
