"""An invented plan to look at a form with, and the form that is given as an example."""

from foundation.office.docx.writing import Look, TableLook, write
from lessons.content import ids_of, paragraph, plan_content, table
from lessons.document import Node
from lessons.standard_templates import form as standard_form
from lessons.word_out.form import NOTES, PROCESS_WITH_NOTES
from lessons.word_out.placeholders import COLUMNS, PROCESS, REST, Facts

FACTS = Facts(
    subject="数学",
    grade="三年级",
    volume="上册",
    edition="人教版",
    unit="第8单元 分数的初步认识",
    school="示例小学",
    county="示例县",
    owner="示例老师",
    day="2026-09-01",
)
HEADER = {
    "title": "认识几分之一（示例）",
    "lesson_type": "新授",
    "period": "第 1 课时",
    "taught_at": "9 月 1 日",
    "taught_by": "示例老师",
    "lead_preparer": "示例老师",
}
SECTIONS = {
    "goals": [
        {"kind": "ordered", "text": "会读、会写几分之一。"},
        {"kind": "ordered", "text": "能用图形说明**平均分**。"},
    ],
    "key_points": ["认识几分之一。"],
    "difficult_points": ["理解“平均分”是前提。"],
    "process": [
        {
            "process": [
                {
                    "step": "导入新课",
                    "teacher": "出示一块月饼。",
                    "pupils": "说怎样分才公平。",
                    "intent": "从生活引入",
                    "minutes": 5,
                },
                {
                    "step": "新课教学",
                    "teacher": ["折一折", {"kind": "bullet", "text": "对折一次"}],
                    "pupils": "动手折",
                    "intent": "操作中理解",
                    "minutes": 20,
                },
            ]
        }
    ],
    "board": ["认识几分之一", "1/2　1/3　1/4"],
    "homework": [{"kind": "bullet", "text": "画一个长方形，涂出它的五分之一。"}],
}


def content() -> Node:
    return plan_content(standard_form("core"), header=HEADER, sections=SECTIONS, new_id=ids_of("sample"))


def example_form() -> bytes:
    """A form to start from: change its looks in Word, and leave what stands in {{ }}."""
    head = (("课题", "课型"), ("学科", "年级"), ("课时", "主备人"))
    process = (
        (*COLUMNS, NOTES),
        (f"{{%tr for 行 in {PROCESS} %}}", "", "", "", "", ""),
        (*(f"{{{{行.{name}}}}}" for name in COLUMNS), ""),
        ("{%tr endfor %}", "", "", "", "", ""),
    )
    nodes = [
        _line("{{学校}}教案", kind="title"),
        table(_no_ids, [[text for name in names for text in (name, f"{{{{{name}}}}}")] for names in head]),
        *_named("教学目标", "教学重点", "教学难点", "教学准备"),
        _line("教学过程", kind="heading"),
        table(_no_ids, [list(row) for row in process], kind="process"),
        *_named("板书设计", "作业设计"),
        _line("{%p if 学情分析 %}"),
        *_named("学情分析"),
        _line("{%p endif %}"),
        _line(f"{{{{{REST}}}}}"),
    ]
    return write(nodes, look=Look(title="教案模板示例", tables={"process": PROCESS_WITH_NOTES_COLUMN}))


PROCESS_WITH_NOTES_COLUMN = TableLook(shares=PROCESS_WITH_NOTES.shares)


def _named(*titles: str) -> list[Node]:
    return [line for title in titles for line in (_line(title, kind="heading"), _line(f"{{{{{title}}}}}"))]


def _line(text: str, kind: str = "body") -> Node:
    return paragraph(_no_ids, text, kind=kind)


def _no_ids() -> str:
    return ""
