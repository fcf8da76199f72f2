import { PlanImage } from "../nodes/image";
import { PictureView } from "./picture-view";

/** The picture node as the editor shows it. */
export const EditableImage = PlanImage.extend({
  addNodeView() {
    return (props) => new PictureView(props, this.options.fileUrl);
  },
});
