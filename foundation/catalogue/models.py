"""What is taught: stage → subject → edition → grade and volume → unit (教材目录)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    PRIMARY = "primary", _("小学")
    JUNIOR = "junior", _("初中")
    SPECIAL = "special", _("特殊教育")


class Subject(models.Model):
    name = models.CharField(_("学科"), max_length=32, unique=True)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)

    class Meta:
        verbose_name = verbose_name_plural = _("学科")
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Textbook(models.Model):
    """One printed book: a subject's edition for one grade and volume."""

    class Volume(models.TextChoices):
        FIRST = "first", _("上册")
        SECOND = "second", _("下册")
        WHOLE = "whole", _("全一册")

    stage = models.CharField(_("学段"), max_length=16, choices=Stage)
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="textbooks", verbose_name=_("学科"))
    edition = models.CharField(_("教材版本"), max_length=64)
    grade = models.PositiveSmallIntegerField(_("年级"))
    volume = models.CharField(_("册次"), max_length=8, choices=Volume)

    class Meta:
        verbose_name = verbose_name_plural = _("教材")
        ordering = ["stage", "subject__position", "edition", "grade", "volume"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "subject", "edition", "grade", "volume"], name="textbook_is_listed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} · {self.edition} · {self.book}"

    @property
    def book(self) -> str:
        """三年级上册"""
        numeral = "一二三四五六七八九"[self.grade - 1] if 1 <= self.grade <= 9 else str(self.grade)
        return f"{numeral}年级{self.get_volume_display()}"


class Unit(models.Model):
    textbook = models.ForeignKey(Textbook, models.CASCADE, related_name="units", verbose_name=_("教材"))
    number = models.PositiveSmallIntegerField(_("单元序号"))
    title = models.CharField(_("单元名称"), max_length=128)

    class Meta:
        verbose_name = verbose_name_plural = _("单元")
        ordering = ["textbook", "number"]
        constraints = [
            models.UniqueConstraint(fields=["textbook", "number"], name="unit_number_is_unique_in_book")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
