import { describe, expect, it } from "vitest";
import { htmlPictures } from "../../src/editor/images/picture-paste";
import { cleanHtml } from "../../src/editor/paste/clean";
import { readPlainText } from "../../src/editor/paste/paste";
import { caretAfter, line, lines, makeEditor, section } from "./make-editor";

function paste(html: string) {
  const editor = makeEditor(section("goals", line("前")));
  caretAfter(editor, "前");
  editor.view.pasteHTML(html, new Event("paste") as ClipboardEvent);
  return editor;
}

const WORD = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{color:red}</style></head><body>
<!--StartFragment--><h1 style="font-size:22pt">教学目标</h1>
<p class="MsoListParagraph" style="margin-left:21pt;mso-list:l0 level1 lfo1"><!--[if !supportLists]--><span style="mso-list:Ignore">1.<span style="font:7.0pt">&nbsp;&nbsp; </span></span><!--[endif]--><span style="font-family:宋体;color:red">认字</span></p>
<p class="MsoListParagraph" style="mso-list:l0 level2 lfo1"><span style="mso-list:Ignore">l<span>&nbsp;</span></span><b>写字</b><o:p></o:p></p>
<table class="MsoTable" style="width:400px"><tr><td colspan="2" style="background:yellow"><p class="MsoNormal">合并</p></td></tr><tr><td><p>甲</p></td><td><p>乙</p></td></tr></table>
<p class="MsoNormal" align="center">居<span style="vertical-align:super">上</span></p><script>alert(1)</script><!--EndFragment--></body></html>`;

describe("pasting from Word", () => {
  it("turns lists, headings and tables into ours and drops the styles", () => {
    const editor = paste(WORD);
    expect(lines(editor)).toEqual([
      "body 0 前",
      "heading 0 教学目标",
      "ordered 0 认字",
      "bullet 1 写字",
      "body 0 合并",
      "body 0 甲",
      "body 0 乙",
      "body 0 居上",
    ]);
    expect(editor.getHTML()).not.toMatch(/color|font|Mso|script|yellow/);
  });

  it("keeps merged cells, bold, superscript and alignment", () => {
    const html = paste(WORD).getHTML();
    expect(html).toContain('colspan="2"');
    expect(html).toContain("<strong>写字</strong>");
    expect(html).toContain("<sup>上</sup>");
    expect(html).toContain("text-align: center");
  });
});

describe("pasting from a web page", () => {
  it("flattens lists within lists and keeps the words of every item", () => {
    const editor = paste("<ul><li>一<ol><li>二</li><li><p>三</p><p>四</p></li></ol></li><li>五</li></ul>");
    expect(lines(editor).slice(1)).toEqual(["bullet 0 一", "ordered 1 二", "ordered 1 三", "ordered 1 四", "bullet 0 五"]);
  });

  it("takes tasks with their ticks", () => {
    const html = cleanHtml('<ul><li><input type="checkbox" checked> 做完</li><li><input type="checkbox"> 没做</li></ul>');
    const editor = paste(html);
    expect(lines(editor).slice(-2)).toEqual(["task 0 做完", "task 0 没做"]);
    expect(editor.state.doc.firstChild!.child(editor.state.doc.firstChild!.childCount - 2).attrs.checked).toBe(true);
  });

  it("keeps only links that lead somewhere safe", () => {
    const html = paste('<p><a href="javascript:alert(1)">坏</a><a href="https://example.org/a">好</a></p>').getHTML();
    expect(html).not.toContain("javascript");
    expect(html).toContain('href="https://example.org/a"');
  });

  it("makes lines of a table within a table", () => {
    const editor = paste("<table><tr><td>外<table><tr><td>内一</td><td>内二</td></tr></table></td></tr></table>");
    expect(editor.state.doc.textContent).toContain("内一　内二");
    expect(editor.getHTML().match(/<table/g)).toHaveLength(1);
  });

  it("takes no picture from elsewhere, and says how many are missing", () => {
    const html = '<p>文<img src="https://tracker.example/x.gif"><img src="data:image/png;base64,iVBORw0KGgo="></p>';
    expect(paste(html).getHTML()).not.toContain("<img");
    const found = htmlPictures(html);
    expect(found.missing).toBe(1);
    expect(found.files.map((file) => file.type)).toEqual(["image/png"]);
  });

  it("does not take everything for bold that a wrapper calls not bold", () => {
    expect(paste('<b style="font-weight:normal"><p>正文</p></b>').getHTML()).not.toContain("<strong>");
  });
});

describe("pasting a list", () => {
  it("into an empty line makes the line the first item", () => {
    const editor = makeEditor(section("goals", line("")));
    editor.commands.setTextSelection(2);
    editor.view.pasteHTML("<ol><li>一</li></ol>", new Event("paste") as ClipboardEvent);
    expect(lines(editor)[0]).toBe("ordered 0 一");
  });
});

describe("pasting our own", () => {
  it("puts the content of a section into the section, not a section into it", () => {
    const source = makeEditor(section("goals", line("目标一")), section("methods", line("方法一")));
    source.commands.selectAll();
    const { dom } = source.view.serializeForClipboard(source.state.selection.content());
    const editor = paste(dom.innerHTML);
    expect(editor.state.doc.childCount).toBe(1);
    expect(editor.state.doc.textContent).toContain("目标一");
    expect(editor.state.doc.textContent).toContain("方法一");
  });
});

describe("pasting plain text", () => {
  const { schema } = makeEditor(section("goals", line("")));

  it("makes a paragraph of every line", () => {
    const slice = readPlainText("一\r\n二\n", schema);
    expect(slice.content.childCount).toBe(2);
  });

  it("makes a table of what a spreadsheet copies", () => {
    const slice = readPlainText("甲\t乙\n丙\t丁\n", schema);
    expect(slice.content.firstChild?.type.name).toBe("table");
    expect(slice.content.firstChild?.textContent).toBe("甲乙丙丁");
  });
});
