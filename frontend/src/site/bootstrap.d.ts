// The two Bootstrap plugins that we load; the package brings no types.
declare module "bootstrap/js/dist/modal" {
  export default class Modal {
    static getOrCreateInstance(element: Element): Modal;
    show(): void;
    hide(): void;
  }
}
declare module "bootstrap/js/dist/offcanvas" {
  export default class Offcanvas {
    static getOrCreateInstance(element: Element): Offcanvas;
    show(): void;
    hide(): void;
  }
}
