// Times to choose from: the arrow keys go through them. The best times inside the meeting form
// are closed again by Escape or their button.
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

function goAlong(event) {
  const step = STEPS[event.key];
  const here = event.target.closest(".offer, #found-heading");
  if (!step || !here) {
    return;
  }
  const all = [...here.closest("section").querySelectorAll(".offer")];
  const next = all[all.indexOf(here) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

function close(found) {
  const closed = found.querySelector("[data-closed]").content.firstElementChild.cloneNode(true);
  found.replaceWith(closed);
  window.htmx.process(closed);
  closed.querySelector("button").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) {
    return;
  }
  goAlong(event);
  const found = event.target.closest(".found");
  if (event.key === "Escape" && found) {
    event.preventDefault();
    close(found);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-close]");
  if (button) {
    close(button.closest(".found"));
  }
});
