// One key for what the page marks with aria-keyshortcuts: its link is followed.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || typing) {
    return;
  }
  // What lies above the page takes Escape first.
  if (document.querySelector(":popover-open, dialog[open]")) {
    return;
  }
  const wanted = [...document.querySelectorAll("[aria-keyshortcuts]")].find(
    (link) => link.getAttribute("aria-keyshortcuts") === event.key,
  );
  if (wanted) {
    event.preventDefault();
    wanted.click();
  }
});
