/** Django's administration in our colours; its search boxes get the names of their labels. */
import "../styles/admin.scss";

function nameSearchBoxes(): void {
  for (const box of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const field = box.id.replace(/^select2-(.*)-container$/, "$1");
    const label = document.querySelector(`label[for="${field}"]`)?.textContent;
    if (label) box.setAttribute("aria-label", label.trim());
  }
}

// they are made some time after the page has loaded, and again for every added line
new MutationObserver(nameSearchBoxes).observe(document.body, { childList: true, subtree: true });
nameSearchBoxes();
