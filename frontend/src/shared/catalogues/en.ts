const english: Record<string, string> = {
  "已保存": "Saved",
  "正在保存…": "Saving…",
  "只能看": "Read only",
};
export default english;
