"""What a browser calls itself, in words that its owner recognises."""

from django.utils.translation import gettext_noop

# The first that is found counts: many call themselves Chrome and Safari as well.
BROWSERS = (
    ("MicroMessenger/", gettext_noop("微信")),
    ("DingTalk/", gettext_noop("钉钉")),
    ("QQBrowser/", gettext_noop("QQ 浏览器")),
    ("QihooBrowser", gettext_noop("360 浏览器")),
    ("360SE", gettext_noop("360 浏览器")),
    ("HuaweiBrowser/", gettext_noop("华为浏览器")),
    ("MiuiBrowser/", gettext_noop("小米浏览器")),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", gettext_noop("鸿蒙")),
    ("OpenHarmony", gettext_noop("鸿蒙")),
    ("Android", gettext_noop("安卓手机或平板")),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
UNKNOWN = gettext_noop("不认识的浏览器")


def device_of(user_agent: str) -> str:
    """Kept in Chinese as the sources are; a page may translate each half."""
    parts = [_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)]
    return " · ".join(part for part in parts if part) or UNKNOWN


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in table if sign in user_agent), "")
