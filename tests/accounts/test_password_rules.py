"""Passwords: long enough, not what everyone tries first, nothing about the person. Nothing else is asked."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from foundation.accounts.models import User

PERSON = User(username="13904310017", name="金明淑", email="jinmingshu@example.org")


@pytest.mark.parametrize(
    "password",
    [
        "春天的松花江边很美丽",
        "correct horse battery",
        "wo ai beike songhuajiang",
        "aaaabbbbcccd",
        "7391846205173",
    ],
)
def test_length_is_enough(password):
    validate_password(password, PERSON)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "至少 10 个字，现在是 0 个"),
        ("Ab1!xyz", "至少 10 个字，现在是 7 个"),
        ("1234567890", "一猜就中"),
        ("9876543210", "一猜就中"),
        ("abcdefghij", "一猜就中"),
        ("aaaaaaaaaaaa", "一猜就中"),
        ("1212121212", "一猜就中"),
        ("password123", "一猜就中"),
        ("Password123!", "一猜就中"),
        ("woaini1314520", "一猜就中"),
        ("WoAiNi_1314520", "一猜就中"),
        ("laoshi20202020", "一猜就中"),
        ("13800138000", "一猜就中"),
        ("220102199001011234", "一猜就中"),
        ("19900101199", "一猜就中"),
        ("13904310017", "一猜就中"),
        ("13904310017a", "自己的手机号"),
        ("jinmingshu1", "自己的手机号"),
        ("金明淑老师2026年", "自己的手机号"),
    ],
)
def test_what_is_refused_says_why(password, why):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, PERSON)

    assert why in refusal.value.messages[0] + refusal.value.messages[-1]


def test_a_long_sentence_may_contain_ones_name():
    validate_password("金明淑今天骑车去松岭小学上课", PERSON)
