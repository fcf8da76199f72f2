import { Topics } from "./topics";

export { isTopicFrame, type TopicEvent, type TopicRefusal } from "./protocol";
export type { TopicLine, TopicListener } from "./topics";

/** Those of this page. */
export const pageTopics = new Topics();
