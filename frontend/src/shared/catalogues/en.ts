const english: Record<string, string> = {
  "换成备课本色": "Notebook colours",
  "换成黑板色": "Blackboard colours",
  "字号：{now}，换成{next}": "Text size: {now}; change to {next}",
  "标准": "standard",
  "大": "large",
  "特大": "largest",
  "点得太快了，等一分钟再试。": "Too quick. Try again in a minute.",
  "服务器没办成这一步，页面上的内容没有丢。过一会儿再试。":
    "The server could not do this. Nothing on the page is lost; try again in a while.",
  "线断了，这一步没有送到。页面上的内容没有丢，连上后再点一次。":
    "The line is down and this was not sent. Nothing on the page is lost; press again when it is back.",
  "已保存 {time}": "Saved {time}",
  "正在保存…": "Saving…",
  "正在打开…": "Opening…",
  "存在本机，{count} 处没传": "On this device, {count} changes not sent",
  "连上了，正在补传 {count} 处": "Back online, sending {count} changes",
  "没存住，请点这里": "Not saved, press here",
  "只能看": "Read only",
};

export default english;
