"""The customary words of Chinese lesson plans, in their usual spellings. Data."""

import re
import unicodedata

SECTION_WORDS: dict[str, tuple[str, ...]] = {
    "goals": ("教学目标", "学习目标", "素养目标", "核心素养目标", "教学目的", "三维目标", "课时目标", "目标"),
    "textbook_analysis": ("教材分析", "教材解读", "教材简析", "内容分析", "教学内容分析", "教学内容", "文本解读"),
    "pupil_analysis": ("学情分析", "学生分析", "学习者分析", "学生情况分析", "学情"),
    "key_points": ("教学重点", "学习重点", "重点", "重点难点", "重难点", "教学重难点", "教学重点难点", "学习重难点"),
    "difficult_points": ("教学难点", "学习难点", "难点"),
    "methods": ("教学方法", "教法学法", "教法与学法", "教学策略", "教学方法与手段", "教法", "学法", "学法指导"),
    "preparation": (
        "教学准备", "课前准备", "教学用具", "教具准备", "教具学具", "教具", "教学资源", "准备",
    ),
    "process": (
        "教学过程", "教学流程", "教学环节", "教学步骤", "学习过程", "教学活动", "教学程序", "教学过程设计",
        "教与学的过程",
    ),
    "board": ("板书设计", "板书"),
    "homework": ("作业设计", "作业布置", "课后作业", "分层作业", "作业"),
    "reflection": ("教学反思", "课后反思", "教后反思", "教后记", "教学后记", "反思"),
}  # fmt: skip
BOTH_POINTS = {"重点难点", "重难点", "教学重难点", "教学重点难点", "学习重难点"}

HEADER_WORDS: dict[str, tuple[str, ...]] = {
    "title": ("课题", "教学课题", "课文题目", "课题名称", "题目", "课文"),
    "lesson_type": ("课型", "课的类型"),
    "period": ("课时", "课时安排", "教学课时", "总课时", "课时数", "课时序数"),
    "taught_at": ("授课时间", "上课时间", "教学时间", "授课日期", "日期"),
    "taught_by": (
        "授课人",
        "授课教师",
        "上课教师",
        "执教",
        "执教者",
        "执教人",
        "执教教师",
        "任课教师",
        "教师",
    ),
    "lead_preparer": ("主备人", "主备", "主备教师", "备课人", "备课教师", "设计者", "设计人"),
}
OTHER_LABELS = (
    "年级", "班级", "学科", "科目", "学校", "单位", "教材", "教材版本", "版本", "单元", "章节", "页码", "册次",
    "审核", "审核人", "审阅", "参备人", "参与教师", "使用人", "周次", "序号", "教案序号", "星期", "节次", "人数",
)  # fmt: skip

PROCESS_WORDS: tuple[tuple[str, ...], ...] = (
    ("环节", "教学环节", "教学步骤", "步骤", "流程", "教学流程", "教学过程", "过程", "教学程序"),
    (
        "教师活动",
        "教师行为",
        "教师导学",
        "教师教学活动",
        "教的活动",
        "教学活动",
        "教师",
        "教学内容",
        "教师活动预设",
    ),
    ("学生活动", "学生行为", "学习活动", "学生学习活动", "学的活动", "学生", "学生活动预设"),
    ("设计意图", "意图", "设计说明", "设计理由"),
    ("时间", "时间分钟", "用时", "时长", "时间分配", "分钟"),
)
EMPTY_ON_PAPER = ("复备栏", "二次备课", "复备", "个性化修改", "备注", "修改意见", "教学随笔", "集体备课意见")

NUMBER = re.compile(
    r"^\s*(?:[（(]\s*[一二三四五六七八九十百\d]{1,3}\s*[)）]|第?[一二三四五六七八九十百]{1,3}\s*[、．.，]"
    r"|\d{1,2}\s*[、．.](?!\d)|[①-⑳]|[IVX]{1,4}\s*[、.．])\s*"
)
AROUND = re.compile(r"[\s　【】\[\]〔〕<>《》：:（）()、·/／—\-]+")

_SECTION_OF = {word: key for key, words in SECTION_WORDS.items() for word in words}
_HEADER_OF = {word: key for key, words in HEADER_WORDS.items() for word in words}
_OTHER = set(OTHER_LABELS)
_COLUMN_OF = {word: column for column, words in enumerate(PROCESS_WORDS) for word in words}


def bare(text: str) -> str:
    """A heading or a label without its number and what stands around it."""
    text = unicodedata.normalize("NFC", text)
    return AROUND.sub("", NUMBER.sub("", text))


def without_number(text: str) -> str:
    """A heading as a title: 三、设计理念： is 设计理念."""
    return NUMBER.sub("", text).strip(" 　：:【】〔〕[]")[:40]


def number_style(text: str) -> str:
    """How a line is numbered: 一、 and 三、 are alike, and 1. is another style. "" when it has no number."""
    match = NUMBER.match(text)
    if match is None:
        return ""
    return re.sub(r"[一二三四五六七八九十百]+", "一", re.sub(r"\d+", "1", re.sub(r"\s", "", match.group())))


LESSON = re.compile(r"^\s*第[一二三四五六七八九十\d]{1,3}课时[\s　:：]*")


def section_key(text: str) -> str | None:
    """第一课时 教学过程 is the teaching process, too."""
    return _SECTION_OF.get(bare(text)) or _SECTION_OF.get(bare(LESSON.sub("", text)))


def header_key(text: str) -> str | None:
    return _HEADER_OF.get(bare(text))


def is_label(text: str) -> bool:
    word = bare(text)
    return word in _HEADER_OF or word in _OTHER


LABEL = re.compile(r"[^\W\d_]{2,8}")


def may_be_label(text: str) -> bool:
    """A short word, as labels are: for the other labels of a row that has one we know."""
    return LABEL.fullmatch(bare(text)) is not None and len(text.split("\n")) == 1


def process_column(text: str) -> int | None:
    return _COLUMN_OF.get(bare(re.sub(r"[（(][^）)]*[)）]", "", text)) or bare(text))


def is_empty_on_paper(text: str) -> bool:
    return bare(text) in EMPTY_ON_PAPER
