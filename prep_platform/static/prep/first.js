/* Runs before the first paint, so that a page never flashes in the wrong colours or size.
   The same two keys are written by frontend/src/shared/theme.ts and text-size.ts. */
(function () {
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
    var size = localStorage.getItem("text-size");
    if (size === "large" || size === "largest") root.setAttribute("data-text-size", size);
  } catch (refused) { /* storage is closed: the system's colours and the standard size */ }
  root.className += " js";
})();
