const korean: Record<string, string> = {
  "已保存": "저장됨",
  "正在保存…": "저장 중…",
  "只能看": "읽기 전용",
};
export default korean;
