"""Template components used on every page: one tag, one thing people see."""

from django import template

register = template.Library()
