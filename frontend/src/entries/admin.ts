/** Django's administration in our colours; its search boxes get the names of their labels. */
import "../styles/admin.scss";

window.addEventListener("load", () => {
  for (const box of document.querySelectorAll(".select2-selection__rendered")) {
    const field = box.id.replace(/^select2-(.*)-container$/, "$1");
    const label = document.querySelector(`label[for="${field}"]`)?.textContent;
    if (label) box.setAttribute("aria-label", label.trim());
  }
});
